"""Twins: people who differ as much and whose columns go together as much, but who fall into no groups.

A partition of one long cloud can be perfectly stable: k-means always cuts it in the middle. So the groups of real
people are held against those of twins (parametric bootstrap of homogeneity: Hennig & Liao 2013; Hennig & Lin 2015). A
twin is drawn from one normal cloud and takes over each column as it is, by rank ("normal to anything": Cario & Nelson
1997), so that every column has the distribution it had, and every two columns correlate as they did.

Levels of a category, which have no order, are ordered by their place on the first axis: what binds them otherwise is
lost in the twin, and counts as structure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ml.contracts import Floats, Rows
from ml.models.fractions.axes import fit_axes
from ml.models.fractions.coding import Coded

STEPS = 8  # towards the correlations of the real columns
FLOOR = 1e-6


@dataclass(frozen=True)
class Mould:
    """What twins are drawn from.

    coded   the people
    order   (n, columns), people in the order of each column
    root    (columns, columns), a root of the correlations of the normal cloud
    """

    coded: Coded
    order: Rows
    root: Floats

    def draw(self, people: int, rng: np.random.Generator) -> Floats:
        """Return the coded matrix of as many twins."""
        return self.cast(rng.normal(size=(people, len(self.root))))

    def cast(self, normal: Floats) -> Floats:
        """Return the coded twins of independent standard normals, (people, columns)."""
        place = _place(normal @ self.root.T, len(self.coded))
        twins = np.empty((len(normal), self.coded.matrix.shape[1]))
        for column in range(self.order.shape[1]):
            block = self.coded.column == column
            twins[:, block] = self.coded.matrix[self.order[place[:, column], column]][:, block]
        return twins


def mould(coded: Coded, rng: np.random.Generator, people: int) -> Mould:
    """Return what twins of coded people are drawn from; correlations are matched on so many draws."""
    direction = fit_axes(coded.matrix, 1).directions[:, 0]
    columns = np.unique(coded.column)
    scores = np.column_stack([coded.matrix[:, coded.column == each] @ direction[coded.column == each]
                              for each in columns])  # fmt: skip
    order = np.argsort(scores, axis=0, kind="stable")
    wanted = _correlations(scores)
    ordered = np.take_along_axis(scores, order, axis=0)
    normal = rng.normal(size=(people, len(columns)))
    latent = wanted
    for _ in range(STEPS):
        place = _place(normal @ _root(latent).T, len(coded))
        latent = np.clip(latent + wanted - _correlations(np.take_along_axis(ordered, place, axis=0)), -1, 1)
    return Mould(Coded(coded.matrix, np.searchsorted(columns, coded.column), coded.columns), order, _root(latent))


def _place(normal: Floats, people: int) -> Rows:
    """Return the rank, 0 to people - 1, at which each standard normal stands."""
    return np.asarray(np.minimum((norm.cdf(normal) * people).astype(np.int64), people - 1))


def _correlations(scores: Floats) -> Floats:
    """Return the correlations of columns, (columns, columns); a column that does not vary has none with any."""
    centred = scores - scores.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    return np.asarray(
        centred.T @ centred / np.outer(*[np.where(length > 0, length, np.inf)] * 2) + np.diag(length == 0)
    )


def _root(correlations: Floats) -> Floats:
    """Return a root of the nearest correlations that can be: eigenvalues below 0 are raised, the diagonal is 1."""
    value, vector = np.linalg.eigh((correlations + correlations.T) / 2)
    root = vector * np.sqrt(np.maximum(value, FLOOR))
    return np.asarray(root / np.sqrt((root**2).sum(axis=1))[:, None])
