"""Rates of groups, from counts: how many were flagged, flagged in vain, missed, flagged rightly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ml.contracts import Bools, Floats, Rows
from ml.contracts.audit import RATES

from .counts import EXITED, UNEMPLOYED, UNKNOWN, Cell, Counts
from .draws import draw

NO, YES = 0, 1

# metric → (cells that count as hits, cells that count as misses). Positive is "still unemployed at the horizon".
CONDITIONAL: MappingProxyType[str, tuple[Cell, Cell]] = MappingProxyType(
    {
        "false_positive_rate": ((YES, EXITED), (NO, EXITED)),  # flagged among those who found work in time
        "false_negative_rate": ((NO, UNEMPLOYED), (YES, UNEMPLOYED)),  # not flagged among those still unemployed
        "precision": ((YES, UNEMPLOYED), (YES, EXITED)),  # still unemployed among the flagged
    }
)
SELECTION = "selection_rate"  # flagged among all, whether their outcome is known or not


@dataclass(frozen=True)
class Measured:
    """One metric of each group, with draws of its sampling distribution.

    value        (groups,) NaN where nobody is in the denominator
    draws        (groups, replicates); NaN where nobody was in the draw's denominator
    denominator  (groups,) people in the denominator, at least
    numerator    (groups,) people in the numerator, and in the rest of it; None of a metric that counts nobody
    hits, misses (groups,) the same, with weights: value = hits / (hits + misses)
    of_all       the metric of everyone and its draws (replicates,), the same draws as of the groups; None: not known
    worth        (groups,) people of equal weight, one row each, whose share would be as unsure; None: it is no rate
    """

    metric: str
    value: Floats
    draws: Floats
    denominator: Rows
    numerator: tuple[Rows, Rows] | None = None
    hits: Floats | None = None
    misses: Floats | None = None
    of_all: tuple[float, Floats] | None = None
    worth: Floats | None = None


@dataclass(frozen=True)
class Side:
    """Hits or misses: people, weight and squares of weights (groups,), and the weight drawn (groups, replicates)."""

    persons: Rows
    weight: Floats
    square: Floats
    drawn: Floats


def rates(counts: Counts, metrics: tuple[str, ...], replicates: int, rng: np.random.Generator) -> Iterator[Measured]:
    """Yield those of the metrics that are rates: from the same draws where each row is a person's only one.

    Where people have several, rows are worth more to one metric than to another: each has draws of its own.
    """
    rows, weight, effect = *draw(counts, replicates, rng, counts.effect), counts.effect
    for metric in (each for each in metrics if each in RATES):
        sides = (_of(YES), _of(NO)) if metric == SELECTION else tuple((cell,) for cell in CONDITIONAL[metric])
        if counts.clustered:
            effect = counts.effect_of(*sides)
            rows, weight = draw(counts, replicates, rng, effect)
        if metric == SELECTION:
            yes, no = (_all(counts, rows, flagged) for flagged in (YES, NO))
            yield share(metric, yes, no, counts.people(*_of(YES), *_of(NO)), effect, rng)
        else:
            hits, misses = (_side(counts, weight, cell) for cell in CONDITIONAL[metric])
            yield share(metric, hits, misses, counts.people(*CONDITIONAL[metric]), effect, rng)


def shares_of(
    metric: str, flags: Bools, code: Rows, groups: int, replicates: int, rng: np.random.Generator
) -> Measured:
    """Return the share of the rows of each group that are flagged; flags and code are (n,)."""
    rows = np.bincount(code * 2 + flags, minlength=groups * 2).reshape(groups, 2)
    size = rows.sum(axis=1)
    drawn = rng.binomial(size[:, None], (rows[:, YES] / np.maximum(size, 1))[:, None], size=(groups, replicates))
    yes, no = _plain(rows[:, YES], drawn), _plain(rows[:, NO], size[:, None] - drawn)
    return share(metric, yes, no, size, np.ones(groups), rng)


def _plain(rows: Rows, drawn: Rows) -> Side:
    return Side(rows, rows.astype(np.float64), rows.astype(np.float64), drawn.astype(np.float64))


def _all(counts: Counts, drawn: Floats, flagged: int) -> Side:
    """Return everyone who is flagged, or is not, whatever came of them."""
    rows = counts.rows[:, flagged].sum(axis=1).astype(np.float64)
    return Side(counts.people(*_of(flagged)), rows, rows, drawn[:, :, flagged].sum(axis=2))


def _of(flagged: int) -> tuple[Cell, ...]:
    return tuple((flagged, outcome) for outcome in (EXITED, UNEMPLOYED, UNKNOWN))


def _side(counts: Counts, drawn: Floats, cell: Cell) -> Side:
    flagged, outcome = cell
    here = (slice(None), flagged, outcome)
    return Side(counts.persons[here], counts.weight[here], counts.square[here], drawn[:, :, flagged, outcome])


def share(metric: str, hits: Side, misses: Side, people: Rows, effect: Floats, rng: np.random.Generator) -> Measured:
    """Return the rate hits / (hits + misses) of each group.

    people  (groups,) on both sides together;  effect  (groups,) design effect of their rows
    """
    draws = _share(hits.drawn, misses.drawn)
    for group in np.flatnonzero((hits.weight == 0) | (misses.weight == 0)):
        square = float(hits.square[group] + misses.square[group]) * float(effect[group])
        one_sided = _one_sided(float(hits.weight[group]), float(misses.weight[group]), square, draws.shape[1], rng)
        draws[group] = one_sided
    whole = (
        float(_share(hits.weight.sum(keepdims=True), misses.weight.sum(keepdims=True))[0]),
        _share(hits.drawn.sum(axis=0), misses.drawn.sum(axis=0)),
    )
    value, sides = _share(hits.weight, misses.weight), (hits.persons, misses.persons)
    worth = _worth(hits, misses, value, effect)
    return Measured(metric, value, draws, people, sides, hits.weight, misses.weight, whole, worth)


def _worth(hits: Side, misses: Side, value: Floats, effect: Floats) -> Floats:
    """Return the people of equal weight whose share varies as much: value (1 - value) / variance; 0 of nobody.

    Of a rate of 0 or 1 the effective number of rows (Kish 1965), which is the same where all weigh the same.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (hits.square * (1 - value) ** 2 + misses.square * value**2) * effect
        inside = value * (1 - value) * (hits.weight + misses.weight) ** 2 / spread
        kish = (hits.weight + misses.weight) ** 2 / ((hits.square + misses.square) * effect)
    return np.nan_to_num(np.where((value > 0) & (value < 1), inside, kish))


def _share(hits: Floats, misses: Floats) -> Floats:
    # Never hits / all: sums in another order could then give a share over 1.
    with np.errstate(invalid="ignore"):
        return np.asarray(hits / (hits + misses), dtype=np.float64)


def _one_sided(hits: float, misses: float, square: float, replicates: int, rng: np.random.Generator) -> Floats:
    """Return draws for a rate that is 0 or 1 in the data, where every bootstrap draw would repeat it.

    None of 50 is not known to be none: resampling 50 equal rows shows no doubt at all, and a ratio of
    exactly 0 would fail with certainty, one of exactly 1 pass. The draws are Beta(1, d), whose 97.5 % point
    is the Clopper–Pearson bound of none of d; d is the effective number of rows under weights (Kish 1965).
    """
    if hits + misses == 0:
        return np.full(replicates, np.nan)
    away = rng.beta(1.0, (hits + misses) ** 2 / square, size=replicates)
    return np.asarray(away if hits == 0 else 1.0 - away)
