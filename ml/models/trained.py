"""A trained model: encoder, scorer, calibrators, refits and the cuts of its bands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import expit
from scipy.stats import t

from ml.contracts import Bools, Floats, Outcome, Rows
from ml.measures.landmarks import landmarks
from ml.measures.shares import Z95

from .calibrate import Calibrator
from .encode import Encoder
from .familiarity import Familiarity
from .scorers import Scorer

WIDEST = 0.30  # an interval wider than 30 points of a hundred says too little
AGREED = 0.8  # of the refits must see the same band


class Band(StrEnum):
    """Where a probability stands among people who have waited as long; "uncertain" is an answer, too."""

    LOW = "low"
    TYPICAL = "typical"
    ELEVATED = "elevated"
    UNCERTAIN = "uncertain"


Calibrators = tuple[tuple[Calibrator | None, ...], ...]  # landmark → horizon; None where it is no question any more


@dataclass(frozen=True)
class Refit:
    """The same kind of model, trained on other people: a bootstrap of the training part's persons."""

    scorer: Scorer
    calibrators: Calibrators


@dataclass(frozen=True)
class Cuts:
    """Where bands begin, at one landmark: the lowest and the highest quarter of the calibration part there."""

    low_below: float
    elevated_from: float

    def band(self, probability: Floats) -> Rows:
        """Return 0 low, 1 typical, 2 elevated, (n,)."""
        return np.asarray((probability >= self.low_below).astype(np.int64) + (probability >= self.elevated_from))


@dataclass(frozen=True)
class Curve:
    """Chances of still being unemployed at each horizon, each (n, horizons), non-increasing along a row.

    Counted from registration, given that the spell has lasted as long as its row says: 1 at a horizon reached already.
    """

    probability: Floats
    low: Floats
    high: Floats


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
        return Band.UNCERTAIN if self.uncertain[row] else (Band.LOW, Band.TYPICAL, Band.ELEVATED)[self.band[row]]


@dataclass(frozen=True)
class TrainedModel:
    """All that is needed to score a person.

    calibrators  landmark → horizon
    refits       at least ten, or none: then nothing is known of stability
    cuts         landmark → cuts of the bands at the main horizon; None where it is no question any more
    """

    name: str
    encoder: Encoder
    scorer: Scorer
    calibrators: Calibrators
    refits: tuple[Refit, ...]
    outcome: Outcome
    cuts: tuple[Cuts | None, ...]
    familiarity: Familiarity

    @property
    def place(self) -> int:
        """Return which of the horizons is the main one."""
        return self.outcome.horizons.index(self.outcome.horizon)

    @property
    def output_names(self) -> list[str]:
        """Return the name of each horizon's probability."""
        return [f"still_unemployed_at_{horizon:g}" for horizon in self.outcome.horizons]

    def landmarks(self, codes: Floats) -> Rows:
        """Return how many horizons each spell had reached when its row was looked at, (n,)."""
        if self.outcome.entry is None:
            return np.zeros(len(codes), dtype=np.int64)
        return landmarks(codes[:, self.encoder.names.index(self.outcome.entry)], self.outcome)

    def reached(self, codes: Floats) -> Bools:
        """Return which horizons each spell had reached when its row was looked at, (n, horizons)."""
        return np.asarray(self.landmarks(codes)[:, None] > np.arange(len(self.outcome.horizons)))

    def slopes(self, codes: Floats, place: int) -> Floats:
        """Return what a unit of the margin is worth in calibrated log-odds at a horizon, (n,); 0 where reached."""
        of_landmark = [0.0 if (each := horizons[place]) is None else each.slope for horizons in self.calibrators]
        return np.array(of_landmark)[self.landmarks(codes)]

    def curve(self, codes: Floats) -> Curve:
        """Return the chances of still being unemployed, with the interval of each."""
        return self._curve(codes, self._refit_log_odds(codes))

    def hints(self, codes: Floats) -> tuple[Curve, Bands]:
        """Return the chances, with intervals, and the bands."""
        others = self._refit_log_odds(codes)
        curve = self._curve(codes, others)
        return curve, self._bands(codes, curve, others)

    def _refit_log_odds(self, codes: Floats) -> Floats:
        """Return what each refit says, (refits, n, horizons); NaN where a horizon was reached."""
        landmark = self.landmarks(codes)
        found = [log_odds(each.calibrators, each.scorer.margins(codes), landmark) for each in self.refits]
        return np.array(found).reshape(len(self.refits), len(codes), len(self.outcome.horizons))

    def _curve(self, codes: Floats, others: Floats) -> Curve:
        margins, landmark = self.scorer.margins(codes), self.landmarks(codes)
        further = np.zeros(margins.shape)
        if len(others) > 1:
            # Of so few draws the spread is known roughly: Student's interval is wider than the normal one.
            further = others.var(axis=0, ddof=1) * (float(t.ppf(0.975, len(others) - 1)) / Z95) ** 2
        three = np.ones((3, *margins.shape))
        for stage, horizons in enumerate(self.calibrators):
            rows = np.flatnonzero(landmark == stage)
            for place, each in enumerate(horizons):
                if each is not None and len(rows):
                    margin = margins[rows, place]
                    three[0, rows, place] = each.probability(margin)
                    three[1:, rows, place] = each.interval(margin, further[rows, place])
        # Whoever is still unemployed at the later horizon was so at the earlier one.
        return Curve(*np.minimum.accumulate(three, axis=2))

    def _bands(self, codes: Floats, curve: Curve, others: Floats) -> Bands:
        place, landmark = self.place, self.landmarks(codes)
        asked = ~self.reached(codes)[:, place]
        low, high = curve.low[:, place], curve.high[:, place]
        band, agreed = np.zeros(len(codes), dtype=np.int64), np.ones(len(codes))
        wide = high - low > WIDEST
        for stage, cuts in enumerate(self.cuts):
            rows = np.flatnonzero(landmark == stage)
            if cuts is None or not len(rows):
                continue
            band[rows] = cuts.band(curve.probability[rows, place])
            wide[rows] |= (low[rows] < cuts.low_below) & (high[rows] >= cuts.elevated_from)
            if len(others):
                odds = np.fmin.accumulate(others[:, rows], axis=2)[:, :, place]  # a refit's curve falls, too
                agreed[rows] = np.mean(cuts.band(expit(odds)) == band[rows], axis=0)
        return Bands(band, asked, wide, self.familiarity.unlike(self.encoder, codes), agreed < AGREED, agreed)


def log_odds(calibrators: Calibrators, margins: Floats, landmark: Rows) -> Floats:
    """Return calibrated log-odds, (n, horizons); NaN where a horizon is no question at the row's landmark."""
    found = np.full(margins.shape, np.nan)
    for stage, horizons in enumerate(calibrators):
        rows = np.flatnonzero(landmark == stage)
        for place, each in enumerate(horizons):
            if each is not None:
                found[rows, place] = each.log_odds(margins[rows, place])
    return found
