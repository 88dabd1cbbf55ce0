"""Chances follow the pace at which people leave, and no model learns from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts import Cohort
from ml.models.pace import Pace, fit_pace
from ml.models.split import split
from ml.models.train import Trained, train

from .conftest import TREES

shares = st.floats(0.01, 0.99)


def told(codes: np.ndarray, share: float) -> np.ndarray:
    """Return the codes as looked at in other times."""
    changed = codes.copy()
    changed[:, 1] = share
    return changed


@given(shares, shares, st.floats(0.01, 0.99))
def test_a_chance_is_what_it_would_be_if_every_hazard_were_so_much_higher(
    then: float, now: float, chance: float
) -> None:
    """Somebody who stays with exp(-h) stays with exp(-h × k) where every hazard is k times as high."""
    pace = fit_pace(0, np.array([[then]]))
    assert pace is not None
    times = np.log(1 - now) / np.log(1 - then)
    np.testing.assert_allclose(pace.raised([chance], [now]), [np.exp(np.log(chance) * times)], rtol=1e-9)


def test_the_pace_of_the_level_is_the_mean_of_its_looks() -> None:
    codes = np.array([[1.0, 0.5], [2.0, 0.75]])
    assert fit_pace(1, codes) == Pace(1, pytest.approx((np.log(2) + np.log(4)) / 2))


@pytest.mark.parametrize("codes", [np.array([[0.5], [np.nan]]), np.zeros((0, 1))])
def test_where_a_look_does_not_know_the_pace_the_level_stays(codes: np.ndarray) -> None:
    assert fit_pace(0, codes) is None


@pytest.mark.parametrize("share", [0.0, 1.0, np.nan])
def test_whatever_is_told_chances_stay_chances(share: float) -> None:
    raised = Pace(0, 1.0).raised([0.0, 0.3, 1.0], [share])
    assert all(0 <= each <= 1 for each in raised)
    if np.isnan(share):
        assert raised == [0.0, 0.3, 1.0]


def test_the_level_follows_the_times(timed_world: Cohort, timed: Trained) -> None:
    """People of the test part left twice as fast: without being told, chances would be too high by half."""
    observed, said = timed.observed[6.0], timed.predicted[6.0]
    assert observed.low < said < observed.high
    blind = replace(timed.model, pace=None)
    parts = split(timed_world, 7)
    assert blind.probability(timed.codes[parts.test.rows])[:, 1].mean() > observed.value + 0.15


def test_challengers_are_judged_at_the_same_pace(timed: Trained) -> None:
    """Else the kept model would seem better than it is."""
    observed = timed.observed[6.0]
    for chances in timed.rivals.values():
        assert observed.low - 0.02 < chances.mean() < observed.high + 0.02


@pytest.mark.parametrize("kind", ["logistic", "additive", "lightgbm"])
def test_no_model_learns_from_the_pace(timed_world: Cohort, kind: str) -> None:
    contract, parts = timed_world.contract, split(timed_world, 7)
    found = train("x", timed_world.features, contract.inputs, contract.outcome, parts, seed=7, settings=TREES,
                  competing=(kind,)).model  # fmt: skip
    codes = found.encoder.frame(timed_world.features)
    for scorer in (found.scorer, *(refit.scorer for refit in found.refits)):
        margins = scorer.margins(codes)
        for share in (0.05, 0.95):
            np.testing.assert_array_equal(scorer.margins(told(codes, share)), margins)
        for place in range(3):
            assert (scorer.contributions(codes, place)[:, 1] == 0).all()


def test_times_unlike_those_of_training_make_nobody_strange(timed: Trained, timed_world: Cohort) -> None:
    codes = timed.codes[:200]
    usual = timed.model.familiarity.unlike(timed.model.encoder, codes)
    for share in (0.0, 0.05, 0.99, 1.0):
        assert (timed.model.familiarity.unlike(timed.model.encoder, told(codes, share)) == usual).all()


def test_a_pace_that_nobody_tells_makes_a_hint_uncertain(timed: Trained) -> None:
    """Where training was always told: the level may be years old then, and the caseworker is told so."""
    unlike = timed.model.familiarity.unlike(timed.model.encoder, told(timed.codes[:20], np.nan))
    assert unlike.all()


def test_intervals_and_bands_follow_as_well(timed: Trained) -> None:
    codes = timed.codes[:300]
    slow, fast = (timed.model.hints(told(codes, share)) for share in (0.5, 0.9))
    for name in ("probability", "low", "high"):
        assert (getattr(fast[0], name) < getattr(slow[0], name)).all()
    assert fast[1].band.mean() < slow[1].band.mean()


def test_the_same_chances_come_of_every_way(timed: Trained) -> None:
    codes = told(timed.codes[:50], 0.6)
    np.testing.assert_array_equal(timed.model.probability(codes), timed.model.curve(codes).probability)
    rows = [timed.model.probability(codes[place : place + 1])[0] for place in range(len(codes))]
    np.testing.assert_allclose(rows, timed.model.probability(codes), rtol=0, atol=1e-12)


def test_what_is_not_learnt_from_is_an_input_all_the_same(timed_world: Cohort, timed: Trained) -> None:
    assert timed.model.encoder.names == ("haste", "leaving")
    assert timed_world.features["leaving"].nunique() > 100
    learnable = timed.model.encoder.learnable(timed.codes)
    assert len(np.unique(learnable[:, 1])) == 1
    np.testing.assert_array_equal(learnable[:, 0], timed.codes[:, 0])
