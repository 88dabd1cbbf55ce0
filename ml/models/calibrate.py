"""Margins → probabilities that keep their word, a calibrator for each landmark and horizon, on a part of its own.

The slope is learnt from spells whose outcome is known, the level from what happened of late, to spells under way among
others. Both in one would need outcomes to be censored whatever the margin is, and in a register they are not: the later
a spell began, the better its time. The level follows the times; the slope does not need to.

Two parameters, so that a small part serves; with Platt's smoothed targets against separation (Platt 1999). Beside them
Venn–Abers, which tells where the two parameters are not the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, logit

from ml.contracts import Bools, Floats, Rows
from ml.measures.censoring import KnownOutcome
from ml.measures.clusters import by_person
from ml.measures.logistic import fit_logistic, robust_covariance
from ml.measures.shares import Z95

from .venn_abers import VennAbers, fit_venn_abers

EDGE = 1e-6  # probabilities are kept this far from 0 and 1 where their log-odds are needed


@dataclass(frozen=True)
class Calibrator:
    """probability = expit(level + slope × (margin − center)).

    level_variance, slope_variance   squared standard errors, by person; at the center they do not move together
    venn_abers                       on margins; None for a refit, whose interval nobody is told
    shift                            what the level of late adds to that of the spells Venn–Abers knows
    """

    center: float
    level: float
    slope: float
    level_variance: float = 0.0
    slope_variance: float = 0.0
    venn_abers: VennAbers | None = None
    shift: float = 0.0

    def log_odds(self, margin: Floats) -> Floats:
        """Return calibrated log-odds, (n,)."""
        return self.line.log_odds(margin)

    def probability(self, margin: Floats) -> Floats:
        """Return calibrated probabilities, (n,)."""
        return np.asarray(expit(self.log_odds(margin)))

    def interval(self, margin: Floats, further_variance: Floats | float = 0.0) -> tuple[Floats, Floats]:
        """Return the 95 % interval of the share among people with this margin, (n,) each.

        further_variance  (n,) of the log-odds, from what else is not certain: that other people were trained on

        It holds the Venn–Abers pair as well.
        """
        _, low, high = self.line.chances(margin, further_variance)
        self.widen(margin, low, high)
        return low, high

    def widen(self, margin: Floats, low: Floats, high: Floats) -> None:
        """Let intervals of people with these margins hold the Venn–Abers pair, in place; all (n,)."""
        if self.venn_abers is not None:
            (p0, p1), (below, above) = self.of_late, self.venn_abers.places(margin)
            np.minimum(low, p0[below], out=low)
            np.maximum(high, p1[above], out=high)

    @property
    def line(self) -> Lines:
        """Return the calibrator without Venn–Abers."""
        return Lines(self.center, self.level, self.slope, self.level_variance, self.slope_variance)

    @cached_property
    def of_late(self) -> tuple[Floats, ...]:
        """Return the probabilities of Venn–Abers, p0 and p1, at the level of late; none without it."""
        known = () if self.venn_abers is None else (self.venn_abers.p0, self.venn_abers.p1)
        return tuple(expit(logit(np.clip(each, EDGE, 1 - EDGE)) + self.shift) for each in known)


Calibrators = tuple[tuple[Calibrator | None, ...], ...]  # landmark → horizon; None where it is no question any more


@dataclass(frozen=True)
class Lines:
    """Levels, slopes and their variances of one calibrator, or of many, NaN where a horizon is no question.

    Of many: (…, landmarks, horizons).
    """

    center: Floats | float
    level: Floats | float
    slope: Floats | float
    level_variance: Floats | float
    slope_variance: Floats | float

    def at(self, landmark: Rows) -> Lines:
        """Return those of each row, (…, n, horizons); landmark (n,)."""
        return Lines(*(np.asarray(each)[..., landmark, :] for each in vars(self).values()))

    def log_odds(self, margins: Floats) -> Floats:
        """Return calibrated log-odds, of the shape of the margins."""
        return np.asarray(self.level + self.slope * (margins - self.center))

    def chances(self, margins: Floats, further_variance: Floats | float) -> Floats:
        """Return probabilities and the two ends of their 95 % interval, (3, …), without Venn–Abers."""
        away = margins - self.center
        variance = self.level_variance + self.slope_variance * away**2 + further_variance
        middle, spread = self.level + self.slope * away, Z95 * np.sqrt(variance)
        return np.asarray(expit(np.stack([middle, middle - spread, middle + spread])))


def line(calibrators: Calibrators) -> Lines:
    """Return the lines of one model, (landmarks, horizons)."""
    return Lines(*(np.asarray(each)[0] for each in vars(lines([calibrators])).values()))


def lines(calibrators: Sequence[Calibrators]) -> Lines:
    """Return the lines of some models, (models, landmarks, horizons)."""
    of = [[[_line(each) for each in horizons] for horizons in landmarks] for landmarks in calibrators]
    return Lines(*np.moveaxis(np.array(of), -1, 0))


def _line(each: Calibrator | None) -> tuple[float, ...]:
    return (np.nan,) * 5 if each is None else tuple(vars(each.line).values())


@dataclass(frozen=True)
class Known:
    """Margins and what is known of their spells at one horizon, each (n,); `person` numbers whose rows they are."""

    margin: Floats
    outcome: KnownOutcome
    person: Rows

    def parts(self) -> tuple[Floats, Floats, Floats, Rows]:
        """Return margin, smoothed target, weight and person of the rows whose outcome is known."""
        known = self.outcome.known
        return self.margin[known], smoothed(self.outcome.outcome[known]), self.outcome.weight[known], self.person[known]

    def level(self, slope: float, center: float) -> tuple[float, float]:
        """Return the log-odds at the center that make the mean chance the observed share, and their variance."""
        margin, target, weight, person = self.parts()
        level, chance = _level(margin, target, weight, slope, center)
        bread = float(np.sum(weight * chance * (1 - chance)))
        return level, float(np.sum(by_person(weight * (target - chance), person) ** 2)) / bread**2

    def center(self, level: float, slope: float) -> float:
        """Return the mean margin, by how much each row tells of the level: another slope turns the line about it."""
        return _center(self.margin, self.outcome.weight, level + slope * self.margin)


@dataclass(frozen=True)
class Newest:
    """Margins of those looked at of late, (n,), and the share of such people that reaches the horizon in these times.

    error  standard error of the share
    """

    margin: Floats
    share: float
    error: float

    def level(self, slope: float, center: float) -> tuple[float, float]:
        """Return the log-odds at the center that make the mean chance the share, and their variance."""
        one = np.ones(len(self.margin))
        level, chance = _level(self.margin, self.share * one, one, slope, center)
        return level, (self.error / float(np.mean(chance * (1 - chance)))) ** 2

    def center(self, level: float, slope: float) -> float:
        """Return the mean margin, by how much each row tells of the level."""
        return _center(self.margin, np.ones(len(self.margin)), level + slope * self.margin)


def calibrate(ripe: Known, newest: Known | Newest) -> Calibrator:
    """Return the calibrator of one landmark and horizon.

    ripe    spells that began early enough for every outcome to be known, for slope and shape
    newest  what tells the level; the same as `ripe` where the part leaves no gap

    A model whose margin does not rise with the outcome gets slope 0: it says the share, and nothing more.
    """
    margin, target, weight, person = ripe.parts()
    middle = float(np.average(margin, weights=weight))
    design = np.column_stack([np.ones(len(margin)), margin - middle])
    level, slope = fit_logistic(design, target, weight)
    rises = bool(np.isfinite(slope) and slope > 0)
    slope = float(slope) if rises else 0.0
    covariance = (
        robust_covariance(design, target, weight, np.array([level, slope]), person) if rises else np.zeros((2, 2))
    )
    now, level_variance = newest.level(slope, middle)
    was, _ = ripe.level(slope, middle)
    center = newest.center(now - slope * middle, slope)
    return Calibrator(
        center, now + slope * (center - middle), slope, level_variance, float(covariance[1, 1]),
        fit_venn_abers(margin, ripe.outcome.outcome[ripe.outcome.known].astype(np.float64), weight), now - was,
    )  # fmt: skip


def recalibrate(known: Calibrator, ripe: Known, newest: Known | Newest) -> Calibrator:
    """Return the calibrator of a refit at the same landmark and horizon: slope and level of its own, no interval."""
    margin, target, weight, _ = ripe.parts()
    design = np.column_stack([np.ones(len(margin)), margin - known.center])
    _, slope = fit_logistic(design, target, weight)
    slope = float(slope) if np.isfinite(slope) and slope > 0 else 0.0
    return Calibrator(known.center, newest.level(slope, known.center)[0], slope)


def smoothed(outcome: Bools) -> Floats:
    """Return Platt's targets: just inside 0 and 1, by one spell of each."""
    high, low = (outcome.sum() + 1) / (outcome.sum() + 2), 1 / ((~outcome).sum() + 2)
    return np.asarray(np.where(outcome, high, low))


def _level(margin: Floats, target: Floats, weight: Floats, slope: float, center: float) -> tuple[float, Floats]:
    """Return the level that makes the mean chance the mean target, and the chances."""
    offset = slope * (margin - center)
    level = float(fit_logistic(np.ones((len(margin), 1)), target, weight, offset)[0])
    return level, np.asarray(expit(level + offset))


def _center(margin: Floats, weight: Floats, odds: Floats) -> float:
    chance = expit(odds)
    return float(np.average(margin, weights=weight * chance * (1 - chance)))
