"""The people of each group, counted once: by what was flagged, and by what came of them.

These counts say all that a rate needs, and all that its bootstrap needs (ml/fairness/draws.py). Censoring weights are
carried beside them as their sums and sums of squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Bools, Floats, Predictions, Rows

EXITED, UNEMPLOYED, UNKNOWN = range(3)  # what came of a person until the horizon
Cell = tuple[int, int]
CELLS = 6  # of a group: flagged or not, times what came of them


@dataclass(frozen=True)
class Counts:
    """What the rows of each group add up to, each (groups, flagged: no, yes; EXITED, UNEMPLOYED, UNKNOWN).

    rows     number of rows
    persons  number of people who have one of them
    weight   sum of their weights; 0 where the outcome is unknown
    square   sum of the squares of their weights
    size     (groups,) number of people
    effect   (groups,) by which factor variances are larger than if each row were of a person of its own: mean of cells
    pairs    (groups, CELLS, CELLS) pairs of rows of one person, each with itself among them; None: a row is a person
    """

    rows: Rows
    persons: Rows
    weight: Floats
    square: Floats
    size: Rows
    effect: Floats
    pairs: Floats | None = None

    @property
    def clustered(self) -> bool:
        """Whether people may have several rows."""
        return self.pairs is not None

    def effect_of(self, hits: tuple[Cell, ...], misses: tuple[Cell, ...]) -> Floats:
        """Return the same factor of the share hits / (hits + misses), (groups,); at least 1.

        A row moves the share by 1 less the share where it is a hit, by the share the other way where it is a miss; what
        rows of one person do is summed before it is squared (Liang & Zeger 1986).
        """
        groups = len(self.rows)
        if self.pairs is None:
            return np.ones(groups)
        hit, miss = (sum(self.rows[:, *cell] for cell in side) for side in (hits, misses))
        share = hit / np.maximum(hit + miss, 1)
        moves = np.zeros((groups, 2, 3))
        for cell in hits:
            moves[:, *cell] = 1 - share
        for cell in misses:
            moves[:, *cell] = -share
        alone = (self.rows * moves**2).sum(axis=(1, 2))
        flat = moves.reshape(groups, CELLS)
        drawn = np.einsum("gi,gij,gj->g", flat, self.pairs, flat)
        return np.asarray(np.maximum(drawn / np.where(alone > 0, alone, np.inf), 1.0))

    def people(self, *cells: tuple[int, int]) -> Rows:
        """Return how many people have a row in one of the cells, (groups,); at least, where they have several."""
        of_cells = np.stack([self.persons[:, flagged, outcome] for flagged, outcome in cells])
        return np.asarray(of_cells.max(axis=0) if self.clustered else of_cells.sum(axis=0))


def outcomes(predictions: Predictions) -> Rows:
    """Return what came of each row, (n,): EXITED, UNEMPLOYED or UNKNOWN."""
    return np.where(predictions.weight > 0, predictions.outcome.astype(np.int64), UNKNOWN)


def count(code: Rows, groups: int, flagged: Bools, outcome: Rows, weight: Floats, person: Rows | None) -> Counts:
    """Return the counts of each group; code, flagged, outcome, weight and person are (n,).

    person  rows of one person share a number; None: each row is a person of its own
    """
    cell = flagged * 3 + outcome
    place = code * CELLS + cell
    shape = (groups, 2, 3)
    rows = np.bincount(place, minlength=groups * CELLS).reshape(shape)
    persons, size, effect, pairs = rows, rows.sum(axis=(1, 2)), np.ones(groups), None
    if person is not None:
        of_cells, size, effect, pairs = _by_person(code, groups, cell, person, rows.reshape(groups, CELLS))
        persons = of_cells.reshape(shape)
    if np.all((weight == 1) | (weight == 0)):
        weights = (rows * np.array([1.0, 1.0, 0.0])).astype(np.float64)
        return Counts(rows, persons, weights, weights, size, effect, pairs)
    weights, squares = (
        np.bincount(place, each, groups * CELLS).astype(np.float64).reshape(shape) for each in (weight, weight**2)
    )
    return Counts(rows, persons, weights, squares, size, effect, pairs)


def _by_person(code: Rows, groups: int, cell: Rows, person: Rows, rows: Rows) -> tuple[Rows, Rows, Floats, Floats]:
    """Return the people in each cell, (groups, CELLS), all people of each group, its design effect and its pairs.

    The effect is the mean over cells of the variance that holds when people are drawn with all their rows, by that of
    rows (Rao & Scott 1992: counts divided by it are as good as counts of independent rows).
    """
    units, unit = np.unique(code * (int(person.max()) + 1) + person, return_inverse=True)
    of_unit = np.bincount(unit * CELLS + cell, minlength=len(units) * CELLS).reshape(-1, CELLS)
    group = units // (int(person.max()) + 1)  # rising, as the units are
    size = np.bincount(group, minlength=groups)
    persons, pairs = np.zeros((groups, CELLS), dtype=np.int64), np.zeros((groups, CELLS, CELLS))
    for each, here in enumerate(np.split(of_unit.astype(np.float64), np.cumsum(size)[:-1])):
        persons[each], pairs[each] = (here > 0).sum(axis=0), here.T @ here
    total = rows.sum(axis=1)
    share = rows / np.maximum(total, 1)[:, None]
    moves = np.eye(CELLS) - share[:, :, None]  # (groups, of the cell's share, a row in each cell)
    drawn = np.einsum("gci,gij,gcj->g", moves, pairs, moves)
    alone = (rows * (1 - share)).sum(axis=1)
    effect = np.maximum(drawn / np.where(alone > 0, alone, 1.0), 1.0)
    return persons, size, np.where(alone > 0, effect, 1.0), pairs
