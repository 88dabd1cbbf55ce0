"""The distinct values of a column, so that each is read once however often it stands in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.contracts import Bools, Rows
from ml.errors import DataError


@dataclass(frozen=True)
class Distinct:
    """What one column holds.

    stored  Arrow array, each value once, no nulls: text, numbers, or days (date32)
    codes   (n,) where each row's value stands in `stored`, -1 where the file has none
    """

    stored: Any
    codes: Rows

    @property
    def is_numeric(self) -> bool:
        """Whether the file itself holds numbers (Parquet)."""
        return bool(_is_number(self.stored.type))

    @property
    def is_days(self) -> bool:
        """Whether the file itself holds dates (Parquet)."""
        return bool(pa.types.is_date32(self.stored.type))

    def text(self) -> Any:
        """Return `stored` as text without leading and trailing blanks, in Unicode form NFC.

        Whole floating-point numbers read as whole numbers: "1", never "1.0".
        """
        kind = self.stored.type
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            numbers = (float(value) for value in self.stored.to_pylist())
            return pa.array([_number_text(number) for number in numbers], pa.string())
        text = pc.utf8_trim_whitespace(self.stored.cast(pa.string()))
        if pc.all(pc.string_is_ascii(text)).as_py() is not False:
            return text
        # not pc.utf8_normalize: Arrow 25 answers "NFC" with the decomposed form
        return pa.array([normalize("NFC", value) for value in text.to_pylist()], pa.string())

    def shown(self, index: int) -> str:
        """Return one stored value for a message."""
        return str(self.stored[index].as_py())


class Fault(NamedTuple):
    """Which distinct values (d,) are wrong, in what, and what to do."""

    values: Bools
    what: str
    hint: str = "correct the values or the contract"


@dataclass(frozen=True)
class Parsed:
    """The distinct values of a column as their declared type reads them.

    values   (d,) float64, datetime64[D] or object; meaningless where missing or at fault
    missing  (d,) True where the text is blank or not a number of Parquet's
    faults   what is wrong with which of them, the gravest first
    """

    values: np.ndarray[Any, Any]
    missing: Bools
    faults: tuple[Fault, ...] = ()


def distinct_values(name: str, column: Any) -> Distinct:
    """Return the distinct values of an Arrow chunked array.

    Raises DataError when the file stores the column in a way that has no plain values (lists, bytes).
    """
    array = column.combine_chunks()
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if not pa.types.is_dictionary(array.type):
        array = _plain(name, array).dictionary_encode()
    stored = array.dictionary
    if pa.types.is_large_string(stored.type):
        stored = stored.cast(pa.string())
    codes = pc.fill_null(array.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    if stored.null_count:  # a null inside the dictionary means the same as a null index
        kept = pc.is_valid(stored).to_numpy(zero_copy_only=False)
        renumbered = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
        stored, codes = stored.drop_null(), renumbered[codes]
    return Distinct(stored, codes)


def spread(per_distinct: np.ndarray[Any, Any], codes: Rows, where_none: object) -> np.ndarray[Any, Any]:
    """Return what holds for each row, (n,), given what holds for each distinct value."""
    last = np.empty(1, dtype=per_distinct.dtype)
    last[0] = where_none
    return np.concatenate([per_distinct, last])[codes]


def _plain(name: str, array: Any) -> Any:
    kind = array.type
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string())
    if pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        return array
    if _is_number(kind):
        return array
    if pa.types.is_date64(kind) or pa.types.is_timestamp(kind):
        return _days(name, array)
    raise DataError(f"column {name} is stored as {kind}: store it as text, numbers, booleans or dates")


def _days(name: str, array: Any) -> Any:
    """Return the day of each moment, in the time zone that the column names."""
    try:
        local = pc.local_timestamp(array) if getattr(array.type, "tz", None) else array
        return local.cast(pa.date32(), safe=False)
    except pa.ArrowException:
        raise DataError(f"column {name}: its moments cannot be turned into days; store dates") from None


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _number_text(number: float) -> str:
    if not np.isfinite(number):
        return "" if np.isnan(number) else str(number)
    return str(int(number)) if number.is_integer() else repr(number)
