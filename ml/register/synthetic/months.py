"""The months of a simulated world, as numbers; days are counted from 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.integer[Any]]
Days = Whole  # since 1970-01-01
Steps = Whole  # months since the world began
MISSING = np.int32(-(2**31))  # a day, code or number that is not there
BURN_IN_YEARS = 10  # before the extract's first day: long enough for stocks of long spells to settle
LOOK_AHEAD = 16  # months after the as-of date, for the risk of spells that have just begun


@dataclass(frozen=True)
class Months:
    """The calendar months of a world, one step each.

    first, last   the first day and the as-of date of the extract
    firsts        step → its first day;  lengths: its days;  of_year: 0 for January;  years: decimal year
    steps         how many are lived; the arrays reach LOOK_AHEAD further
    """

    first: int
    last: int
    firsts: Days
    lengths: Days
    of_year: NDArray[np.int64]
    years: NDArray[np.float64]
    steps: int

    def day(self, step: Steps | int, offset: Days) -> Days:
        """Return the day of a month that lies `offset` days after its first, the month's last where it is shorter."""
        days: Days = self.firsts[step] + np.minimum(offset, self.lengths[step] - 1)
        return days

    def step_of(self, days: Days) -> Steps:
        """Return the step in which a day lies; below 0 or beyond the end where it lies outside."""
        month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        zero = self.firsts[0].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        steps: Steps = (month - zero).astype(np.int32)
        return steps


def months_until(as_of: date, years: int) -> Months:
    """Return the months of a world whose extract covers `years` years up to the as-of date."""
    last = np.datetime64(as_of, "D")
    final = last.astype("datetime64[M]")
    begin = final - 12 * (years + BURN_IN_YEARS)
    month = np.arange(begin, final + LOOK_AHEAD)
    firsts = month.astype("datetime64[D]")
    number = month.astype(np.int64)
    first_day = (final - 12 * years + 1).astype("datetime64[D]")
    return Months(
        first=int(first_day.astype(np.int64)),
        last=int(last.astype(np.int64)),
        firsts=firsts.astype(np.int32),
        lengths=((month + 1).astype("datetime64[D]") - firsts).astype(np.int32),
        of_year=number % 12,
        years=1970 + number / 12,
        steps=int((final - begin).astype(int)) + 1,
    )
