"""Shares and means of weighted rows, with intervals that hold when a person has several of them."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri, stdtrit

from ml.contracts import Bools, Floats, Interval, Rows

from .clusters import by_person

Z95 = float(ndtri(0.975))


def student95(degrees: int) -> float:
    """Return Student's quantile in the place of 1.96, for so many degrees of freedom."""
    return float(stdtrit(degrees, 0.975))


def weighted_mean(values: Floats | Bools, weight: Floats, person: Rows) -> tuple[float, float]:
    """Return the weighted mean and its standard error; all (n,)."""
    value = float(np.average(values, weights=weight))
    influence = by_person(np.asarray(weight * (values - value)), person)
    return value, float(np.sqrt(np.sum(influence**2)) / weight.sum())


def log_log_interval(share: float, relative_error: float) -> Interval:
    """Return the 95 % interval of a share on the log–log scale, which stays within 0 and 1.

    relative_error  standard error of the share, divided by the share
    """
    if not 0 < share < 1:
        return Interval(share, share, share)
    spread = Z95 * relative_error / abs(np.log(share))
    return Interval(share, share ** float(np.exp(spread)), share ** float(np.exp(-spread)))


def share_interval(share: float, error: float, effective: float) -> Interval:
    """Return the 95 % interval of a share on the log-odds scale, which stays within 0 and 1.

    error      standard error of the share
    effective  persons that it is of: none of 50 is not known to be none, so that a share of 0 or 1 gets the
               Clopper–Pearson bound of as many (as in the audit)
    """
    if np.isnan(share):  # of nobody
        return Interval(share, share, share)
    if not 0 < share < 1:
        away = 1 - 0.025 ** (1 / effective) if effective > 0 else 1.0
        return Interval(0.0, 0.0, away) if share <= 0 else Interval(1.0, 1 - away, 1.0)
    spread, middle = Z95 * error / (share * (1 - share)), float(logit(share))
    return Interval(share, float(expit(middle - spread)), float(expit(middle + spread)))


def plain_interval(value: float, error: float) -> Interval:
    """Return the normal 95 % interval of a figure without bounds."""
    return Interval(value, value - Z95 * error, value + Z95 * error)


def ratio_interval(ratio: float, relative_error: float) -> Interval:
    """Return the 95 % interval of a ratio above 0 on the log scale; relative_error: standard error of its logarithm."""
    spread = float(np.exp(Z95 * relative_error))
    return Interval(ratio, ratio / spread, ratio * spread)
