"""Bands: where a chance stands among people who have waited as long, and when nobody can say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ml.contracts import Bools, Floats, Rows

WIDEST = 0.30  # an interval wider than 30 points of a hundred says too little
AGREED = 0.8  # of the refits must see the same band


class Band(StrEnum):
    """Where a probability stands among people who have waited as long; "uncertain" is an answer, too."""

    LOW = "low"
    TYPICAL = "typical"
    ELEVATED = "elevated"
    UNCERTAIN = "uncertain"


BANDS = (Band.LOW, Band.TYPICAL, Band.ELEVATED)  # by place


@dataclass(frozen=True)
class Cuts:
    """Where bands begin, at one landmark: the lowest and the highest quarter of the calibration part there."""

    low_below: float
    elevated_from: float

    def band(self, probability: Floats) -> Rows:
        """Return 0 low, 1 typical, 2 elevated, (n,)."""
        return band_of(probability, np.array([self.low_below, self.elevated_from]))


@dataclass(frozen=True)
class Bands:
    """The band of each row at the main horizon, and why it is uncertain where it is; (n,) each.

    band      place in (low, typical, elevated) by the probability alone; means nothing where `asked` is False
    asked     the main horizon is still a question
    wide      the interval is too wide, or reaches from low to elevated
    unlike    the case is unlike the training data
    unstable  refits on other people do not agree on the band
    agreed    share of the refits that see the same band
    """

    band: Rows
    asked: Bools
    wide: Bools
    unlike: Bools
    unstable: Bools
    agreed: Floats

    @property
    def uncertain(self) -> Bools:
        """Where the answer is "uncertain"."""
        return np.asarray(self.wide | self.unlike | self.unstable)

    def at(self, row: int) -> Band | None:
        """Return the band of a row; None where the main horizon is no question any more."""
        if not self.asked[row]:
            return None
        return Band.UNCERTAIN if self.uncertain[row] else BANDS[self.band[row]]


def band_of(probability: Floats, cuts: Floats) -> Rows:
    """Return 0 low, 1 typical, 2 elevated, (…, n); cuts (2, n), and of NaN 0."""
    return np.asarray((probability >= cuts[0]).astype(np.int64) + (probability >= cuts[1]))
