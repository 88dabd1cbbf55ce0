"""What register data is used for: each purpose with its legal basis, apart from every other (report 4.2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from ml.register.schema.column import Words


@dataclass(frozen=True)
class Purpose:
    """One purpose of processing. Pseudonyms of two purposes cannot be joined.

    retention_months  how long its pseudonymised data may be kept
    """

    name: str
    words: Words
    legal_basis: str
    retention_months: int


LTU_RISK = Purpose(
    "ltu-risk",
    Words(
        "Training, auditing and advising with the model of the risk of long-term unemployment",
        "Pitkäaikaistyöttömyyden riskiä arvioivan mallin opettaminen, tarkastaminen ja vihjeiden antaminen",
        "Träning och granskning av modellen för risken för långtidsarbetslöshet samt tips utifrån den",
    ),
    "GDPR 6(1)(e); Data Protection Act 1050/2018 § 4; Act on Organising Employment Services 380/2023. "
    "Advice on one person: that person's consent (report 4.2.1)",
    24,
)
SERVICE_NEED = Purpose(
    "service-need",
    Words(
        "Training, auditing and advising with the model of service needs",
        "Palvelutarvetta arvioivan mallin opettaminen, tarkastaminen ja vihjeiden antaminen",
        "Träning och granskning av modellen för servicebehov samt tips utifrån den",
    ),
    "GDPR 6(1)(e); Data Protection Act 1050/2018 § 4; Act on Organising Employment Services 380/2023. "
    "Advice on one person: that person's consent (report 4.2.1)",
    24,
)
PLANNING = Purpose(
    "planning",
    Words(
        "Counts and shares for planning services, tied back to nobody",
        "Palvelujen suunnittelussa käytettävät lukumäärät ja osuudet, joita ei yhdistetä henkilöihin",
        "Antal och andelar för planering av service, som inte kopplas till någon person",
    ),
    "GDPR 6(1)(e) and 89(1); Data Protection Act 1050/2018 § 4",
    60,
)
PURPOSES = {purpose.name: purpose for purpose in (LTU_RISK, SERVICE_NEED, PLANNING)}
AUDIT_BASIS = (
    "Non-Discrimination Act 1325/2014 § 5 and Act on Equality between Women and Men 609/1986 § 4: "
    "the authority assesses how its work treats people"
)
