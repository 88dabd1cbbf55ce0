"""Where profiling rests on law and not on consent, the public description of each model names that law."""

from __future__ import annotations

import re

from ml.errors import GateError
from ml.governance.registry import Approved

CONSENT = "consent"
LAW = re.compile(r"[0-9]+/[0-9]+")  # as every law and regulation is numbered: 380/2023, 2016/679
LANGUAGES = ("fi", "sv", "en")


def require_named(basis: str, approved: Approved) -> None:
    """Raise GateError unless what profiling rests on here stands in the description that jobseekers read.

    basis  "consent", which the service itself asks for, or a law as its description has it: "380/2023"
    """
    if basis == CONSENT:
        return
    law = LAW.search(basis)
    told = approved.card["people"]["data"]["legal_basis"]
    for language in LANGUAGES:
        if law is None or law[0] not in LAW.findall(told.get(language) or ""):
            raise GateError(
                f'APUALY_PROFILING_BASIS is "{basis}", and the public description of {approved.name} version '
                f"{approved.version} does not name it ({language}): name it as the legal basis in the card and have it "
                "reviewed, or leave the setting out, so that profiling needs consent"
            )
