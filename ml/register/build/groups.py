"""The groups that the audit compares: how each reads, in the cohort contract's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import duckdb

from ml.register.build.source import OPTIONAL
from ml.register.pseudonymise.attributes import EU
from ml.register.schema import TABLES, Words

SUPPRESSED = Words("suppressed", "peitetty", "dold")


@dataclass(frozen=True)
class Attribute:
    """One protected attribute of the cohort. Without `groups` the data tells which there are.

    groups  each group by its name, which is its English word
    """

    name: str
    words: Words
    groups: tuple[Words, ...] = ()
    reference: str | None = None


ATTRIBUTES = (
    Attribute(
        "age",
        Words("Age at the look", "Ikä tarkasteluhetkellä", "Ålder vid tidpunkten"),
        (
            Words("under 25", "alle 25-vuotiaat", "under 25 år"),
            Words("25–29", "25–29-vuotiaat", "25–29 år"),
            Words("30–49", "30–49-vuotiaat", "30–49 år"),
            Words("50 and over", "vähintään 50-vuotiaat", "minst 50 år"),
            SUPPRESSED,
        ),
        "30–49",
    ),
    Attribute(
        "gender",
        TABLES["jobseekers"]["gender"].words,
        (Words("men", "miehet", "män"), Words("women", "naiset", "kvinnor"), SUPPRESSED),
        "men",
    ),
    Attribute(
        "mother_tongue_group",
        Words("Mother tongue", "Äidinkieli", "Modersmål"),
        (
            Words("Finnish", "suomi", "finska"),
            Words("Swedish", "ruotsi", "svenska"),
            Words("foreign", "muu kieli", "annat språk"),
            SUPPRESSED,
        ),
        "Finnish",
    ),
    Attribute(
        "citizenship_group",
        Words("Citizenship", "Kansalaisuus", "Medborgarskap"),
        (
            Words("Finnish", "Suomi", "Finland"),
            Words("EU", "muu EU-maa", "annat EU-land"),
            Words("other", "muu maa", "annat land"),
            SUPPRESSED,
        ),
        "Finnish",
    ),
    Attribute(
        "origin",
        Words("Origin", "Alkuperä", "Ursprung"),
        (
            Words("no arrival recorded", "maahantuloa ei ole kirjattu", "ingen ankomst antecknad"),
            Words("arrived in Finland", "muuttanut Suomeen", "flyttat till Finland"),
            SUPPRESSED,
        ),
        "no arrival recorded",
    ),
    Attribute("district", Words("Major district", "Suurpiiri", "Stordistrikt")),
    Attribute(
        OPTIONAL,
        TABLES["jobseekers"][OPTIONAL].words,
        (
            Words("not limited", "ei rajoitetta", "ingen begränsning"),
            Words("limited", "työkyky rajoittunut", "nedsatt arbetsförmåga"),
            SUPPRESSED,
        ),
        "not limited",
    ),
)


def attributes(special: bool) -> Sequence[Attribute]:
    """Return the protected attributes of a cohort, the special category among them only when it was delivered."""
    return [attribute for attribute in ATTRIBUTES if special or attribute.name != OPTIONAL]


def compute_groups(db: duckdb.DuckDBPyConnection, extract_as_of: date) -> None:
    """Make the table `groups` from `looks` and `protected`: one row a look. Ages are as at the extract's day."""
    db.execute(
        files(__package__).joinpath("groups.sql").read_text(encoding="utf-8"),
        {"age_at": extract_as_of, "eu": sorted(EU)},
    )
