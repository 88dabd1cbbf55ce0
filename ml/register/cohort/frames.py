"""The two frames of a cohort: what a model may see, and what only the audit sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ml.contracts import Column, ColumnType, Dates, Floats
from ml.contracts.audit import MISSING
from ml.register.cohort.groups import NO_YES, number_groups
from ml.register.cohort.values.validate import Checked


def feature_frame(inputs: Sequence[Column], checked: Mapping[str, Checked], start: Dates | None) -> pd.DataFrame:
    """Return the inputs: float64, or text with None; dates as days before the start, else as years."""
    columns = {column.name: _feature(checked[column.name], start) for column in inputs}
    return pd.DataFrame(columns)


def _feature(given: Checked, start: Dates | None) -> pd.Series[Any]:
    if given.column.type is ColumnType.CATEGORY:
        return pd.Series(_in_words(given), dtype=object)
    if given.column.type is not ColumnType.DATE:
        return pd.Series(given.values, dtype=np.float64)
    days: Floats = _years(given.values) if start is None else (start - given.values).astype(np.float64)
    days[given.missing] = np.nan
    return pd.Series(days, dtype=np.float64)


def _in_words(given: Checked) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return a category's values as they read, None where missing."""
    words = given.column.values
    if words is None:
        return given.values
    codes, texts = pd.factorize(given.values)
    return np.array([*(words[text] for text in texts), None], dtype=object)[codes]


def _years(days: Dates) -> Floats:
    """Return days as decimal years: 2020.5 is the middle of 2020."""
    years = days.astype("datetime64[Y]")
    first = years.astype("datetime64[D]")
    length = (years + 1).astype("datetime64[D]") - first
    gone: Floats = (days - first).astype(np.float64) / length.astype(np.float64)
    decimal: Floats = years.astype(np.float64) + 1970 + gone
    return decimal


def protected_frame(columns: Sequence[Column], checked: Mapping[str, Checked]) -> pd.DataFrame:
    """Return the audit's groups, one column an attribute."""
    frame = {column.name: pd.Series(_groups(checked[column.name]), dtype=object) for column in columns}
    return pd.DataFrame(frame, index=pd.RangeIndex(len(next(iter(checked.values())).codes)))


def _groups(given: Checked) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    column = given.column
    if column.type is ColumnType.NUMBER:
        return number_groups(given.values, column.bands)
    if column.type is ColumnType.BOOLEAN:
        names = [column.values["0"], column.values["1"]] if column.values else list(NO_YES)
        index = np.where(given.missing, 2, np.where(given.missing, 0.0, given.values)).astype(np.int64)
        return np.array([*names, MISSING], dtype=object)[index]
    groups = _in_words(given).copy()
    groups[given.missing] = MISSING
    return groups
