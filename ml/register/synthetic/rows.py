"""The register's records while they are made: plain arrays, and the Arrow tables that they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ml.contracts import Bools
from ml.register.extract import ARROW
from ml.register.schema import Table, ValueType
from ml.register.synthetic.lives import Index
from ml.register.synthetic.months import MISSING, Days

# Days until something is written down: share, from, to. Mostly at once, a tail of up to two months.
DELAYS = ((0.38, 0, 0), (0.40, 1, 3), (0.16, 4, 14), (0.05, 15, 30), (0.01, 31, 60))


@dataclass(frozen=True)
class Rows:
    """Records of one table.

    columns  name → days, numbers, or indexes into the column's `texts`; MISSING (texts: below 0) where nothing stands
    """

    person: Index
    columns: Mapping[str, NDArray[np.integer[Any]]]
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def only(self, keep: Bools) -> Rows:
        """Return the records that are to be kept."""
        return Rows(self.person[keep], {name: values[keep] for name, values in self.columns.items()}, self.texts)

    def as_arrow(self, table: Table, codes: Any) -> Any:
        """Return the records as the schema types them; `codes` holds each person's identity code."""
        arrays = [codes.take(pa.array(self.person))]
        arrays += [self._column(table, name) for name in table.names[1:]]
        return pa.table(arrays, names=list(table.names))

    def _column(self, table: Table, name: str) -> Any:
        kind, values = table[name].type, self.columns[name]
        if kind is ValueType.CODE:
            return pa.array(self.texts[name]).take(pa.array(values.astype(np.int32), mask=values < 0))
        absent = values == MISSING
        if kind is ValueType.DATE:
            return pa.array(values.astype(np.int32), mask=absent).cast(pa.date32())
        return pa.array(np.where(absent, 0, values).astype(np.int32), mask=absent).cast(ARROW[kind])


def delays(count: int, rng: np.random.Generator) -> Days:
    """Return after how many days things are written down."""
    share, least, most = (np.array(column) for column in zip(*DELAYS, strict=True))
    kind = np.searchsorted(np.cumsum(share)[:-1], rng.random(count), side="right")
    return rng.integers(least[kind], most[kind] + 1, count).astype(np.int32)


def on_working_days(days: Days) -> Days:
    """Return the days, Saturdays and Sundays moved to the Monday after: offices write on working days."""
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    return (days + np.where(weekday >= 5, 7 - weekday, 0)).astype(np.int32)


def entered_after(days: Days, rng: np.random.Generator) -> Days:
    """Return when facts of those days are written down."""
    return on_working_days(days + delays(len(days), rng))


def rising(values: Days, person: Index) -> Days:
    """Return the running maximum within each person; rows stand by person."""
    rank = np.cumsum(np.append(0, person[1:] != person[:-1])).astype(np.int64) if len(person) else person
    lifted = np.maximum.accumulate(values.astype(np.int64) + (rank << 20))
    risen: Days = (lifted - (rank << 20)).astype(np.int32)
    return risen
