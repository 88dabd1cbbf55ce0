"""Counts as they are kept: plain data, free of any language, with nothing in it but what is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from serving.store.counts import Seen

from .alarms import Alarm, alarms
from .drawn import Drawn, Group, draw
from .shares import Share, share
from .shown import bounds
from .tables import (
    BY_BAND,
    BY_KEY,
    BY_NEED,
    DAYS,
    DAYS_FROM,
    DIFFERENT,
    DISAGREE,
    FEEDBACK,
    NONE,
    OWN_VIEW,
    SAME,
    columns_of,
)

Row = Mapping[str, int | None]  # column → count
OVERRIDE, OTHER_VIEW = "override", "other_view"
OVERRIDE_BY_NEED, OVERRIDE_BY_BAND = "override_by_need", "override_by_band"
ROWS_OF = {OVERRIDE_BY_NEED: BY_NEED, OVERRIDE_BY_BAND: BY_BAND}  # the other shares have a row for each group


@dataclass(frozen=True)
class Published:
    """What is shown of a month: groups, of each table one row a group (a crossed one has its own), and alarms."""

    groups: tuple[Group, ...]
    tables: Mapping[str, Sequence[Row]]
    alarms: tuple[Alarm, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain data; `from_json` reads it back."""
        return {
            "groups": [vars(each) for each in self.groups],
            "tables": {key: [dict(row) for row in rows] for key, rows in self.tables.items()},
            "alarms": [vars(each) for each in self.alarms],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote."""
        return cls(
            tuple(Group(**each) for each in content["groups"]),
            content["tables"],
            tuple(Alarm(**each) for each in content["alarms"]),
        )

    def shares(self) -> dict[str, list[Share]]:
        """Return row by row how often caseworkers disagreed (of feedback), and had seen otherwise before."""
        return {
            OVERRIDE: _overridden(self.tables[FEEDBACK]),
            OVERRIDE_BY_NEED: _overridden(self.tables[BY_NEED]),
            OVERRIDE_BY_BAND: _overridden(self.tables[BY_BAND]),
            OTHER_VIEW: [share([row[DIFFERENT]], [row[SAME]]) for row in self.tables[OWN_VIEW]],
        }

    def median_days(self) -> list[str | None]:
        """Return of each group the column of the median of days to a service; None: hidden counts leave it open."""
        return [_median(row) for row in self.tables[DAYS]]


def publish(seen: Sequence[Seen], rng: np.random.Generator) -> Published:
    """Return what is shown of the clients of a month."""
    drawn = draw(seen, rng)
    return Published(drawn.groups, _rows(drawn), tuple(alarms(drawn)))


def _rows(drawn: Drawn) -> dict[str, list[Row]]:
    return {key: [dict(zip(columns_of(key), row, strict=True)) for row in rows] for key, rows in drawn.shown().items()}


def _overridden(rows: Sequence[Row]) -> list[Share]:
    feedback = [key for key in BY_KEY[FEEDBACK].columns if key not in {DISAGREE, NONE}]
    return [share([row[DISAGREE]], [row[key] for key in feedback]) for row in rows]


def _median(row: Row) -> str | None:
    counts = [row[key] for key in DAYS_FROM]
    if all(each is None for each in counts):
        return None
    fewest, most = ([bounds(None)[end] if each is None else each for each in counts] for end in (0, 1))
    found = {_middle(fewest), _middle(most)}
    return list(DAYS_FROM)[found.pop()] if len(found) == 1 else None


def _middle(counts: Sequence[int]) -> int:
    """Return the place of the cell that holds the middle one."""
    return int(np.searchsorted(np.cumsum(counts), sum(counts) / 2))
