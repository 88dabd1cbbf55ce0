"""How much of what people are told hangs on whom the model happened to see."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Interval, Rows, Stability
from ml.measures.shares import share_interval, weighted_mean

from .bands import Bands


def stability(bands: Bands, landmark: Rows, person: Rows, refits: int) -> tuple[Stability, ...]:
    """Return the stability of bands over refits and the shares of "uncertain", over all rows asked and by landmark.

    landmark, person  (n,) of the rows
    """
    stages: list[int | None] = [None, *map(int, np.unique(landmark[bands.asked]))]
    return tuple(_stability(bands, landmark, person, refits, stage) for stage in stages)


def _stability(bands: Bands, landmark: Rows, person: Rows, refits: int, stage: int | None) -> Stability:
    rows = bands.asked & (np.ones(len(person), dtype=bool) if stage is None else landmark == stage)

    def share(values: Floats | np.ndarray) -> tuple[float, float, float]:
        each = values[rows].astype(np.float64)
        value, error = weighted_mean(each, np.ones(len(each)), person[rows])
        found = share_interval(value, error, len(np.unique(person[rows])))
        return found.value, found.low, found.high

    return Stability(
        landmark=stage,
        rows=int(rows.sum()),
        refits=refits,
        flipped=Interval(*share(bands.agreed < 1)),
        disagreeing=Interval(*share(1 - bands.agreed)),
        uncertain=Interval(*share(bands.uncertain)),
        wide=share(bands.wide)[0],
        unlike=share(bands.unlike)[0],
        unstable=share(bands.unstable)[0],
    )
