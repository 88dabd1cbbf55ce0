"""A trained model: encoder, scorer, calibrators and the cuts of its bands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ml.contracts import Floats, Outcome

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
    """Chances of still being unemployed at each horizon, each (n, horizons), non-increasing along a row."""

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
        probability = np.column_stack(
            [each.probability(m) for each, m in zip(self.calibrators, margins.T, strict=True)]
        )
        ends = [each.interval(m) for each, m in zip(self.calibrators, margins.T, strict=True)]
        # Whoever is still unemployed at the later horizon was so at the earlier one.
        falling = np.minimum.accumulate
        return Curve(
            falling(probability, axis=1),
            falling(np.column_stack([low for low, _ in ends]), axis=1),
            falling(np.column_stack([high for _, high in ends]), axis=1),
        )

    def band(self, probability: float, low: float, high: float, *, unfamiliar: bool) -> Band:
        """Return the band; uncertain when the interval reaches all three or the case is unlike the training data."""
        if unfamiliar or (low < self.low_below and high >= self.elevated_from):
            return Band.UNCERTAIN
        if probability >= self.elevated_from:
            return Band.ELEVATED
        return Band.LOW if probability < self.low_below else Band.TYPICAL
