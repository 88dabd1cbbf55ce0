"""Features of self-rated functioning (Abilitator): a special category, for service needs alone.

Useful only when repeated (domain 2): both the latest rating and the change are missing without an earlier one. How
people rate their health is not among them.
"""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.feature import Feature
from ml.register.schema import TABLES, Words

RATED = {  # why a service need is told by it: what the service entities are for (appendix 2)
    "work_ability": "limits to work ability call for rehabilitative services",
    "daily_life": "a hard life situation calls for rehabilitative services",
    "inclusion": "being left out calls for long personal guidance",
    "skills": "a lack of skills calls for guidance or training",
}
SPECIAL = "a special category, so only on a legal basis"
CHANGE = Words("change since the rating before", "muutos edellisestä arviosta", "förändring sedan föregående skattning")
SELF_RATED = Words("self-rating", "itsearvio", "självskattning")
LARGEST_CHANGE = 10
SELF_ASSESSMENT = Words("Self-rated functioning", "Oma arvio toimintakyvystä", "Egen skattning av funktionsförmågan")


def _pair(name: str, need: str) -> tuple[Feature, Feature]:
    """Return the latest rating of one side of life, and how it changed."""
    words = TABLES["abilitator"][name].words
    sources = (f"abilitator.{name}", "abilitator.date")

    def told(what: Words) -> Words:
        return Words(f"{words.en}, {what.en}", f"{words.fi}, {what.fi}", f"{words.sv}, {what.sv}")

    rating = Feature(
        f"{name}_rating",
        ColumnType.NUMBER,
        Kind.SERVICE_CAN_CHANGE,
        told(SELF_RATED),
        sources,
        f"{need}; {SPECIAL}; latest of two or more in five years",
        missing=True,
        reason="self_assessment",
    )
    change = Feature(
        f"{name}_change",
        ColumnType.NUMBER,
        Kind.SERVICE_CAN_CHANGE,
        told(CHANGE),
        sources,
        f"{need}, more so when it gets worse; {SPECIAL}; missing without two",
        missing=True,
        reason="self_assessment",
        minimum=-LARGEST_CHANGE,
    )
    return rating, change


ABILITATOR = tuple(feature for name, need in RATED.items() for feature in _pair(name, need))
