"""How chances do for each group: how they rank its people, and how far they are off its observed share.

All groups are measured at once from histograms of the scores. Scores that share a bin are taken as tied: the error that
this makes has a bound, which goes with the figure and shrinks with the number of bins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from ml.contracts import Floats, Predictions, Rows
from ml.contracts.audit import SCORES

from .counts import EXITED, UNEMPLOYED, UNKNOWN, Counts, outcomes
from .rates import Measured

GAP, INTERCEPT, AUC = SCORES
BINS = 2048
EDGE = 1e-6  # scores are kept this far from 0 and 1 where their log-odds are needed
KNOWN = ((0, EXITED), (0, UNEMPLOYED), (1, EXITED), (1, UNEMPLOYED))  # cells of known outcome
STEPS = 50  # of Newton's method; a handful serves
CLOSE = 1e-10
LEAST = 1e-9  # of what a chance of one half tells: steps stay finite


@dataclass(frozen=True)
class Binned:
    """The rows whose outcome is known, with the bin of each: made once, whatever groups are asked of.

    row       (k,) their places among all rows
    bin       (k,) rising with the score;  edges  (bins, 2) lowest and highest log-odds in each;  odds  (bins,) mean
    outcome   (k,) 1.0 still unemployed;  residual  score less outcome;  weight;  weighted  False: all weights are 1
    """

    row: Rows
    bin: Rows
    edges: Floats
    odds: Floats
    outcome: Floats
    residual: Floats
    weight: Floats
    weighted: bool


def binned(predictions: Predictions, bins: int = BINS) -> Binned:
    """Return the rows of known outcome in bins of equal numbers; every score has one of its own where they are few."""
    row = np.flatnonzero(outcomes(predictions) != UNKNOWN)
    score, weight, size = predictions.score[row], predictions.weight[row], len(row)
    order = np.argsort(score)
    ordered = score[order]
    first = np.flatnonzero(
        np.diff(ordered, prepend=-1.0)
    )  # where each score begins: those that are equal stay together
    if len(first) > bins:
        first = np.unique(first[np.searchsorted(first, np.arange(bins) * size // bins, side="right") - 1])
    total = np.diff(first, append=size)
    odds = logit(np.clip(ordered, EDGE, 1 - EDGE))
    place = np.empty(size, dtype=np.int64)
    place[order] = np.repeat(np.arange(len(first)), total)
    edges = np.column_stack([odds[first], odds[first + total - 1]])
    mean = np.add.reduceat(odds, first) / total if size else odds
    outcome = predictions.outcome[row].astype(np.float64)
    return Binned(row, place, edges, mean, outcome, score - outcome, weight, bool(np.any(weight != 1)))


def of_scores(
    known: Binned, code: Rows, counts: Counts, metrics: tuple[str, ...], replicates: int, rng: np.random.Generator
) -> list[Measured]:
    """Return those of the metrics that are of scores; code (n,) of all rows, also those of unknown outcome.

    Draws are normal about the value, with the standard error of its influence; those of an AUC on log-odds. Errors are
    larger by the root of the design effect.
    """
    groups, raised = len(counts.rows), np.sqrt(counts.effect)
    here, found = code[known.row], []
    of_outcome = [counts.people((0, outcome), (1, outcome)) for outcome in (EXITED, UNEMPLOYED)]
    if GAP in metrics:
        value, error = gap(known, here, groups)
        people, sides = counts.people(*KNOWN), (of_outcome[EXITED], of_outcome[UNEMPLOYED])
        found.append(replace(_measured(GAP, value, error * raised, people, replicates, rng), numerator=sides))
    if INTERCEPT in metrics or AUC in metrics:
        table = histogram(known, here, groups)
        fewest = np.minimum(*of_outcome)
        if INTERCEPT in metrics:
            value, error, _ = intercept(known, table)
            found.append(_measured(INTERCEPT, value, error * raised, fewest, replicates, rng))
        if AUC in metrics:
            value, error, _ = auc(table)
            found.append(_ranked(value, error * raised, fewest, replicates, rng))
    return found


def gap(known: Binned, code: Rows, groups: int) -> tuple[Floats, Floats]:
    """Return mean score less observed share of each group, and its standard error, (groups,) each; NaN of nobody.

    code  (k,) of the rows of known outcome
    """
    weight = known.weight
    total, residual = _sums(code, groups, weight), _sums(code, groups, weight * known.residual)
    with np.errstate(invalid="ignore"):
        value = residual / total
        off = known.residual - value[code]
        return value, np.sqrt(_sums(code, groups, (weight * off) ** 2)) / total


@dataclass(frozen=True)
class Histogram:
    """Weights (groups, exited or unemployed, bins), and the squares of weights, summed."""

    weight: Floats
    square: Floats


def histogram(known: Binned, code: Rows, groups: int) -> Histogram:
    """Return what the rows of each group weigh in each bin; code (k,) of the rows of known outcome."""
    bins = len(known.odds)
    cell = (code * 2 + known.outcome.astype(np.int64)) * bins + known.bin
    shape, size = (groups, 2, bins), groups * 2 * bins
    if not known.weighted:
        sums = np.bincount(cell, minlength=size).reshape(shape).astype(np.float64)
        return Histogram(sums, sums)
    weight, square = (_sums(cell, size, each) for each in (known.weight, known.weight**2))
    return Histogram(weight.reshape(shape), square.reshape(shape))


def auc(histogram: Histogram) -> tuple[Floats, Floats, Floats]:
    """Return the AUC of each group, its standard error (DeLong et al. 1988, with weights) and the bound of its error.

    The bound is half the share of pairs, one still unemployed and one not, that stand in one bin.
    """
    exited, unemployed = histogram.weight[:, 0], histogram.weight[:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        controls, cases = exited / exited.sum(axis=1)[:, None], unemployed / unemployed.sum(axis=1)[:, None]
        above = np.cumsum(controls, axis=1) - controls / 2
        below = 1 - (np.cumsum(cases, axis=1) - cases / 2)
        value = np.clip((cases * above).sum(axis=1), 0, 1)
        of_cases = (histogram.square[:, 1] * (above - value[:, None]) ** 2).sum(axis=1) / unemployed.sum(axis=1) ** 2
        of_controls = (histogram.square[:, 0] * (below - value[:, None]) ** 2).sum(axis=1) / exited.sum(axis=1) ** 2
    return value, np.sqrt(of_cases + of_controls), (cases * controls).sum(axis=1) / 2


def intercept(known: Binned, histogram: Histogram) -> tuple[Floats, Floats, Floats]:
    """Return by how much log-odds must rise for each group's mean chance to be its observed share, and two errors.

    The standard error, and the bound of what binning does: no further off is it were all scores of a bin at its lower
    edge, or all at its upper one. NaN where all or none are still unemployed.
    """
    exited, unemployed = histogram.weight[:, 0], histogram.weight[:, 1]
    total = exited + unemployed
    both = (exited.sum(axis=1) > 0) & (unemployed.sum(axis=1) > 0)
    start = np.where(both, 0.0, np.nan)
    shift = _raised(known.odds, total, unemployed, start)
    most, least = (_raised(edge, total, unemployed, shift) for edge in known.edges.T)
    chance = expit(known.odds + shift[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        noise = (histogram.square[:, 1] * (1 - chance) ** 2 + histogram.square[:, 0] * chance**2).sum(axis=1)
        told = (total * chance * (1 - chance)).sum(axis=1)
        return shift, np.sqrt(noise) / told, np.maximum(most - shift, shift - least)


def _raised(odds: Floats, total: Floats, unemployed: Floats, start: Floats) -> Floats:
    """Return what log-odds (bins,) must rise by in each group, by Newton's method; NaN where `start` is."""
    shift = start
    for _ in range(STEPS):
        chance = expit(odds + shift[:, None])
        told = np.maximum((total * chance * (1 - chance)).sum(axis=1), LEAST * total.sum(axis=1) + 1e-300)
        step = np.clip((unemployed - total * chance).sum(axis=1) / told, -2, 2)
        shift = shift + step
        if not np.any(np.abs(step) > CLOSE):
            break
    return shift


def _sums(code: Rows, groups: int, values: Floats) -> Floats:
    return np.bincount(code, weights=values, minlength=groups).astype(np.float64)


def _measured(
    metric: str, value: Floats, error: Floats, denominator: Rows, replicates: int, rng: np.random.Generator
) -> Measured:
    draws = value[:, None] + error[:, None] * rng.standard_normal((len(value), replicates))
    return Measured(metric, value, draws, denominator)


def _ranked(value: Floats, error: Floats, fewest: Rows, replicates: int, rng: np.random.Generator) -> Measured:
    inside = np.clip(value, EDGE, 1 - EDGE)  # an AUC of exactly 1 has no log-odds; it has no error either
    spread = error / (inside * (1 - inside))
    draws = expit(logit(inside)[:, None] + spread[:, None] * rng.standard_normal((len(value), replicates)))
    return Measured(AUC, value, draws, fewest)
