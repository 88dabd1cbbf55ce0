"""Shares with intervals that hold when a person has several rows, and at 0 and 1."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, logit

from ml.contracts import Bools, Floats, Interval, Rows
from ml.measures.shares import Z95, weighted_mean

UNKNOWN = Interval(math.nan, math.nan, math.nan)


def proportion(hits: Bools, person: Rows) -> Interval:
    """Return the share of hits with its 95 % interval on the log-odds scale; NaN of nobody.

    hits    (n,)
    person  (n,) rows of one person share a number

    None or all of the rows: the bound is Clopper and Pearson's of as many trials as there are persons.
    """
    if not len(hits):
        return UNKNOWN
    share, error = weighted_mean(hits, np.ones(len(hits)), person)
    if share in (0.0, 1.0):
        within = 0.025 ** (1 / len(np.unique(person)))
        return Interval(0.0, 0.0, 1 - within) if share == 0 else Interval(1.0, within, 1.0)
    spread = Z95 * error / (share * (1 - share))
    return Interval(share, float(expit(logit(share) - spread)), float(expit(logit(share) + spread)))


def mean(values: Floats, person: Rows) -> Interval:
    """Return the mean with its 95 % interval; NaN of nobody. Both (n,)."""
    if not len(values):
        return UNKNOWN
    value, error = weighted_mean(values, np.ones(len(values)), person)
    return Interval(value, value - Z95 * error, value + Z95 * error)
