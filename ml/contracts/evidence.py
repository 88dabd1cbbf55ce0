"""Figures with their intervals, and what the audit found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """Logistic recalibration (0 and 1 when perfect) and the integrated calibration index."""

    intercept: float
    slope: float
    ici: float


@dataclass(frozen=True)
class Scores:
    """Censoring-weighted quality of one model on the test part."""

    auc: Interval
    brier: Interval
    calibration: Calibration


class Verdict(StrEnum):
    """What the evidence says of a ratio; `insufficient` is neither pass nor fail."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    INSUFFICIENT = "insufficient"
    FAIL = "fail"


@dataclass(frozen=True)
class Stability:
    """How bands hold when the model is trained on other people, and how often the answer is "uncertain".

    landmark     how many horizons had been reached; None: all rows together
    flipped      share of people whom at least one refit puts into another band
    disagreeing  mean share of refits that put a person into another band
    uncertain    share of people who are told "uncertain"; of them, for a cause or several:
    wide, unlike, unstable   too wide an interval, a case unlike the training data, refits that do not agree
    """

    landmark: int | None
    rows: int
    refits: int
    flipped: Interval
    disagreeing: Interval
    uncertain: Interval
    wide: float
    unlike: float
    unstable: float
