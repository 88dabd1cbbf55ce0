"""A feature of the risk model, declared once: the SQL's output, the cohort contract and the page follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.contracts import ColumnType, Kind
from ml.register.schema import TABLES, Words


@dataclass(frozen=True)
class Feature:
    """One input.

    sources  the register's columns that it is made from, as "table.column"; they decide which purposes may have it
    why      one line: why a model needs it; a reason first, how it is counted last
    values   code → how it reads, of a category
    missing  whether a person may have none
    reason   name of the reason that it is told as part of (catalogue/reasons.py); None: of its own
    minimum, maximum  of a number; without the latter there is none
    """

    name: str
    type: ColumnType
    kind: Kind
    words: Words
    sources: tuple[str, ...]
    why: str
    missing: bool = False
    values: Mapping[str, Words] | None = None
    reason: str | None = None
    minimum: int = 0
    maximum: int | None = None

    def is_for(self, purpose: str) -> bool:
        """Return whether a purpose receives every column that the feature is made from."""
        columns = (source.split(".") for source in self.sources)
        return all(purpose in TABLES[table][column].roles for table, column in columns)


def over_windows(
    name: str,
    windows: Mapping[int, Words],
    kind: Kind,
    words: Words,
    sources: tuple[str, ...],
    why: str,
    *,
    reason: str | None = None,
) -> tuple[Feature, ...]:
    """Return the same number over each window before the look, named <name>_<years>y."""
    return tuple(
        Feature(
            f"{name}_{years}y",
            ColumnType.NUMBER,
            kind,
            Words(f"{words.en} {over.en}", f"{words.fi} {over.fi}", f"{words.sv} {over.sv}"),
            sources,
            why,
            reason=reason,
        )
        for years, over in windows.items()
    )
