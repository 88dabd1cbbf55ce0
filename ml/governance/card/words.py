"""Words of columns and groups in the three languages, as a card keeps them for its pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ml.contracts import Column
from ml.contracts.audit import MISSING, SUPPRESSED

LANGUAGES = ("en", "fi", "sv")
COMMON = {
    MISSING: {"en": "not known", "fi": "ei tiedossa", "sv": "inte känt"},
    SUPPRESSED: {
        "en": "not told apart, for privacy",
        "fi": "ei eritelty tietosuojan vuoksi",
        "sv": "inte särskilt, av integritetsskäl",
    },
}


def label(column: Column) -> dict[str, str]:
    """Return language → the column's label."""
    return {language: column.words(language) for language in LANGUAGES}


def why(column: Column) -> dict[str, str] | str:
    """Return language → why the model needs the column; "" where its declaration does not say."""
    return {"en": column.why} if column.why else ""


def audit_words(columns: Iterable[Column]) -> dict[str, Any]:
    """Return attribute → its label, and each group that its declaration names, in every language."""
    return {
        column.name: {
            "label": label(column),
            "groups": {
                **{value: {language: column.value_words(value, language) for language in LANGUAGES}
                   for value in (column.values or {}).values()},
                **COMMON,
            },
        }
        for column in columns
    }  # fmt: skip
