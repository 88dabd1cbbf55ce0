"""What may be shown of a group: no count of one to four, and nothing from which one could be reckoned.

All that is shown of a metric, intervals and comparisons too, is made from counts that were rounded before anything was
divided or drawn (ml/disclosure.py): whoever multiplies a rate by a size, subtracts groups from a total, or today's
report from an earlier one, finds rounded counts again. To round an exact interval would not do: its ends are whole
numbers of people over the exact size of the group, and tell that size.

Where the people counted, or those not counted, are one to four, nothing is shown of the rate, and it is judged as one
of which no more is known than that: otherwise a verdict could tell one from four.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ml.contracts import Bools, Floats, Rows
from ml.disclosure import ROUNDING, THRESHOLD, redact

from .compare import Compared, Figures
from .rates import Measured
from .scores import AUC, GAP, INTERCEPT

DECIMALS = 4
FEW = 2.5  # what one to four are taken for
# By how much a figure of scores moves, at most, when one person's outcome is another: shown are steps of ROUNDING such.
MOVES = {GAP: 1.0, INTERCEPT: 2.0, AUC: 0.5}
Shown = tuple[float | None, float | None, float | None]
NOTHING: Shown = (None, None, None)


def kept(measured: Measured, fewest: int, rng: np.random.Generator) -> tuple[Measured, Measured]:
    """Return a metric as it is judged, and as it is shown: made from rounded counts, NaN where it may not be shown.

    fewest  people in the denominator that a figure of scores needs
    """
    if measured.hits is None or measured.misses is None or measured.worth is None:
        return measured, _of_scores(measured, fewest, rng)
    persons = np.stack(measured.numerator or (measured.denominator, measured.denominator))
    sides = np.stack([measured.hits, measured.misses])
    sides = sides * (persons.sum() / max(float(sides.sum()), 1e-300))  # weights, whatever their unit, become people
    top, bottom = _rounded(sides, persons)
    size, hidden = top + bottom, (top == FEW) | (bottom == FEW)
    draws = _drawn(top, bottom, measured.worth, measured.draws.shape, rng)
    with np.errstate(invalid="ignore"):
        value = top / size
        every = _rounded(sides.sum(axis=1), persons.sum(axis=1))
        whole = np.nan if FEW in every else float(every[0] / every.sum())
    judged = replace(
        measured,
        value=np.where(hidden, value, measured.value),
        draws=np.where(hidden[:, None], draws, measured.draws),
    )
    told = np.where(hidden, np.nan, value)
    return judged, replace(measured, value=told, draws=draws, of_all=(whole, size @ draws / max(size.sum(), 1.0)))


def _rounded(count: Floats, persons: Rows) -> Floats:
    """Return counts as rounded: of some people never none; of one to four FEW, whatever they are."""
    some = np.where(persons < THRESHOLD, FEW, np.maximum(_round(count), ROUNDING))
    return np.where(persons == 0, 0.0, some)


def _round(count: Floats) -> Floats:
    return np.asarray(np.floor(count / ROUNDING + 0.5) * ROUNDING)


def _drawn(top: Floats, bottom: Floats, worth: Floats, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Return draws of top / (top + bottom), as unsure as a share among `worth` people is (Beta).

    Of none, or all, Beta(1, n), as in ml/fairness/rates.py. One to four as wide about FEW: each of them lies within.
    """
    least, people = np.minimum(top, bottom), np.maximum(_round(worth), ROUNDING)
    share = least / np.maximum(top + bottom, 1.0)
    one = (least == 0) | (least == FEW)
    hits = np.where(one, 1.0, share * people)
    misses = np.where(one, people / np.where(least == FEW, FEW, 1.0), (1 - share) * people)
    draws = rng.beta(hits[:, None], misses[:, None], size=shape)
    return np.where((top <= bottom)[:, None], draws, 1 - draws)


def _of_scores(measured: Measured, fewest: int, rng: np.random.Generator) -> Measured:
    """Return a figure of scores in steps of what ROUNDING people make of it, and its variance a person likewise."""
    size = _round(measured.denominator.astype(np.float64))
    enough = (measured.denominator >= max(fewest, THRESHOLD)) & _showable(measured.numerator or ())
    with np.errstate(divide="ignore", invalid="ignore"):
        person = ROUNDING / size
        step = MOVES[measured.metric] * person
        value = np.where(enough, np.floor(measured.value / step + 0.5) * step, np.nan)
        variance = np.maximum(np.rint(measured.draws.var(axis=1) * size / person), 1.0) * person / size
    draws = value[:, None] + np.sqrt(variance)[:, None] * rng.standard_normal(measured.draws.shape)
    return replace(measured, value=value, draws=np.clip(draws, 0, 1) if measured.metric == AUC else draws)


def _showable(counts: Iterable[Rows]) -> Bools:
    showable = np.bool_(True)
    for count in counts:
        showable = showable & ((count == 0) | (count >= THRESHOLD))
    return np.asarray(showable)


def figures(compared: Compared) -> list[dict[str, Shown]]:
    """Return for each group its figures by name: own, ratio, difference, overall_ratio, overall_difference.

    compared  of what `kept` lets be shown
    """
    told = {
        "own": _told(compared.own),
        "ratio": _told(compared.ratio),
        "difference": _told(compared.difference),
        "overall_ratio": _told(compared.overall_ratio),
        "overall_difference": _told(compared.overall_difference),
    }
    return [{name: each[group] for name, each in told.items()} for group in range(len(compared.own.value))]


def _told(shown: Figures) -> list[Shown]:
    found: list[Shown] = []
    for each in zip(shown.value.tolist(), shown.low.tolist(), shown.high.tolist(), strict=True):
        if not np.isfinite(each[0]):
            found.append(NOTHING)
            continue
        value, low, high = (round(end, DECIMALS) if np.isfinite(end) else None for end in each)
        found.append((value, low, high))
    return found


def share_of(part: int, whole: int) -> float:
    """Return a share of people as rounded counts give it; of some people never 0."""
    top, bottom = np.maximum(_round(np.array([part, whole], dtype=np.float64)), ROUNDING).tolist()
    return min(top / bottom, 1.0) if part else 0.0


def total(people: int, groupings: Iterable[Rows]) -> int | None:
    """Return how many people there are, as it may be shown beside the sizes (groups,) of the groups they fall into.

    A total rounded up, less two groups rounded down, can leave exactly four for the third: such a total moves to the
    next multiple of ROUNDING that leaves it open.
    """
    plain, sizes = redact(people), list(groupings)
    if plain is None:
        return None
    moved = (plain, plain + ROUNDING, max(plain - ROUNDING, 0))
    return next((each for each in moved if not any(_told_by(each, every) for every in sizes)), plain)


def _told_by(shown: int, sizes: Rows) -> bool:
    """Return whether a total and the other groups leave one number only for groups of one to four together."""
    few = int(np.sum((sizes > 0) & (sizes < THRESHOLD)))
    others = _round(sizes[sizes >= THRESHOLD].astype(np.float64))
    left, doubt = shown - float(others.sum()), ROUNDING // 2 * (len(others) + 1)
    return few > 0 and max(left - doubt, few) >= min(left + doubt, (THRESHOLD - 1) * few)
