"""Shares and means of rows of which a person may have several, with 95 % intervals; NaN of nobody."""

from __future__ import annotations

import math

import numpy as np

from ml.contracts import Bools, Floats, Interval, Rows
from ml.measures.shares import plain_interval, share_interval, weighted_mean

UNKNOWN = Interval(math.nan, math.nan, math.nan)


def proportion(hits: Bools, person: Rows) -> Interval:
    """Return the share of hits with its interval, which is honest at 0 and 1, too.

    hits    (n,)
    person  (n,) rows of one person share a number
    """
    if not len(hits):
        return UNKNOWN
    share, error = weighted_mean(hits, np.ones(len(hits)), person)
    return share_interval(share, error, len(np.unique(person)))


def mean(values: Floats, person: Rows) -> Interval:
    """Return the mean with its interval; values and person (n,)."""
    if not len(values):
        return UNKNOWN
    return plain_interval(*weighted_mean(values, np.ones(len(values)), person))
