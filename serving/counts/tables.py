"""The fixed set of tables, and exact counts of them. Each table puts every client of the month into one cell.

Tables are counted of all offices and of each; crossed ones, which are fine-grained, of all offices together alone.
"""

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
BY_NEED, BY_BAND = "feedback_by_need", "feedback_by_band"
SAME, DIFFERENT = "same", "different"
AGREE, PARTLY, DISAGREE = "agree", "partly", "disagree"
DAYS_FROM = {"day_0": 0, "days_1_3": 1, "days_4_7": 4, "days_8_": 8}  # the first day that each column takes


@dataclass(frozen=True)
class Partition:
    """Columns, which are marked texts by key, and the column that a client is in."""

    key: str
    columns: Mapping[str, str]
    column_of: Callable[[Seen], str]

    def place(self, seen: Seen) -> str:
        """Return the column that a client is in. Raises ValueError where there is no such column."""
        column = self.column_of(seen)
        if column not in self.columns:
            raise ValueError(f"the table {self.key} has no column for {column}")
        return column

    def count(self, seen: Iterable[Seen]) -> Counts:
        """Return how many clients are in each column, (columns,)."""
        found = Counter(map(self.place, seen))
        return np.array([found[column] for column in self.columns], dtype=np.int64)


@dataclass(frozen=True)
class Table(Partition):
    """A partition that is shown of all offices and of each, and its title."""

    title: str


@dataclass(frozen=True)
class Crossed:
    """Two partitions crossed: a row for each column of `rows`, and the columns of the other. Shown of all offices."""

    key: str
    rows: Partition
    columns: Table
    title: str

    def count(self, seen: Iterable[Seen]) -> Counts:
        """Return how many clients are in each cell, (rows, columns)."""
        by_row: dict[str, list[Seen]] = {row: [] for row in self.rows.columns}
        for each in seen:
            by_row[self.rows.place(each)].append(each)
        return np.stack([self.columns.count(its) for its in by_row.values()])


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
_BANDS = Partition(
    BANDS,
    {
        "low": marked("low"),
        "typical": marked("typical"),
        "elevated": marked("elevated"),
        "uncertain": marked("uncertain"),
        NONE: marked("no band given"),
    },
    _band,
)
TABLES = (
    Table(
        CLIENTS,
        {CLIENTS: marked("clients")},
        lambda _: CLIENTS,
        marked("Clients about whom a hint was shown"),
    ),
    Table(
        NEEDS,
        {
            **dict(zip(ENTITIES, _NEED_NAMES, strict=True)),
            INTERVIEW_FIRST: marked("an interview first"),
            NONE: marked("nothing said of service needs"),
        },
        _need,
        marked("Clients by the service need of the hint"),
    ),
    Table(
        OWN_VIEW,
        {
            SAME: marked("same as the hint"),
            DIFFERENT: marked("differs from the hint"),
            NONE: marked("cannot be compared"),
        },
        _own_view,
        marked("The caseworker's own view of service needs, and the hint"),
    ),
    Table(
        FEEDBACK,
        {
            AGREE: marked("agrees"),
            PARTLY: marked("agrees in part"),
            DISAGREE: marked("disagrees"),
            NONE: marked("no feedback yet"),
        },
        _feedback,
        marked("What the caseworker said of the hint"),
    ),
    Table(
        DAYS,
        {
            "day_0": marked("the same day"),
            "days_1_3": marked("1–3 days"),
            "days_4_7": marked("4–7 days"),
            "days_8_": marked("8 days or more"),
            NONE: marked("no service told of yet"),
        },
        _days,
        marked("Days from the hint until the caseworker told of a service"),
    ),
)
BY_KEY = {table.key: table for table in TABLES}
CROSSED = (
    Crossed(BY_NEED, BY_KEY[NEEDS], BY_KEY[FEEDBACK], marked("What the caseworker said, by the hint's service need")),
    Crossed(BY_BAND, _BANDS, BY_KEY[FEEDBACK], marked("What the caseworker said, by the hint's risk band")),
)
CROSSED_BY_KEY = {table.key: table for table in CROSSED}


def title_of(key: str) -> str:
    """Return the title of a table, crossed or not."""
    return CROSSED_BY_KEY[key].title if key in CROSSED_BY_KEY else BY_KEY[key].title


def columns_of(key: str) -> Mapping[str, str]:
    """Return the columns of a table, crossed or not."""
    return CROSSED_BY_KEY[key].columns.columns if key in CROSSED_BY_KEY else BY_KEY[key].columns
