"""A raw table against its contract: every kept column as its declared type reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.contracts import Bools, CohortContract, Column, ColumnType, Role, Rows
from ml.errors import IDENTITY_CODE, DataError
from ml.register.cohort.values.complaints import Complaints
from ml.register.cohort.values.dates import parse_dates
from ml.register.cohort.values.numbers import decimal_marks, parse_numbers
from ml.register.cohort.values.texts import parse_booleans, parse_categories
from ml.register.distinct import Distinct, Fault, Parsed, distinct_values, spread
from ml.register.files import RawTable
from ml.register.wording import cut

MAY_BE_IDENTITY_CODE = "[0-9]{6}[-+A-FU-Ya-fu-y][0-9]{3}"  # what Arrow can look for quickly; Python looks again
NOTHING = {
    ColumnType.NUMBER: np.nan,
    ColumnType.BOOLEAN: np.nan,
    ColumnType.DATE: np.datetime64("NaT"),
    ColumnType.CATEGORY: None,
}


@dataclass(frozen=True)
class Checked:
    """One column whose every value keeps to the contract.

    values   (n,) numbers and booleans float64, dates datetime64[D], categories object (codes of the file)
    missing  (n,) where there is no value: NaN, NaT, None
    codes    (n,) equal where the file has the same value
    """

    column: Column
    values: np.ndarray[Any, Any]
    missing: Bools
    codes: Rows


def kept_columns(contract: CohortContract) -> tuple[Column, ...]:
    """Return the columns that are read: not those ignored, nor outcomes that [outcome] does not name."""
    used = {contract.outcome.duration, contract.outcome.exit}
    return tuple(
        column
        for column in contract.columns.values()
        if column.role is not Role.IGNORE and (column.role is not Role.OUTCOME or column.name in used)
    )


def check_values(raw: RawTable, contract: CohortContract) -> Mapping[str, Checked]:
    """Return the kept columns by name, read as the contract declares them.

    Raises DataError, one line: identity codes anywhere, decimal points and commas mixed, or broken values
    (at most ten with row, column and value, and their total).
    """
    columns = kept_columns(contract)
    given = _given(raw, columns)
    complaints = Complaints(raw.file, raw.first_row_number)
    outcome = contract.outcome.duration
    checked = {
        column.name: _check(raw, column, given[column.name], complaints, is_duration=column.name == outcome)
        for column in columns
    }
    if contract.outcome.entry is not None:
        entry, duration = checked[contract.outcome.entry], checked[contract.outcome.duration]
        late = np.asarray(entry.values > duration.values)
        what = f"is above the duration, column {cut(duration.column.name)}"
        complaints.about_rows(entry.column.name, given[entry.column.name], late, what)
    complaints.settle()
    return checked


def check_columns(raw: RawTable, columns: tuple[Column, ...]) -> Mapping[str, Checked]:
    """Return columns of a table that holds no spells by name, read as they are declared. Raises as `check_values`."""
    given = _given(raw, columns)
    complaints = Complaints(raw.file, raw.first_row_number)
    checked = {column.name: _check(raw, column, given[column.name], complaints) for column in columns}
    complaints.settle()
    return checked


def parse(given: Distinct, column: Column, comma_allowed: bool = True) -> Parsed:
    """Return the distinct values as the column's type reads them, with what is wrong with which."""
    if column.role is Role.ID or column.type is ColumnType.CATEGORY:
        return parse_categories(given, column)
    if column.type is ColumnType.NUMBER:
        return parse_numbers(given, column, comma_allowed)
    return parse_dates(given) if column.type is ColumnType.DATE else parse_booleans(given)


def _given(raw: RawTable, columns: tuple[Column, ...]) -> dict[str, Distinct]:
    """Return each column's distinct values; identity codes and mixed decimal marks are refused."""
    given = {column.name: _distinct(raw, column.name) for column in columns}
    for name, values in given.items():
        _refuse_identity_codes(raw, name, values)
    if raw.comma_allowed:
        _refuse_mixed_marks(raw, columns, given)
    return given


def _distinct(raw: RawTable, name: str) -> Distinct:
    try:
        return distinct_values(name, raw.columns.column(name))
    except DataError as error:
        raise DataError(f"{raw.file}: {error}") from None


def _check(
    raw: RawTable, column: Column, given: Distinct, complaints: Complaints, *, is_duration: bool = False
) -> Checked:
    parsed = parse(given, column, raw.comma_allowed)
    broken = parsed.missing.copy()
    faults = list(parsed.faults)
    if is_duration:
        faults.append(Fault(parsed.values < 0, "is negative"))
    for fault in faults:
        complaints.about_values(column.name, given, fault, broken)
        broken |= fault.values
    missing: Bools = spread(parsed.missing, given.codes, True)
    if not column.missing_allowed:
        may_be_allowed = column.role in (Role.FEATURE, Role.PROTECTED)
        complaints.about_missing(column.name, missing, may_be_allowed)
    nothing = None if column.role is Role.ID else NOTHING[column.type]
    values = spread(parsed.values, given.codes, nothing)
    values[missing] = nothing
    return Checked(column, values, missing, given.codes)


def _refuse_identity_codes(raw: RawTable, name: str, given: Distinct) -> None:
    if not pa.types.is_string(given.stored.type):
        return
    found = pc.match_substring_regex(given.stored, MAY_BE_IDENTITY_CODE).to_numpy(zero_copy_only=False).copy()
    for index in np.flatnonzero(found):
        found[index] = IDENTITY_CODE.search(given.shown(int(index))) is not None
    if found.any():
        row = int(np.flatnonzero(spread(found, given.codes, False))[0]) + raw.first_row_number
        raise DataError(
            f"{raw.file}: column {name} holds identity codes, first in row {row}; pseudonymise the file first"
        )


def _refuse_mixed_marks(raw: RawTable, columns: tuple[Column, ...], given: Mapping[str, Distinct]) -> None:
    """Raise DataError when number columns hold both decimal points and decimal commas."""
    first: list[dict[int, str]] = [{}, {}]  # row → column, of points and of commas
    for column in columns:
        if column.type is ColumnType.NUMBER and column.role is not Role.ID:
            for where, mask in zip(first, decimal_marks(given[column.name]), strict=True):
                if mask.any():
                    row = int(np.argmax(spread(mask, given[column.name].codes, False)))
                    where.setdefault(row, column.name)
    if all(first):
        point, comma = (
            f"first in row {min(where) + raw.first_row_number}, column {where[min(where)]}" for where in first
        )
        raise DataError(f"{raw.file}: mixes decimal points ({point}) and decimal commas ({comma}); write one")
