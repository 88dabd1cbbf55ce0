"""Numbers as people and programs write them, with a decimal point or a decimal comma."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.contracts import Bools, Column
from ml.register.distinct import Distinct, Fault, Parsed
from ml.register.wording import number_name

WITH_POINT = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
WITH_COMMA = r"^[+-]?([0-9]+,[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?$"


def parse_numbers(given: Distinct, column: Column, comma_allowed: bool) -> Parsed:
    """Return the distinct values as float64, within the column's limits.

    Infinity and "nan" are no numbers; a NaN that Parquet itself stores is a missing value.
    """
    if given.is_numeric:
        values = np.asarray(given.stored.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
        missing = np.isnan(values)
        malformed = np.zeros(len(values), dtype=bool)
    else:
        text = given.text()
        missing = _mask(pc.equal(text, ""))
        wellformed = _mask(pc.match_substring_regex(text, WITH_POINT))
        if comma_allowed:
            wellformed |= _mask(pc.match_substring_regex(text, WITH_COMMA))
        malformed = ~wellformed & ~missing
        plain = pc.replace_substring(pc.if_else(pa.array(wellformed), text, "0"), ",", ".")
        values = np.array(plain.cast(pa.float64()).to_numpy(zero_copy_only=False))
    return Parsed(values, missing, (Fault(malformed, "is not a number"), *_beyond(values, column)))


def decimal_marks(given: Distinct) -> tuple[Bools, Bools]:
    """Return which distinct texts are numbers with a decimal point, and which with a decimal comma."""
    if given.is_numeric or given.is_days:
        none = np.zeros(len(given.stored), dtype=bool)
        return none, none
    text = given.text()
    point = pc.and_(pc.match_substring_regex(text, WITH_POINT), pc.match_substring(text, "."))
    return _mask(point), _mask(pc.match_substring_regex(text, WITH_COMMA))


def _beyond(values: np.ndarray[Any, Any], column: Column) -> list[Fault]:
    faults = [Fault(np.isinf(values), "is not a finite number")]
    if column.minimum is not None:
        faults.append(Fault(values < column.minimum, f"is below {number_name(column.minimum)}"))
    if column.maximum is not None:
        faults.append(Fault(values > column.maximum, f"is above {number_name(column.maximum)}"))
    return faults


def _mask(array: Any) -> Bools:
    return np.array(array.to_numpy(zero_copy_only=False), dtype=bool)
