"""Stability: whether the same groups would be found among other people of the same kind.

Number of groups: two halves that share nobody are grouped apart, axes and all, and each is held against the other.
Prediction strength (Tibshirani & Walther 2005): of the worst group of one half, the share of pairs that the other half
also keeps together. Beside it the adjusted Rand index of the two partitions of everybody (Hubert & Arabie 1985).

Single groups: clusterwise Jaccard (Hennig 2007): people are drawn with replacement and grouped anew, and each group is
held against the new one most like it: shared people over all people of either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Floats, Rows
from ml.models.fractions.partition import Partition, fit_partition


@dataclass(frozen=True)
class Agreement:
    """How the partitions of two halves agree; 1 is perfect.

    strength  of the worst group: the pairs of one half that the other keeps together
    rand      on the whole, corrected for chance
    spread    the share of people's variance on the axes that is left within groups
    """

    strength: float
    rand: float
    spread: float


@dataclass(frozen=True)
class Refit:
    """A partition of people drawn anew, held against the first; (groups,) each."""

    jaccard: Floats
    share: Floats  # of everybody, of the new group most like each


def halves_agree(matrix: Floats, axes: int, numbers: range, most: int, rng: np.random.Generator) -> list[Agreement]:
    """Return how two halves of coded people agree, for each number of groups; at most `most` people a half."""
    order = rng.permutation(len(matrix))
    size = min(len(matrix) // 2, most)
    return [_agree(matrix[order[:size]], matrix[order[size : 2 * size]], axes, number, rng) for number in numbers]


def _agree(one: Floats, other: Floats, axes: int, number: int, rng: np.random.Generator) -> Agreement:
    here, there = fit_partition(one, axes, number, rng), fit_partition(other, axes, number, rng)
    mine = crossed(here.groups(one), there.groups(one), number)
    theirs = crossed(there.groups(other), here.groups(other), number)
    return Agreement(
        (strength(mine) + strength(theirs)) / 2,
        rand_index(mine + theirs.T),
        (here.spread(one) + there.spread(other)) / 2,
    )


def refit(matrix: Floats, partition: Partition, most: int, rng: np.random.Generator) -> Refit:
    """Return how the groups of a partition come again when people are drawn with replacement, at most `most`."""
    number = len(partition.centres)
    drawn = matrix[rng.integers(len(matrix), size=min(len(matrix), most))]
    again = fit_partition(drawn, partition.axes.directions.shape[1], number, rng)
    table = crossed(partition.groups(matrix), again.groups(matrix), number)
    either = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    jaccard = np.divide(table, either, out=np.zeros_like(table), where=either > 0)
    return Refit(jaccard.max(axis=1), table.sum(axis=0)[jaccard.argmax(axis=1)] / len(matrix))


def crossed(one: Rows, other: Rows, groups: int) -> Floats:
    """Return how many people are in each group of one partition and of the other, (groups, groups)."""
    return np.bincount(one * groups + other, minlength=groups**2).reshape(groups, groups).astype(np.float64)


def rand_index(table: Floats) -> float:
    """Return the adjusted Rand index of a table of two partitions; 0 as by chance, 1 when equal."""
    together, rows, columns = _pairs(table).sum(), _pairs(table.sum(axis=1)).sum(), _pairs(table.sum(axis=0)).sum()
    chance = rows * columns / _pairs(table.sum())
    most = (rows + columns) / 2
    return float((together - chance) / (most - chance)) if most > chance else 1.0


def strength(table: Floats) -> float:
    """Return the prediction strength: of the worst row, the share of pairs that stand in one column.

    A group of fewer than two has no pairs to keep together: 0.
    """
    pairs = _pairs(table.sum(axis=1))
    return float(np.divide(_pairs(table).sum(axis=1), pairs, out=np.zeros_like(pairs), where=pairs > 0).min())


def _pairs(count: Floats) -> Floats:
    return np.asarray(count * (count - 1) / 2)
