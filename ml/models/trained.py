"""A trained model: encoder, scorer, calibrators and the cuts of its bands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ml.contracts import Bools, Floats, Outcome

from .calibrate import Calibrator
from .encode import Encoder
from .scorers import Scorer


class Band(StrEnum):
    """Where a probability stands among those of the calibration part; "uncertain" is an answer, too."""

    LOW = "low"
    TYPICAL = "typical"
    ELEVATED = "elevated"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Curve:
    """Chances of still being unemployed at each horizon, each (n, horizons), non-increasing along a row.

    Counted from registration, given that the spell has lasted as long as its row says: 1 at a horizon reached already.
    """

    probability: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class TrainedModel:
    """All that is needed to score a person; `low_below` and `elevated_from` cut the bands at the main horizon."""

    name: str
    encoder: Encoder
    scorer: Scorer
    calibrators: tuple[Calibrator, ...]
    outcome: Outcome
    low_below: float
    elevated_from: float

    @property
    def place(self) -> int:
        """Return which of the horizons is the main one."""
        return self.outcome.horizons.index(self.outcome.horizon)

    @property
    def output_names(self) -> list[str]:
        """Return the name of each horizon's probability."""
        return [f"still_unemployed_at_{horizon:g}" for horizon in self.outcome.horizons]

    def curve(self, codes: Floats) -> Curve:
        """Return the chances of still being unemployed, with the interval of each."""
        margins = self.scorer.margins(codes)
        reached = self.reached(codes)
        probability = [each.probability(m) for each, m in zip(self.calibrators, margins.T, strict=True)]
        ends = [each.interval(m) for each, m in zip(self.calibrators, margins.T, strict=True)]

        def falling(columns: list[Floats]) -> Floats:
            # Whoever is still unemployed at the later horizon was so at the earlier one.
            return np.minimum.accumulate(np.where(reached, 1.0, np.column_stack(columns)), axis=1)

        return Curve(falling(probability), falling([low for low, _ in ends]), falling([high for _, high in ends]))

    def reached(self, codes: Floats) -> Bools:
        """Return which horizons each spell had reached when its row was looked at, (n, horizons)."""
        if self.outcome.entry is None:
            return np.zeros((len(codes), len(self.outcome.horizons)), dtype=bool)
        entry = codes[:, self.encoder.names.index(self.outcome.entry)]
        return np.asarray(entry[:, None] >= np.array(self.outcome.horizons))

    def band(self, probability: float, low: float, high: float, *, unfamiliar: bool) -> Band:
        """Return the band; uncertain when the interval reaches all three or the case is unlike the training data."""
        if unfamiliar or (low < self.low_below and high >= self.elevated_from):
            return Band.UNCERTAIN
        if probability >= self.elevated_from:
            return Band.ELEVATED
        return Band.LOW if probability < self.low_below else Band.TYPICAL
