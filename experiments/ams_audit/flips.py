"""What a formula would have said of each person had a protected attribute been another, all else held."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ml.contracts import Bools, Flip, Floats, Interval, Rows
from ml.disclosure import redact
from ml.measures.clusters import effective_persons
from ml.measures.shares import plain_interval, share_interval, weighted_mean

NOT_A_VALUE = ("missing", "suppressed")  # nobody is of these

Said = Callable[[pd.DataFrame], Floats]


def flip(said: Said, protected: pd.DataFrame, attribute: str, cut: float, person: Rows) -> Flip:
    """Return how far chances move when everybody is given each value of an attribute that anybody has.

    said       protected attributes, n × attributes → (n,) chances, everything else as it is
    cut        chance from which people are flagged; it stays where it is
    person     (n,) rows of one person share a number
    """
    column = protected[attribute].astype(str)
    values = [value for value in sorted(set(column)) if value not in NOT_A_VALUE]
    own = said(protected)
    given = np.column_stack([said(protected.assign(**{attribute: value})) for value in values])
    return Flip(attribute, _moved(own, given, column, values, person), _flagged(own, given, cut, person))


def _moved(own: Floats, given: Floats, column: pd.Series, values: Sequence[str], person: Rows) -> Interval:
    """Return the mean absolute change over people and the values that are not theirs."""
    others = column.to_numpy()[:, None] != np.array(values, dtype=object)[None, :]
    of_each = np.abs(given - own[:, None]).sum(axis=1) / np.maximum(others.sum(axis=1), 1)  # one's own moves nothing
    return plain_interval(*weighted_mean(of_each, np.ones(len(own)), person))


def _flagged(own: Floats, given: Floats, cut: float, person: Rows) -> Interval:
    """Return the share of people who are flagged with one value and not with another, as rounded counts give it.

    Nothing is shown of one to four, in either part.
    """
    flags = np.column_stack([own, given]) >= cut
    turns: Bools = np.asarray(flags.any(axis=1) & ~flags.all(axis=1))
    those, others = redact(int(turns.sum())), redact(int((~turns).sum()))
    if those is None or others is None:
        return Interval(np.nan, np.nan, np.nan)
    weight = np.ones(len(own))
    share, error = weighted_mean(turns, weight, person)
    exact = share_interval(share, error, effective_persons(weight, person))
    value = those / (those + others)
    low, high = np.clip([exact.low + value - share, exact.high + value - share], 0, 1)
    return Interval(value, float(low), float(high))
