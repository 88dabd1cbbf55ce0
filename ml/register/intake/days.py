"""Days as a register writes them, as whole numbers since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ml.contracts import Bools

Days = NDArray[np.int32]

NONE = np.int32(-(2**31))  # where there is no day
FIRST_YEAR, LAST_YEAR = 1850, 2199  # what lies outside is a slip of the pen
_MIDNIGHT = r"(?:[T ]00:00(?::00(?:[.,]0+)?)?)?"  # as databases and spreadsheets add it
FORMS = {
    "dd.mm.yyyy": rf"^(?P<day>[0-9]{{1,2}})\.(?P<month>[0-9]{{1,2}})\.(?P<year>[0-9]{{4}}){_MIDNIGHT}$",
    "yyyy-mm-dd": rf"^(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}}){_MIDNIGHT}$",
}
AMBIGUOUS = r"^[0-9]{1,2}[/.\- ][0-9]{1,2}[/.\- ](?:[0-9]{2}|[0-9]{4})$"


@dataclass(frozen=True)
class ReadDays:
    """What d texts say, read as days.

    days       (d,) days since 1970-01-01, NONE where a text is no day
    form       (d,) which of FORMS the text has, -1 for none
    ambiguous  (d,) whether day and month, or the century, can be read in two ways: 03/04/2020, 1.2.20
    """

    days: Days
    form: NDArray[np.int8]
    ambiguous: Bools

    @property
    def other_form(self) -> Bools:
        """Which texts are days in another form than most, (d,): one column, one form."""
        counts = [int((self.form == which).sum()) for which in range(len(FORMS))]
        return np.asarray((self.form >= 0) & (self.form != int(np.argmax(counts))), dtype=bool)


def read_days(texts: Any) -> ReadDays:
    """Return what an Arrow array of texts without nulls says, read as days."""
    days = np.full(len(texts), NONE, dtype=np.int32)
    forms = np.full(len(texts), -1, dtype=np.int8)
    for which, form in enumerate(FORMS.values()):
        parts = pc.extract_regex(texts, form)
        found = np.array(parts.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
        year, month, day = (_integers(parts.filter(pa.array(found)), name) for name in ("year", "month", "day"))
        days[found], forms[found] = days_of(year, month, day), which
    ambiguous = np.array(pc.match_substring_regex(texts, AMBIGUOUS).to_numpy(zero_copy_only=False), dtype=bool)
    return ReadDays(days, forms, ambiguous & (forms < 0))


def days_of(year: Any, month: Any, day: Any) -> Days:
    """Return days since 1970-01-01 given three arrays of one length, NONE where the calendar has no such day."""
    first = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    begins, following = first.astype("datetime64[D]"), (first + 1).astype("datetime64[D]")
    days = begins.astype(np.int64) + day - 1
    real = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    return np.where(real & (days < following.astype(np.int64)), days, NONE).astype(np.int32)


def birthday(born: Days, years: int) -> Days:
    """Return the day on which each becomes so many years old, NONE where it is not known when they were born.

    Who was born on the 29th of February becomes older on the first of March in other years.
    """
    known = born != NONE
    dates = np.where(known, born, 0).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day_of_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
    later = (months + 12 * years).astype("datetime64[D]").astype(np.int64) + day_of_month
    return np.where(known, later, NONE).astype(np.int32)


def day_number(day: date) -> int:
    """Return a day as a whole number since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def as_date(day: int) -> date:
    """Return the date of a whole number since 1970-01-01."""
    return date.fromordinal(int(day) + date(1970, 1, 1).toordinal())


def _integers(parts: Any, name: str) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = pc.struct_field(parts, name).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers
