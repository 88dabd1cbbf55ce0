"""Whole years, months and yes-or-no from days that would point at a person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def whole_years(days: Any, as_of: date) -> Any:
    """Return the whole years from each day to the as-of date, null where the day is; a child of -1 is 0.

    Somebody born on 29 February is a year older on 1 March of a common year.
    """
    before = pc.subtract(as_of.year, pc.year(days))
    day_of_year = pc.add(pc.multiply(pc.month(days), 100), pc.day(days))
    not_yet = pc.cast(pc.greater(day_of_year, as_of.month * 100 + as_of.day), pa.int64())
    return pc.max_element_wise(pc.subtract(before, not_yet), 0, skip_nulls=False)


def year_and_month(days: Any) -> Any:
    """Return each day's month as text like 2019-03, null where the day is."""
    return pc.strftime(days, "%Y-%m")


def in_force(first: Any, last: Any, as_of: date) -> Any:
    """Return "in force" where the as-of date lies in the period, both ends in it, else "not in force".

    Null without a first day; a period without a last day is open.
    """
    day = pa.scalar(as_of, pa.date32())
    open_end = pc.fill_null(last, pa.scalar(date.max, pa.date32()))
    return pc.if_else(pc.and_(pc.less_equal(first, day), pc.greater_equal(open_end, day)), "in force", "not in force")
