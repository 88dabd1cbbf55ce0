"""The fixed set of tables, and exact counts of them. Each table puts every client of the month into one column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts import ENTITIES, INTERVIEW_FIRST
from serving.language import marked
from serving.store.counts import Seen

Counts = NDArray[np.int64]
NONE = "none"
CLIENTS, NEEDS, BANDS, OWN_VIEW, FEEDBACK, DAYS = "clients", "needs", "bands", "own_view", "feedback", "days"
SAME, DIFFERENT = "same", "different"
AGREE, PARTLY, DISAGREE = "agree", "partly", "disagree"
DAYS_FROM = {"day_0": 0, "days_1_3": 1, "days_4_7": 4, "days_8_": 8}  # the first day that each column takes


@dataclass(frozen=True)
class Table:
    """One table: its title and columns, which are marked texts by key, and the column that a client is in."""

    key: str
    title: str
    columns: Mapping[str, str]
    column_of: Callable[[Seen], str]

    def count(self, seen: Iterable[Seen]) -> Counts:
        """Return how many clients are in each column, (columns,)."""
        found = Counter(map(self.column_of, seen))
        if not found.keys() <= self.columns.keys():
            raise ValueError(f"the table {self.key} has no column for {sorted(found.keys() - self.columns.keys())}")
        return np.array([found[column] for column in self.columns], dtype=np.int64)


def _need(seen: Seen) -> str:
    return seen.need or NONE


def _band(seen: Seen) -> str:
    return seen.band or NONE


def _own_view(seen: Seen) -> str:
    if seen.need is None or seen.own_need is None:
        return NONE
    return SAME if seen.own_need == seen.need else DIFFERENT


def _feedback(seen: Seen) -> str:
    return seen.agrees or NONE


def _days(seen: Seen) -> str:
    days = seen.days
    return NONE if days is None else max((from_, key) for key, from_ in DAYS_FROM.items() if from_ <= max(days, 0))[1]


_NEED_NAMES = (
    marked("skills and career guidance"),
    marked("work-rehabilitative services"),
    marked("integration services"),
)
TABLES = (
    Table(
        CLIENTS,
        marked("Clients about whom a hint was shown"),
        {CLIENTS: marked("clients")},
        lambda _: CLIENTS,
    ),
    Table(
        NEEDS,
        marked("Clients by the service need of the hint"),
        {
            **dict(zip(ENTITIES, _NEED_NAMES, strict=True)),
            INTERVIEW_FIRST: marked("an interview first"),
            NONE: marked("nothing said of service needs"),
        },
        _need,
    ),
    Table(
        BANDS,
        marked("Clients by the risk band of the hint"),
        {
            "low": marked("low"),
            "typical": marked("typical"),
            "elevated": marked("elevated"),
            "uncertain": marked("uncertain"),
            NONE: marked("no band given"),
        },
        _band,
    ),
    Table(
        OWN_VIEW,
        marked("The caseworker's own view of service needs, and the hint"),
        {
            SAME: marked("same as the hint"),
            DIFFERENT: marked("differs from the hint"),
            NONE: marked("cannot be compared"),
        },
        _own_view,
    ),
    Table(
        FEEDBACK,
        marked("What the caseworker said of the hint"),
        {
            AGREE: marked("agrees"),
            PARTLY: marked("agrees in part"),
            DISAGREE: marked("disagrees"),
            NONE: marked("no feedback yet"),
        },
        _feedback,
    ),
    Table(
        DAYS,
        marked("Days from the hint to feedback"),
        {
            "day_0": marked("the same day"),
            "days_1_3": marked("1–3 days"),
            "days_4_7": marked("4–7 days"),
            "days_8_": marked("8 days or more"),
            NONE: marked("no feedback yet"),
        },
        _days,
    ),
)
BY_KEY = {table.key: table for table in TABLES}
