"""Months as people read and choose them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_skeleton

from serving.counts.month import Month
from serving.language import Language


@dataclass(frozen=True)
class MonthChoice:
    """A month in a select: "2026-10", "October 2026", and whether it is the one shown."""

    name: str
    words: str
    chosen: bool


def month_words(name: str, language: Language) -> str:
    """Return a month ("2026-10") as it is written in a language."""
    return str(format_skeleton("yMMMM", date.fromisoformat(f"{name}-01"), locale=language.code))


def last_months(now: datetime, count: int) -> list[str]:
    """Return the month under way and those before it, newest first."""
    found = [Month(f"{now:%Y-%m}")]
    while len(found) < count:
        found.append(found[-1].before)
    return [month.name for month in found]
