"""A partition: axes and the centres of groups on them, so that anybody can be given the nearest one.

Why k-means on the axes of mixed data, and no other method: it takes any mix of types, since the axes are numbers; it is
linear in people (65,000 in seconds); a group is a centre, so that halves and redrawn people can be held against each
other by giving everybody the nearest one; and what it supposes (round groups on bounded ranks) is held against twins
afterwards. A Gaussian mixture and latent classes were less stable and slower; see experiments/fractions.

The centres of k groups lie in k - 1 dimensions: a partition takes the first k - 1 axes, where there are as many.
More axes only add noise (De Soete & Carroll 1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans

from ml.contracts import Floats, Rows
from ml.models.fractions.axes import Axes, fit_axes

STARTS = 10
TOLERANCE = 1e-3  # of the variance: the rest of the way moves a handful of people and takes half the time


@dataclass(frozen=True)
class Partition:
    """Centres (groups, axes) on their axes."""

    axes: Axes
    centres: Floats

    def groups(self, matrix: Floats) -> Rows:
        """Return the nearest centre of each of coded people, (n,); it must not leave `ml.models.fractions`."""
        place = self.axes.place(matrix)
        return np.asarray((-2 * place @ self.centres.T + (self.centres**2).sum(axis=1)).argmin(axis=1))

    def spread(self, matrix: Floats) -> float:
        """Return the share of people's variance on the axes that is left within groups, 0 to 1."""
        place = self.axes.place(matrix)
        within = ((place - self.centres[self.groups(matrix)]) ** 2).sum()
        return float(within / ((place - place.mean(axis=0)) ** 2).sum())


def fit_partition(matrix: Floats, axes: int, groups: int, rng: np.random.Generator, starts: int = STARTS) -> Partition:
    """Return the partition of coded people into groups on at most so many axes: the best of several starts."""
    base = fit_axes(matrix, min(axes, groups - 1))
    seed = int(rng.integers(2**31))
    fitted = KMeans(groups, n_init=starts, random_state=seed, tol=TOLERANCE).fit(base.place(matrix))
    return Partition(base, np.asarray(fitted.cluster_centers_, dtype=np.float64))
