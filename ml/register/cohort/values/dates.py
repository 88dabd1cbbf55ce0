"""Dates as registers write them: 2020-03-31, 31.3.2020, 2020-03-31T12:00:00, 2020."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.contracts import Bools
from ml.register.distinct import Distinct, Fault, Parsed

_CLOCK = r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?"
FORMS = (
    rf"^(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{1,2}})-(?P<day>[0-9]{{1,2}}){_CLOCK}$",
    rf"^(?P<day>[0-9]{{1,2}})\.(?P<month>[0-9]{{1,2}})\.(?P<year>[0-9]{{4}}){_CLOCK}$",
)
YEAR_ALONE = r"^(?P<year>[0-9]{4})$"
NO_DATE = "is not a date"
HINT = "write dates as yyyy-mm-dd, dd.mm.yyyy or a year"


def parse_dates(given: Distinct) -> Parsed:
    """Return the distinct values as datetime64[D].

    A date with a time is its day as written. A year alone is the last day of that year: a spell then never
    counts as known before it was.
    """
    if given.is_days:
        days = given.stored.to_numpy(zero_copy_only=False).astype("datetime64[D]")
        return Parsed(days, np.zeros(len(days), dtype=bool), (Fault(_beyond_calendar(days), NO_DATE, HINT),))
    text = given.text()
    missing = np.array(pc.equal(text, "").to_numpy(zero_copy_only=False), dtype=bool)
    days = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[D]")
    for form in FORMS:
        found, parts = _matches(text, form)
        days[found] = _days(*(_integers(parts, name) for name in ("year", "month", "day")))
    found, parts = _matches(text, YEAR_ALONE)
    years = _integers(parts, "year")
    days[found] = _days(years, np.full(len(years), 12), np.full(len(years), 31))
    return Parsed(days, missing, (Fault(np.isnat(days) & ~missing, NO_DATE, HINT),))


def _days(year: Any, month: Any, day: Any) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    """Return the days, NaT where the calendar has no such day."""
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]")
    days = first + (day - 1).astype("timedelta64[D]")
    real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (days < following)
    return np.where(real, days, np.datetime64("NaT"))


def _matches(text: Any, form: str) -> tuple[Bools, Any]:
    """Return which texts have the form, and the named parts of those."""
    parts = pc.extract_regex(text, form)
    found = np.array(parts.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    return found, parts.filter(pa.array(found))


def _integers(parts: Any, name: str) -> Any:
    return pc.struct_field(parts, name).cast(pa.int64()).to_numpy(zero_copy_only=False)


def _beyond_calendar(days: np.ndarray[Any, Any]) -> Bools:
    """Return which days lie outside the years 1 to 9999."""
    beyond = (days < np.datetime64("0001-01-01")) | (days > np.datetime64("9999-12-31"))
    return np.asarray(beyond, dtype=bool)
