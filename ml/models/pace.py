"""The level of chances kept with the times: it is of a year that is past, and people leave sooner or later since.

A model learns nothing from how times were: it saw few, and what it made of those few would hang on which they were
(`experiments/pace`). What is told instead is how the pace differs from that of the year whose level it has, and chances
follow as they do where every hazard is so much higher or lower: to a power.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.contracts import Floats

EDGE = 1e-6  # a share of 0 or 1 would be a pace of nothing, or of no end


@dataclass(frozen=True)
class Pace:
    """How fast people leave when a row is looked at, held against how fast they did when the level was of its time.

    place  which input says how many of those who begin would leave within a year as times are
    then   the cumulative hazard over that year as the level's looks were told of it
    """

    place: int
    then: float

    def power(self, codes: Floats) -> Floats:
        """Return to which power chances of staying are raised, (n, 1); 1 where nobody knows the pace."""
        power = _hazard(codes[:, self.place, None]) / self.then
        return np.where(np.isnan(power), 1.0, power)

    def raised(self, chances: Sequence[float], codes: Sequence[float]) -> list[float]:
        """Return chances of one row raised to its power; with NumPy's functions, as those of many rows are."""
        share = codes[self.place]
        if share != share:  # NaN alone is not itself
            return list(chances)
        power = -np.log1p(-min(max(share, EDGE), 1 - EDGE)) / self.then
        raised: list[float] = np.power(chances, power).tolist()
        return raised


def _hazard(share: Floats) -> Floats:
    """Return the cumulative hazard over a year in which so many leave."""
    return np.asarray(-np.log1p(-np.clip(share, EDGE, 1 - EDGE)))


def fit_pace(place: int, codes: Floats) -> Pace | None:
    """Return the pace of the looks that the level is of; None where one of them does not know it, or there are none.

    place  which input tells it
    codes  (n, inputs) of those looks
    """
    told = codes[:, place]
    return Pace(place, float(_hazard(told).mean())) if len(told) and not np.isnan(told).any() else None
