"""Shares and means of weighted rows, with intervals that hold when a person has several of them."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from ml.contracts import Bools, Floats, Interval, Rows

from .clusters import by_person

Z95 = float(norm.ppf(0.975))


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
