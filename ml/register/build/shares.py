"""The long-term share by months since registration: who is still unemployed after a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

YEAR_DAYS = 365
MONTH_DAYS = 365.25 / 12
MONTHS = range(12)
Z = 1.959963984540054  # 95 %


@dataclass(frozen=True)
class Share:
    """A share at some months since registration, with its 95 % interval.

    at_risk  spells still under observation and unemployed after those months
    """

    months: int
    at_risk: int
    value: float
    low: float
    high: float


def long_term_shares(ends: Iterable[tuple[int, int, int]]) -> tuple[Share, ...]:
    """Return P(T >= 365 days | T > m months) for m = 0 … 11, by Kaplan and Meier with Greenwood's interval.

    ends  (duration in days, spells that ended or were censored then, spells of them that ended), durations distinct

    A month is 30.4375 days; T > 0 is everybody. Spells of one person count as independent, so the interval is a little
    too narrow. A month that nobody reaches is left out.
    """
    rising = sorted(ends)
    found = []
    for months in MONTHS:
        from_day = months * MONTH_DAYS
        at_risk = sum(count for day, count, _ in rising if day > from_day or months == 0)
        if at_risk:
            found.append(Share(months, at_risk, *_survival(rising, from_day if months else -1.0, at_risk)))
    return tuple(found)


def _survival(rising: list[tuple[int, int, int]], from_day: float, at_risk: int) -> tuple[float, float, float]:
    """Return the share that outlasts day 364 of those who outlasted `from_day`, and its interval."""
    share, variance, left = 1.0, 0.0, at_risk
    for day, count, ended in rising:
        if day <= from_day:
            continue
        if day >= YEAR_DAYS:
            break
        share *= 1 - ended / left
        variance += ended / (left * (left - ended)) if left > ended else 0.0
        left -= count
    half = Z * share * sqrt(variance)
    return share, max(0.0, share - half), min(1.0, share + half)
