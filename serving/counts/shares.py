"""Shares of clients, from counts as they are shown: what is not shown is anything that it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt

from scipy.special import betaincinv

from ml.disclosure import ROUNDING

from .noise import VARIANCE
from .shown import bounds

DECIMALS = 3
Z95 = 1.96
ROUNDING_VARIANCE = (ROUNDING**2 - 1) / 12  # of a whole number of people within one step


@dataclass(frozen=True)
class Share:
    """A share and its 95 % interval; no value where a count that it needs is not shown, nothing where none is."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


def share(part: Sequence[int | None], rest: Sequence[int | None]) -> Share:
    """Return the share that the cells of `part` have of these and those of `rest`."""
    if all(each is None for each in (*part, *rest)):
        return Share()
    cells = (len(part), len(rest))
    if None not in (*part, *rest):
        top, bottom = sum(each or 0 for each in part), sum(each or 0 for each in rest)
        low, high = interval(top, bottom, cells, ROUNDING_VARIANCE)
        return Share(round(top / (top + bottom), DECIMALS), low, high)
    low, _ = interval(_sum(part, 0), _sum(rest, 1), cells, ROUNDING_VARIANCE)
    _, high = interval(_sum(part, 1), _sum(rest, 0), cells, ROUNDING_VARIANCE)
    return Share(None, low, high)


def _sum(counts: Sequence[int | None], end: int) -> int:
    """Return the sum of shown counts, and of the least (0) or the most (1) that hidden ones may be."""
    return sum(bounds(None)[end] if count is None else count for count in counts)


def interval(part: float, rest: float, cells: tuple[int, int], rounding: float = 0.0) -> tuple[float, float]:
    """Return the 95 % interval of a share of moved counts.

    Jeffreys', made wider by what moving and rounding may have done (Zou and Donner, 2008: a difference of two
    independent figures).

    cells     how many counts `part` and `rest` are sums of; each was moved
    rounding  variance of rounding, where the counts are rounded
    """
    people, (parts, rests) = part + rest, cells
    value = part / people
    low, high = betaincinv(part + 0.5, rest + 0.5, [0.025, 0.975])
    off = sqrt((VARIANCE + rounding) * ((1 - value) ** 2 * parts + value**2 * rests)) / people
    down, up = (hypot(end - value, Z95 * off) for end in (low, high))
    return round(max(value - down, 0.0), DECIMALS), round(min(value + up, 1.0), DECIMALS)
