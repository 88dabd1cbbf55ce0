"""Venn–Abers calibration: two probabilities, one of which was right, whatever the score is worth.

For a person with score s, isotonic regression of the calibration part is done twice: with the person added as one who
was not unemployed any more (p0), and as one who was (p1). The pair is calibrated under no assumption but that people
are exchangeable (Vovk, Petej & Fedorova 2015). Where few are alike, the two lie far apart.

Isotonic fits are exact at a hundred scores; in between stands p0 of the score below and p1 of the score above. Both
rise with the score, so that the pair is at least as wide as the exact one. Oracle in the tests: the package venn-abers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ml.contracts import Floats, Rows

POINTS = 100


@dataclass(frozen=True)
class VennAbers:
    """The pair at rising scores; `low` has one entry more in front (0), `high` one more behind (1)."""

    score: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def pair(self, score: Floats) -> tuple[Floats, Floats]:
        """Return p0 and p1 of each score, (n,) each."""
        below, above = self.places(score)
        return self.p0[below], self.p1[above]

    def places(self, score: Floats) -> tuple[Rows, Rows]:
        """Return where the pair of each score stands in `p0` and in `p1`, (n,) each."""
        points = self._points
        below = points.searchsorted(score, side="right")  # how many points are not above the score
        return below, points.searchsorted(score, side="left")

    @cached_property
    def p0(self) -> Floats:
        """Return what can be said with the person as one who was not unemployed any more, rising."""
        return np.array([0.0, *self.low])

    @cached_property
    def p1(self) -> Floats:
        """Return what can be said with the person as one who was, rising."""
        return np.array([*self.high, 1.0])

    @cached_property
    def _points(self) -> Floats:
        return np.array(self.score)


def fit_venn_abers(score: Floats, outcome: Floats, weight: Floats) -> VennAbers:
    """Return the pairs of a calibration part.

    outcome  (n,) 1 still unemployed, 0 not;  weight  (n,) above 0; the person added weighs 1
    """
    values, place = np.unique(score, return_inverse=True)
    mass = np.bincount(place, weights=weight).astype(np.float64)
    share = np.bincount(place, weights=weight * outcome) / mass
    points = np.unique(np.linspace(0, len(values) - 1, POINTS).round().astype(np.int64))
    low, high = ([_added(share, mass, point, label) for point in points] for label in (0.0, 1.0))
    return VennAbers(tuple(map(float, values[points])), tuple(low), tuple(high))


def _added(share: Floats, mass: Floats, point: int, label: float) -> float:
    """Return the isotonic share at a point, with one person of the given outcome added there."""
    from scipy.optimize import isotonic_regression  # a third of a second, and a server never asks

    with_one, weight = share.copy(), mass.copy()
    weight[point] += 1
    with_one[point] = (share[point] * mass[point] + label) / weight[point]
    return float(isotonic_regression(with_one, weights=weight).x[point])
