"""Axes: the few directions in which coded people differ together, as many as chance alone would not make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Floats
from ml.models.fractions.coding import Coded

SHUFFLES = 10
QUANTILE = 0.95


@dataclass(frozen=True)
class Axes:
    """Orthonormal directions, (width, axes), and the variance of people along each, falling."""

    directions: Floats
    variance: Floats

    def place(self, matrix: Floats) -> Floats:
        """Return where coded people stand, (n, axes)."""
        return np.asarray(matrix @ self.directions)


def fit_axes(matrix: Floats, number: int) -> Axes:
    """Return the first principal axes of coded people."""
    variance, directions = np.linalg.eigh(matrix.T @ matrix / len(matrix))
    falling = np.argsort(-variance, kind="stable")[:number]
    chosen = directions[:, falling]
    # An axis has no sign of its own: the largest entry is made positive, so that equal data give equal numbers.
    signs = np.sign(chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])])
    return Axes(chosen * signs, variance[falling])


def number_of_axes(coded: Coded, rng: np.random.Generator) -> int:
    """Return how many axes carry more variance than those of columns that have nothing to do with each other.

    Parallel analysis (Horn 1965): the columns are shuffled among people, each alone, SHUFFLES times, and an axis is
    kept while its variance exceeds QUANTILE of those. 0: columns do not go together, there is nothing to group by.
    """
    if coded.matrix.shape[1] < 2:
        return 0
    observed = np.linalg.eigvalsh(_covariance(coded.matrix))[::-1]
    shuffled = [np.linalg.eigvalsh(_covariance(_shuffled(coded, rng)))[::-1] for _ in range(SHUFFLES)]
    beyond = observed > np.quantile(shuffled, QUANTILE, axis=0)
    return int(len(beyond) if beyond.all() else beyond.argmin())


def _covariance(matrix: Floats) -> Floats:
    return np.asarray(matrix.T @ matrix / len(matrix))


def _shuffled(coded: Coded, rng: np.random.Generator) -> Floats:
    """Return the people with every column dealt anew; what was made from one column stays together."""
    dealt = np.empty_like(coded.matrix)
    for column in np.unique(coded.column):
        block = coded.column == column
        dealt[:, block] = coded.matrix[rng.permutation(len(coded))][:, block]
    return dealt
