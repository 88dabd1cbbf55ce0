"""Months of the calendar."""

from __future__ import annotations

import calendar
from datetime import datetime


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day of a later month, or the last day of that month."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
