"""The records of a table as whole numbers and days, ready for rules that look at whole records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ml.contracts import Bools, Rows
from ml.register.extract import ARROW, arrow_schema
from ml.register.intake.days import NONE, Days, birthday
from ml.register.intake.identity import take_apart
from ml.register.intake.raw import Codes, RawRecords
from ml.register.intake.value_rules import typed
from ml.register.schema import Table, ValueType

YOUNGEST, OLDEST = 15, 100  # years of age that a jobseeker can be


@dataclass(frozen=True)
class Persons:
    """Everybody whom any table names by a valid identity code, in the order of their codes.

    codes        Arrow array of text, each once
    born         (p,) days
    old_enough   (p,) the day of the 15th birthday
    too_old      (p,) the day of the 101st birthday
    number       (p,) individual number, odd for men
    artificial   (p,) whether the person was made up (individual numbers 900–999)
    """

    codes: Any
    born: Days
    old_enough: Days
    too_old: Days
    number: NDArray[np.int32]
    artificial: Bools

    def __len__(self) -> int:
        """Return the number of persons."""
        return len(self.born)


@dataclass(frozen=True)
class Values:
    """A column's values: each distinct one (d,), typed, and where each record's stands (n,), -1 for none."""

    distinct: Any
    codes: Codes


@dataclass(frozen=True)
class Records:
    """n records of a table.

    position  (n,) where each stands in the table as read
    person    (n,) whose each is, an index into Persons; -1 when the identity code is not valid
    """

    table: Table
    position: Rows
    person: Codes
    columns: Mapping[str, Values]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.position)

    def days(self, name: str) -> Days:
        """Return a column of days as whole numbers since 1970-01-01, NONE where there is none."""
        values = self.columns[name]
        return np.append(_integers(values.distinct), NONE)[values.codes]

    def numbers(self, name: str) -> NDArray[np.int32]:
        """Return a column of whole numbers, NONE where there is none."""
        return self.days(name)

    def texts(self, name: str) -> NDArray[np.object_]:
        """Return a column of codes as texts, None where there is none."""
        values = self.columns[name]
        return np.append(np.array(values.distinct.to_pylist(), dtype=object), [None])[values.codes]

    def has(self, name: str) -> Bools:
        """Return where a column has a value."""
        return self.columns[name].codes >= 0

    def comparable(self, name: str) -> NDArray[np.int32]:
        """Return a column as whole numbers that are equal where its values are."""
        if name == "identity_code":
            return self.person
        is_day = self.table[name].type in (ValueType.DATE, ValueType.INTEGER)
        return self.days(name) if is_day else self.columns[name].codes

    def where(self, kept: Bools | Rows) -> Records:
        """Return some of the records, by a mask or in an order."""
        columns = {name: Values(values.distinct, values.codes[kept]) for name, values in self.columns.items()}
        return Records(self.table, self.position[kept], self.person[kept], columns)

    def as_arrow(self) -> Any:
        """Return the records typed as the register's schema says."""
        arrays = [
            values.distinct.take(pa.array(values.codes, mask=values.codes < 0)).cast(ARROW[self.table[name].type])
            for name, values in self.columns.items()
        ]
        return pa.table(arrays, schema=arrow_schema(self.table))


def persons_of(raws: Iterable[RawRecords]) -> Persons:
    """Return everybody whom the tables name by a valid identity code."""
    texts = pa.chunked_array([raw.columns["identity_code"].texts for raw in raws], pa.string()).unique()
    codes = texts.filter(pa.array(take_apart(texts).valid))
    codes = codes.take(pc.sort_indices(codes))
    parts = take_apart(codes)
    old_enough, too_old = birthday(parts.born, YOUNGEST), birthday(parts.born, OLDEST + 1)
    return Persons(codes, parts.born, old_enough, too_old, parts.number, parts.artificial)


def records_of(raw: RawRecords, persons: Persons) -> Records:
    """Return a table's records. Values that break a rule of values are missing in them."""
    columns = {name: _values(raw, name) for name in raw.table.names}
    identity = raw.columns["identity_code"]
    found = pc.fill_null(pc.index_in(identity.texts, persons.codes), -1).to_numpy(zero_copy_only=False)
    person = np.append(found, -1).astype(np.int32)[identity.codes]
    return Records(raw.table, np.arange(len(raw)), person, columns)


def _values(raw: RawRecords, name: str) -> Values:
    texts = raw.columns[name]
    distinct = typed(raw.table, name, texts.texts)
    if not distinct.null_count:
        return Values(distinct, texts.codes)
    kept = np.array(distinct.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    renumbered = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1).astype(np.int32)
    return Values(distinct.drop_null(), renumbered[texts.codes])


def _integers(distinct: Any) -> NDArray[np.int32]:
    numbers: NDArray[np.int32] = distinct.cast(pa.int32()).to_numpy(zero_copy_only=False)
    return numbers
