"""What may be shown of a group: no count of one to four, and no rate from which one could be reckoned.

A rate is shown as its rounded counts give it (ml/disclosure.py): whoever multiplies it by the group's shown size, or
subtracts groups from a total, today's report from an earlier one, finds rounded counts again and never an exact one.
Its interval is moved with it. Where the people counted, or those not counted, are one to four, nothing is shown of the
rate; its verdict is, which is of no one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Bools, Floats, Rows
from ml.disclosure import ROUNDING, THRESHOLD

from .compare import Compared, Figures
from .rates import Measured

DECIMALS = 4
Shown = tuple[float | None, float | None, float | None]
NOTHING: Shown = (None, None, None)


@dataclass(frozen=True)
class Rounded:
    """A metric as rounded counts give it, (groups,), NaN where it may not be shown; and the same of everyone."""

    value: Floats
    of_all: float


def rounded(measured: Measured) -> Rounded:
    """Return what a metric's values are when they are made from rounded counts."""
    enough = measured.denominator >= THRESHOLD
    if measured.hits is None or measured.misses is None or measured.numerator is None:
        return Rounded(np.where(enough, measured.value, np.nan), np.nan)
    showable = enough & _showable(measured.numerator[0]) & _showable(measured.numerator[1])
    hits, misses = _round(measured.hits), _round(measured.misses)
    with np.errstate(invalid="ignore"):
        value = np.where(showable, hits / (hits + misses), np.nan)
        return Rounded(value, _whole(measured.hits, measured.misses))


def _whole(hits: Floats, misses: Floats) -> float:
    """Return everyone's rate, as rounded counts give it."""
    with np.errstate(invalid="ignore"):
        every = _round(np.array([hits.sum(), misses.sum()]))
        return float(every[0] / every.sum())


def _showable(count: Rows) -> Bools:
    return np.asarray((count == 0) | (count >= THRESHOLD))


def _round(count: Floats) -> Floats:
    return np.asarray(np.floor(count / ROUNDING + 0.5) * ROUNDING)


def figures(compared: Compared, plain: Rounded, reference: int) -> list[dict[str, Shown]]:
    """Return for each group its figures by name: own, ratio, difference, overall_ratio, overall_difference."""
    value, of_reference = plain.value, plain.value[reference]
    with np.errstate(divide="ignore", invalid="ignore"):
        told = {
            "own": _moved(compared.own, value, *compared.bounds),
            "ratio": _scaled(compared.ratio, value / of_reference),
            "difference": _moved(compared.difference, value - of_reference),
            "overall_ratio": _scaled(compared.overall_ratio, value / plain.of_all),
            "overall_difference": _moved(compared.overall_difference, value - plain.of_all),
        }
    return [{name: each[group] for name, each in told.items()} for group in range(len(value))]


def _moved(exact: Figures, value: Floats, lowest: float = -np.inf, highest: float = np.inf) -> list[Shown]:
    shift = value - exact.value
    return _told(value, np.clip(exact.low + shift, lowest, highest), np.clip(exact.high + shift, lowest, highest))


def _scaled(exact: Figures, value: Floats) -> list[Shown]:
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(exact.value > 0, value / exact.value, 1.0)
    return _told(np.where(np.isnan(exact.value), np.nan, value), exact.low * factor, exact.high * factor)


def _told(value: Floats, low: Floats, high: Floats) -> list[Shown]:
    found: list[Shown] = []
    for each in zip(value.tolist(), low.tolist(), high.tolist(), strict=True):
        if not np.isfinite(each[0]):
            found.append(NOTHING)
            continue
        a, b, c = (round(end, DECIMALS) if np.isfinite(end) else None for end in each)
        found.append((a, b, c))
    return found
