"""A model asked about one row, in plain numbers: what `TrainedModel.hints` says of many, in a third of the time.

With thirty numbers to reckon with, NumPy takes longer to be called than to reckon.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, islice
from math import isnan, nan, sqrt

import numpy as np
from scipy.special import expit

from ml.contracts import Floats, Outcome
from ml.measures.shares import Z95, student95

from .bands import AGREED, BANDS, WIDEST, Band, Cuts
from .between import Between
from .calibrate import Calibrator, Calibrators, Lines, lines
from .encode import Encoder
from .familiarity import Familiarity
from .on_way import OnWay, on_way
from .pace import Pace
from .panel import Panel, RowSaid

Three = tuple[list[float], list[float], list[float]]  # the chances of a curve, and both ends of their intervals


@dataclass(frozen=True, slots=True)
class RowHint:
    """What a model says of one row.

    landmark                how many horizons the spell had reached
    probability, low, high  (horizons,) as in `Curve`
    band                    None where the main horizon was reached: then nothing below holds
    wide, unlike, unstable  why it is uncertain, as in `Bands`
    """

    landmark: int
    probability: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    band: Band | None
    wide: bool
    unlike: bool
    unstable: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A calibrator of one landmark and horizon; `points`, `p0` and `p1` are Venn–Abers', empty without it."""

    center: float
    level: float
    slope: float
    level_variance: float
    slope_variance: float
    points: Sequence[float]
    p0: Sequence[float]
    p1: Sequence[float]

    def log_odds(self, margin: float) -> float:
        """Return calibrated log-odds."""
        return self.level + self.slope * (margin - self.center)

    def ends(self, margin: float, further_variance: float) -> tuple[float, float, float]:
        """Return calibrated log-odds and the ends of their 95 % interval, without Venn–Abers."""
        away, middle = margin - self.center, self.log_odds(margin)
        spread = Z95 * sqrt(self.level_variance + self.slope_variance * (away * away) + further_variance)
        return middle, middle - spread, middle + spread

    def widened(self, margin: float, low: float, high: float) -> tuple[float, float]:
        """Return an interval that holds the Venn–Abers pair, too."""
        if not self.points:
            return low, high
        below, above = bisect_right(self.points, margin), bisect_left(self.points, margin)
        return min(low, self.p0[below]), max(high, self.p1[above])


@dataclass(frozen=True, slots=True)
class Ahead:
    """A horizon that is left at a landmark, and the calibrator of the kept model there."""

    place: int
    line: Line


@dataclass(frozen=True, slots=True)
class Stage:
    """What a model goes by at one landmark; `cuts`: where the bands begin, NaN where there are none.

    refits  their calibrators, (refits, horizons)
    """

    ahead: tuple[Ahead, ...]
    refits: Lines
    cuts: tuple[float, float]

    def odds(self, others: Floats) -> list[list[float]]:
        """Return log-odds at each horizon that is left, of each refit; others (refits, horizons) are their margins."""
        odds: list[list[float]] = self.refits.log_odds(others).T.tolist()
        return [odds[each.place] for each in self.ahead]

    def ends(self, margins: Sequence[float], variances: Sequence[float]) -> list[float]:
        """Return log-odds and the ends of their interval, three for each horizon that is left, without Venn–Abers."""
        found = zip(self.ahead, variances, strict=True)
        return [end for each, variance in found for end in each.line.ends(margins[each.place], variance)]

    def widened(self, margins: Sequence[float], chances: Sequence[float]) -> list[list[float]]:
        """Return chance, low and high of each horizon that is left, with Venn–Abers; chances are of `ends`."""
        threes = zip(self.ahead, chances[::3], chances[1::3], chances[2::3], strict=True)
        return [[middle, *each.line.widened(margins[each.place], low, high)] for each, middle, low, high in threes]


@dataclass(frozen=True)
class Alone:
    """What a trained model goes by, to be asked about one row at a time.

    others  the calibrators of each refit
    cuts    where the bands begin at each landmark; None: there are none
    pace    of the times whose level the calibrators have; None: the level stays
    between the ways from landmark to landmark; None: no input says how long a spell had lasted
    """

    outcome: Outcome
    encoder: Encoder
    panel: Panel
    familiarity: Familiarity
    calibrators: Calibrators
    others: tuple[Calibrators, ...]
    cuts: Sequence[Cuts | None]
    pace: Pace | None
    between: Between | None

    def said(self, codes: Sequence[float]) -> RowSaid:
        """Return what the scorers say of one row, codes (inputs,)."""
        way = self.way(codes)
        if way is None:
            return self.panel.row(np.array([codes]))
        here, there = (self.panel.row(np.array([asked])) for asked in (way.here, way.there))
        return way.said(here, there)

    def way(self, codes: Sequence[float]) -> OnWay | None:
        """Return where a row stands that is looked at between landmarks; None where it is not."""
        return None if self.between is None else on_way(self.between, codes, self.landmark(codes))

    def landmark(self, codes: Sequence[float]) -> int:
        """Return how many horizons a spell had reached when its row was looked at."""
        return 0 if self._entry is None else bisect_right(self.outcome.horizons, codes[self._entry])

    def hint(self, codes: Sequence[float], said: RowSaid, *, strange: bool) -> RowHint:
        """Return the hint about one row, of what was said of it.

        strange  training saw nothing like one of the codes (`Encoder.unfamiliar_row`)
        """
        landmark, way = self.landmark(codes), self.way(codes)
        curve, of_refits = self._chances(landmark, way, said.margins)
        if self.pace is not None:
            curve, of_refits = _raised(self.pace, codes, curve, of_refits)
        if landmark > self.outcome.place:
            return RowHint(landmark, *curve, band=None, wide=False, unlike=False, unstable=False)
        probability, low, high = (each[self.outcome.place] for each in curve)
        cuts = self._stages[landmark].cuts if way is None else way.cuts
        band = _band(probability, cuts)
        wide = high - low > WIDEST or (low < cuts[0] and high >= cuts[1])
        unlike = strange or self.familiarity.far(self.encoder, codes if way is None else way.here)
        unstable = _agreed(of_refits, band, cuts) < AGREED
        uncertain = wide or unlike or unstable
        told = Band.UNCERTAIN if uncertain else BANDS[band]
        return RowHint(landmark, *curve, band=told, wide=wide, unlike=unlike, unstable=unstable)

    def slope(self, landmark: int, place: int) -> float:
        """Return what a unit of the margin is worth in calibrated log-odds at a horizon; 0 where it was reached."""
        return next((each.line.slope for each in self._stages[landmark].ahead if each.place == place), 0.0)

    def _chances(self, landmark: int, way: OnWay | None, said: Floats) -> tuple[Three, Sequence[float]]:
        """Return the curve, and what each refit says at the main horizon, before the pace; said (scorers, horizons)."""
        margins, others, stage = said[0].tolist(), said[1:], self._stages[landmark]
        odds, stages = stage.odds(others), [stage]
        if way is not None:
            stages.append(self._stages[landmark + 1])
            odds = way.odds(odds, stages[1].odds(others))
        variances = [self._variance(each) for each in odds]
        ends = [each.ends(margins, variances[place:]) for place, each in enumerate(stages)]
        last = self._last(stage, odds)
        # SciPy's, for a chance may stand on a cut: then the last bit tells.
        chances = iter(expit(np.array([*chain(*ends), *last])).tolist())
        found = zip(stages, ends, strict=True)
        here, *there = (each.widened(margins, list(islice(chances, len(of)))) for each, of in found)
        threes = here if way is None else way.chances(here, *there)
        return self._curve(landmark, threes), list(chances)

    def _variance(self, said: Sequence[float]) -> float:
        """Return the variance of what refits say, and what must be added for so few draws of it."""
        if len(said) < 2:
            return 0.0
        mean = sum(said) / len(said)
        return sum([(each - mean) * (each - mean) for each in said]) / (len(said) - 1) * self._wider

    def _last(self, stage: Stage, odds: Sequence[Sequence[float]]) -> list[float]:
        """Return the log-odds of each refit at the main horizon; its curve falls, too."""
        to_main = [found for each, found in zip(stage.ahead, odds, strict=True) if each.place <= self.outcome.place]
        return [min(each) for each in zip(*to_main, strict=True)]

    def _curve(self, landmark: int, threes: Sequence[Sequence[float]]) -> Three:
        """Return the chances and both ends of their intervals, none above the one before it; 1 where reached."""
        whole = [(1.0, 1.0, 1.0)] * landmark
        middles, lows, highs = (list(accumulate(each, min)) for each in zip(*whole, *threes, strict=True))
        return middles, lows, highs

    # ---------------------------------------------------------------- what never changes, worked out once

    @cached_property
    def _entry(self) -> int | None:
        entry = self.outcome.entry
        return None if entry is None else self.encoder.names.index(entry)

    @cached_property
    def _wider(self) -> float:
        degrees = len(self.others) - 1
        return (student95(degrees) / Z95) ** 2 if degrees > 0 else 0.0

    @cached_property
    def _stages(self) -> list[Stage]:
        return [self._stage(landmark) for landmark in range(len(self.calibrators))]

    def _stage(self, landmark: int) -> Stage:
        cuts, kept = self.cuts[landmark], enumerate(self.calibrators[landmark])
        return Stage(
            tuple([Ahead(place, _line(each)) for place, each in kept if each is not None]),
            lines(self.others or [self.calibrators]).at(np.array(landmark)),  # nothing is asked where there are none
            (nan, nan) if cuts is None else (float(cuts.low_below), float(cuts.elevated_from)),
        )


def _raised(
    pace: Pace, codes: Sequence[float], curve: Three, of_refits: Sequence[float]
) -> tuple[Three, Sequence[float]]:
    """Return the curve and the chances of the refits at the pace of the row's day."""
    raised, length = pace.raised([*chain.from_iterable(curve), *of_refits], codes), len(curve[0])
    middles, lows, highs = (raised[place : place + length] for place in range(0, 3 * length, length))
    return (middles, lows, highs), raised[3 * length :]


def _band(probability: float, cuts: tuple[float, float]) -> int:
    return (probability >= cuts[0]) + (probability >= cuts[1])


def _agreed(chances: Sequence[float], band: int, cuts: tuple[float, float]) -> float:
    """Return the share of the refits that see the same band."""
    if not chances or isnan(cuts[0]):
        return 1.0
    return sum([_band(each, cuts) == band for each in chances]) / len(chances)


def _line(calibrator: Calibrator) -> Line:
    pair = calibrator.venn_abers
    p0, p1 = ((), ()) if pair is None else [each.tolist() for each in calibrator.of_late]
    return Line(
        float(calibrator.center),
        float(calibrator.level),
        float(calibrator.slope),
        float(calibrator.level_variance),
        float(calibrator.slope_variance),
        () if pair is None else pair.score,
        p0,
        p1,
    )
