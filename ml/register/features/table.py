"""The page of features: a Markdown table made from the catalogue."""

from __future__ import annotations

from ml.contracts import ColumnType
from ml.register.features.catalogue import FEATURES
from ml.register.features.feature import Feature

HEADER = ("feature", "English", "suomi", "svenska", "type", "missing", "kind", "made from", "why")


def feature_table() -> str:
    """Return the features as a Markdown table, one row each, in the order of the cohort."""
    lines = (HEADER, tuple("---" for _ in HEADER), *map(_row, FEATURES))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


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
        ", ".join(f"`{source}`" for source in feature.sources),
        feature.why,
    )


def _type(feature: Feature) -> str:
    if feature.type is ColumnType.CATEGORY and feature.values:
        return "category: " + ", ".join(words.en for words in feature.values.values())
    return feature.type.value
