"""What is predicted, in the words of each language."""

from __future__ import annotations

from collections.abc import Mapping

from ml.contracts import Outcome

from .facts import Predicted
from .words import LANGUAGES, Words

YEAR = (365, "day")


def unemployment(outcome: Outcome) -> Mapping[str, Predicted]:
    """Return the words for "still unemployed at the main horizon" by language."""
    return {language: _unemployment(Words(language), *outcome.span(outcome.horizon)) for language in LANGUAGES}


def any_outcome() -> Mapping[str, Predicted]:
    """Return words that fit whatever a file names as its outcome, by language."""
    made = {}
    for language in LANGUAGES:
        words = Words(language)
        made[language] = Predicted(*(words.text(f"outcome.any_{key}") for key in ("what", "came", "did_not")))
    return made


def _unemployment(words: Words, number: float, unit: str) -> Predicted:
    if (number, unit) == YEAR:
        number, unit = 12, "month"  # long-term unemployment is of 12 months, not of 365 days
    span = words.counted(f"unit.{unit}", number)
    return Predicted(*(words.text(f"outcome.unemployed_{key}", span=span) for key in ("what", "came", "did_not")))
