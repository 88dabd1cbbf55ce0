"""Features of self-rated functioning (Abilitator): a special category, for service needs alone.

Useful only when repeated (domain 2): both the latest rating and the change are missing without an earlier one. How
people rate their health is not among them.
"""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.feature import Feature
from ml.register.schema import TABLES, Words

RATED = ("work_ability", "daily_life", "inclusion", "skills")
CHANGE = Words("change since the rating before", "muutos edellisestä arviosta", "förändring sedan föregående skattning")
SELF_RATED = Words("self-rating", "itsearvio", "självskattning")
LARGEST_CHANGE = 10
SELF_ASSESSMENT = Words("Self-rated functioning", "Oma arvio toimintakyvystä", "Egen skattning av funktionsförmågan")


def _pair(name: str) -> tuple[Feature, Feature]:
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
        "the latest of two or more in five years, 0 to 10; missing without",
        missing=True,
        reason="self_assessment",
    )
    change = Feature(
        f"{name}_change",
        ColumnType.NUMBER,
        Kind.SERVICE_CAN_CHANGE,
        told(CHANGE),
        sources,
        "which way things go tells more than one rating does; missing without an earlier rating",
        missing=True,
        reason="self_assessment",
        minimum=-LARGEST_CHANGE,
    )
    return rating, change


ABILITATOR = tuple(feature for name in RATED for feature in _pair(name))
