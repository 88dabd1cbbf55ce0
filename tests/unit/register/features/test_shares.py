"""The long-term share by months since registration, against scikit-survival and by hand."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import numpy as np
import pytest
from sksurv.nonparametric import kaplan_meier_estimator

from ml.register.build.shares import MONTH_DAYS, long_term_shares


def counted(days: np.ndarray, ended: np.ndarray) -> list[tuple[int, int, int]]:
    every, exits = Counter(days.tolist()), Counter(days[ended].tolist())
    return [(day, count, exits[day]) for day, count in every.items()]


def test_shares_and_intervals_are_those_of_scikit_survival() -> None:
    rng = np.random.default_rng(3)
    lasted, watched = rng.exponential(220, 800).astype(int), rng.integers(0, 900, 800)
    days, ended = np.minimum(lasted, watched), lasted <= watched
    for share in long_term_shares(counted(days, ended)):
        there = days > share.months * MONTH_DAYS if share.months else days >= 0
        times, survival, limits = kaplan_meier_estimator(
            ended[there], days[there], conf_type="log-log", conf_level=0.95
        )
        at = np.searchsorted(times, 365, side="left") - 1  # the day before the 365th
        assert share.at_risk == there.sum()
        assert share.value == pytest.approx(survival[at], abs=1e-12)
        low, high = limits[:, at]
        assert abs(share.low - low) < 0.02  # Greenwood's interval, there on another scale
        assert abs(share.high - high) < 0.02


def test_by_hand() -> None:
    """Ten spells: three end on day 10, one is censored on day 20, two end on day 100, four reach the year."""
    first, *rest = long_term_shares([(10, 3, 3), (20, 1, 0), (100, 2, 2), (365, 1, 1), (400, 3, 0)])
    value = 0.7 * (1 - 2 / 6)
    half = 1.959963984540054 * value * sqrt(3 / (10 * 7) + 2 / (6 * 4))
    assert (first.months, first.at_risk) == (0, 10)
    assert (first.value, first.low, first.high) == pytest.approx((value, value - half, value + half))
    told = [(share.months, share.at_risk, round(share.value, 6)) for share in rest]
    assert told == [(m, 6, round(1 - 2 / 6, 6)) for m in (1, 2, 3)] + [(m, 4, 1.0) for m in range(4, 12)]


def test_an_end_on_the_day_before_the_year_is_no_long_term_unemployment_and_on_the_day_it_is() -> None:
    assert long_term_shares([(364, 1, 1), (500, 1, 0)])[0].value == 0.5
    assert long_term_shares([(365, 1, 1), (500, 1, 0)])[0].value == 1.0


def test_months_that_nobody_reaches_are_left_out() -> None:
    assert [share.months for share in long_term_shares([(40, 5, 5)])] == [0, 1]
    assert long_term_shares([]) == ()
