"""The count engine: the rows of a group are counted once into cells, everything else is drawn from the cells.

Rows that agree in (selected, outcome, weight) are exchangeable: every rate here is a function of how many
rows each such cell holds. Drawing n rows with replacement puts a multinomial(n, shares of the cells) number
of rows into the cells, so a multinomial draw *is* the row bootstrap, exactly and also with weights, at a cost
that depends on the number of cells and not of rows (Efron and Tibshirani 1993, An Introduction to the
Bootstrap, chapter 5). Only where few rows share a cell are rows drawn after all: the same distribution,
cheaper there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import Bools, Floats, Interval, Predictions, Rows

PERCENTILES = (2.5, 97.5)
DRAWS_AT_ONCE = 1_000_000  # cells × replicates held in memory together; 8 MB
ROWS_FOR_A_CELL = 10  # drawing a cell's count takes about as long as drawing ten rows


@dataclass(frozen=True)
class Cells:
    """How many rows of one group agree in selection, outcome and weight; one entry a cell, in a fixed order.

    selected    (k,) the cut selects these rows
    unemployed  (k,) still unemployed at the horizon; False where the outcome is unknown
    weight      (k,) inverse-probability-of-censoring weight; 0 where the outcome is unknown
    count       (k,) rows in the cell, at least 1
    """

    selected: Bools
    unemployed: Bools
    weight: Floats
    count: Rows

    @property
    def rows(self) -> int:
        """Return the number of rows of the group."""
        return int(self.count.sum())

    @property
    def known(self) -> Bools:
        """Return which cells hold rows with a known outcome."""
        return self.weight > 0


@dataclass(frozen=True)
class Rate:
    """One rate of one group.

    value        NaN where nobody is in the denominator
    replicates   (r,) the rate in each bootstrap draw; NaN where nobody was in the draw's denominator
    denominator  rows in the denominator, unweighted
    """

    value: float
    replicates: Floats
    denominator: int

    def interval(self) -> Interval:
        """Return the rate with its 95 % percentile interval."""
        return _percentile_interval(self.value, self.replicates, ceiling=1.0)

    def ratio_to(self, reference: Rate) -> Interval:
        """Return the ratio to another group's rate with its 95 % percentile interval, infinite if undefined.

        The groups are drawn independently of each other: any pairing of their replicates is as good.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(np.float64(self.value) / np.float64(reference.value))
            return _percentile_interval(value, self.replicates / reference.replicates, ceiling=np.inf)


def count(predictions: Predictions, selected: Bools, groups: NDArray[np.object_]) -> dict[str, Cells]:
    """Return the cells of each group, groups in alphabetical order.

    selected  (n,) what the cut selects
    groups    (n,) the name of each row's group
    """
    group_codes, names = pd.factorize(groups, sort=True)
    weights, weight_codes = np.unique(predictions.weight, return_inverse=True)
    unemployed = predictions.outcome & (predictions.weight > 0)  # an unknown outcome says nothing
    inner = (selected.astype(np.int64) * 2 + unemployed) * len(weights) + weight_codes
    span = 4 * len(weights)
    keys, counts = np.unique(group_codes * span + inner, return_counts=True)
    starts = np.searchsorted(keys, np.arange(len(names) + 1) * span)
    cells = {}
    for place, name in enumerate(names):
        here = slice(starts[place], starts[place + 1])
        state, weight = np.divmod(keys[here] % span, len(weights))
        cells[str(name)] = Cells(state >= 2, state % 2 == 1, weights[weight], counts[here].astype(np.int64))
    return cells


def _selection_rate(cells: Cells) -> tuple[Floats, Floats]:
    everyone = np.ones(len(cells.count))  # unweighted: whether a row is selected is known of all
    return everyone * cells.selected, everyone * ~cells.selected


def _false_positive_rate(cells: Cells) -> tuple[Floats, Floats]:
    exited = cells.weight * ~cells.unemployed
    return exited * cells.selected, exited * ~cells.selected


def _false_negative_rate(cells: Cells) -> tuple[Floats, Floats]:
    unemployed = cells.weight * cells.unemployed
    return unemployed * ~cells.selected, unemployed * cells.selected


def _precision(cells: Cells) -> tuple[Floats, Floats]:
    selected = cells.weight * cells.selected
    return selected * cells.unemployed, selected * ~cells.unemployed


# A rate is hits / (hits + misses); each entry gives what one row of a cell adds to either. Positive is "still
# unemployed at the horizon".
METRICS = MappingProxyType(
    {
        "selection_rate": _selection_rate,  # selected among all
        "false_positive_rate": _false_positive_rate,  # selected among those who exited before the horizon
        "false_negative_rate": _false_negative_rate,  # not selected among those still unemployed
        "precision": _precision,  # still unemployed among the selected whose outcome is known
    }
)


def rates(cells: Cells, metrics: Iterable[str], replicates: int, rng: np.random.Generator) -> Mapping[str, Rate]:
    """Return each metric of a group, with bootstrap replicates; all metrics come from the same draws."""
    metrics = tuple(metrics)
    sides = [side for metric in metrics for side in METRICS[metric](cells)]  # hits, misses, hits, misses, …
    adds = np.stack(sides, axis=1)
    drawn = _draw_sums(cells, adds, replicates, rng)
    point = (cells.count[:, None] * adds).sum(axis=0)
    found = {}
    for place, metric in enumerate(metrics):
        hit, miss = 2 * place, 2 * place + 1
        draws = _share(drawn[:, hit], drawn[:, miss])
        if point[hit] == 0 or point[miss] == 0:
            draws = _one_sided_draws(cells.count, adds[:, hit], adds[:, miss], replicates, rng)
        inside = (adds[:, hit] > 0) | (adds[:, miss] > 0)
        value = float(_share(point[hit], point[miss]))
        found[metric] = Rate(value, draws, int(cells.count[inside].sum()))
    return found


def _share(hits: Floats, misses: Floats) -> Floats:
    # Never hits / all: sums in another order could then give a share over 1.
    with np.errstate(invalid="ignore"):
        return np.asarray(hits / (hits + misses), dtype=np.float64)


def _draw_sums(cells: Cells, adds: Floats, replicates: int, rng: np.random.Generator) -> Floats:
    """Return the sums of `adds` over each bootstrap draw, (replicates, columns of adds)."""
    sums = np.empty((replicates, adds.shape[1]))
    step = max(1, DRAWS_AT_ONCE // len(cells.count))
    for first in range(0, replicates, step):
        size = min(step, replicates - first)
        sums[first : first + size] = _draw_counts(cells, size, rng).astype(np.float64) @ adds
    return sums


def _draw_counts(cells: Cells, size: int, rng: np.random.Generator) -> Rows:
    """Return how many of `rows` rows drawn with replacement fall into each cell, (size, k)."""
    rows, k = cells.rows, len(cells.count)
    if rows > ROWS_FOR_A_CELL * k:
        return rng.multinomial(rows, cells.count / rows, size=size)
    cell_of_row = np.repeat(np.arange(k), cells.count)
    draws = np.empty((size, k), dtype=np.int64)
    for draw in draws:
        draw[:] = np.bincount(cell_of_row[rng.integers(rows, size=rows)], minlength=k)
    return draws


def _one_sided_draws(count: Rows, hit: Floats, miss: Floats, replicates: int, rng: np.random.Generator) -> Floats:
    """Return draws for a rate that is 0 or 1 in the data, where every bootstrap draw would repeat it.

    None of 50 is not known to be none: resampling 50 equal rows shows no doubt at all, and a ratio of
    exactly 0 would fail with certainty, one of exactly 1 pass. The draws are Beta(1, d), whose 97.5 % point
    is the Clopper–Pearson bound of none of d; d is the effective number of rows under weights (Kish 1965).
    """
    weight = hit + miss
    total = float((count * weight).sum())
    if total == 0:
        return np.full(replicates, np.nan)
    effective = total**2 / float((count * weight**2).sum())
    away = rng.beta(1.0, effective, size=replicates)
    return away if not hit.any() else 1.0 - away


def _percentile_interval(value: float, replicates: Floats, ceiling: float) -> Interval:
    """Return the interval about a value; an undefined replicate could be anything: it widens both sides."""
    undefined = np.isnan(replicates)
    with np.errstate(invalid="ignore"):  # between two infinite replicates numpy finds NaN
        low = float(np.percentile(np.where(undefined, 0.0, replicates), PERCENTILES[0]))
        high = float(np.percentile(np.where(undefined, ceiling, replicates), PERCENTILES[1]))
    low = 0.0 if np.isnan(low) else low
    high = ceiling if np.isnan(high) else high
    return Interval(value, min(low, value), max(high, value))
