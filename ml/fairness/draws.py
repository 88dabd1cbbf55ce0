"""The bootstrap, drawn from counts: the same draws as of rows, at a cost that does not depend on their number.

Rows drawn with replacement from a group fall into its cells as a multinomial draw (Efron and Tibshirani 1993, An
Introduction to the Bootstrap, chapter 5): exactly the row bootstrap where all weights of a cell are equal. Where they
are not, what the rows of a cell weigh together is drawn with the mean and variance that it has when so many of them
are drawn: from a gamma distribution, which is of positive sums, too.

Rows of one person are not independent: where people have several, as many rows fewer are drawn as they are worth, and
what was drawn is raised to the size of the group again (Rao & Scott 1992).
"""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Rows

from .counts import CELLS, Counts

EQUAL = 1e-12  # weights whose relative variance is below this are equal


def draw(counts: Counts, replicates: int, rng: np.random.Generator, effect: Floats) -> tuple[Floats, Floats]:
    """Return rows and weight of each cell over bootstrap draws, each (groups, replicates, flagged 2, outcome 3).

    Each group is drawn apart from the others, as many rows as it has. A group without rows has zeros.

    effect  (groups,) by which variances are larger than of rows each of a person of its own
    """
    groups = len(counts.rows)
    flat = counts.rows.reshape(groups, CELLS)
    size = flat.sum(axis=1)
    share = flat / np.maximum(size, 1)[:, None]
    share[size == 0, 0] = 1.0
    worth = np.maximum(np.rint(size / effect).astype(np.int64), size > 0)
    raised = (size / np.maximum(worth, 1))[:, None, None]
    drawn = rng.multinomial(worth[:, None], share[:, None, :], size=(groups, replicates))
    weight = _weigh(drawn, flat, counts.weight.reshape(groups, CELLS), counts.square.reshape(groups, CELLS), rng)
    shape = (groups, replicates, 2, 3)
    return (drawn * raised).reshape(shape), (weight * raised).reshape(shape)


def _weigh(drawn: Rows, rows: Rows, weight: Floats, square: Floats, rng: np.random.Generator) -> Floats:
    there = np.maximum(rows, 1)
    mean = weight / there
    variance = np.maximum(square / there - mean**2, 0.0)
    total = drawn * mean[:, None, :]
    for group, cell in np.argwhere(variance > EQUAL * mean**2):
        some = drawn[group, :, cell] > 0
        scale = variance[group, cell] / mean[group, cell]
        total[group, some, cell] = rng.gamma(total[group, some, cell] / scale, scale)
    return np.asarray(total)
