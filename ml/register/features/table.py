"""The page of features: a Markdown table made from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ml.contracts import ColumnType
from ml.register.features.catalogue import FEATURES, FOUND, PACE, REASONS
from ml.register.features.catalogue.abilitator import ABILITATOR, SELF_ASSESSMENT
from ml.register.features.feature import Feature

PAGE = Path(__file__).parent / "FEATURES.md"
HEADER = ("feature", "English", "suomi", "svenska", "type", "missing", "kind", "reason", "made from", "why")


def feature_table(features: Sequence[Feature] = FEATURES) -> str:
    """Return the features as a Markdown table, one row each, in the order of the cohort."""
    lines = (HEADER, tuple("---" for _ in HEADER), *map(_row, features))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def reason_table() -> str:
    """Return the reasons as a Markdown table, one row each."""
    header = ("reason", "English", "suomi", "svenska")
    rows = ((f"`{name}`", words.en, words.fi, words.sv) for name, words in REASONS.items())
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, tuple("---" for _ in header), *rows)) + "\n"


def feature_page() -> str:
    """Return the page of features."""
    return (
        "<!-- Made by `make pages` from ml/register/features/catalogue; a test compares. Do not edit. -->\n\n"
        "# Features of the risk model\n\n"
        "What was known of a jobseeker on the day of a look. Nothing entered after that day is read; a window of years "
        "ends the day before it. No protected attribute is among them.\n\n"
        + feature_table()
        + "\n## Reasons\n\nWhat features tell together is summed, and people are told of the sum.\n\n"
        + reason_table()
        + "\n## The times\n\nThe same for everybody who is looked at in a month; made from what had ended three "
        "whole months before it (`ml/register/build/pace.sql`). No model learns from it; chances are raised to a power "
        "with it.\n\n"
        + feature_table((PACE,))
        + "\n## Self-ratings (Abilitator)\n\n"
        "For the model of service needs alone, which has all the features above besides; they are there where the "
        "extract was pseudonymised with a legal basis for each column. Told together as: "
        f"{SELF_ASSESSMENT.en}; {SELF_ASSESSMENT.fi}; {SELF_ASSESSMENT.sv}.\n\n" + feature_table(ABILITATOR)
        + "\n## What was found elsewhere\n\n" + "\n".join(f"* {each}" for each in FOUND) + "\n"
    )  # fmt: skip


def _row(feature: Feature) -> tuple[str, ...]:
    words = feature.words
    return (
        f"`{feature.name}`",
        words.en,
        words.fi,
        words.sv,
        _type(feature),
        "allowed" if feature.missing else "no",
        feature.kind.value.replace("_", " "),
        "" if feature.reason is None else f"`{feature.reason}`",
        ", ".join(f"`{source}`" for source in feature.sources),
        feature.why,
    )


def _type(feature: Feature) -> str:
    if feature.type is ColumnType.CATEGORY and feature.values:
        return "category: " + ", ".join(words.en for words in feature.values.values())
    return feature.type.value


if __name__ == "__main__":
    PAGE.write_text(feature_page(), encoding="utf-8")
