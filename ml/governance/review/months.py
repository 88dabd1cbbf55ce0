"""Days and months of the calendar."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day of a later month, or the last day of that month."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def as_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC, to the second, as it is signed."""
    return moment.astimezone(UTC).replace(microsecond=0)
