"""Calibration against scikit-learn, and its interval against the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from ml.contracts import Floats, Spells
from ml.measures.censoring import KnownOutcome, outcome_at, share_unemployed
from ml.measures.logistic import fit_logistic
from ml.models.calibrate import calibrate, smoothed

Followed = Callable[..., tuple[Floats, np.ndarray]]


def drawn(rng: np.random.Generator, n: int, intercept: float, slope: float) -> tuple[Floats, KnownOutcome]:
    """Return margins and outcomes whose log-odds are a line in the margin, a fifth of them of unknown outcome."""
    margin = rng.normal(size=n)
    outcome = rng.random(n) < expit(intercept + slope * margin)
    return margin, KnownOutcome(outcome, np.where(rng.random(n) < 0.2, 0.0, rng.uniform(0.5, 3, n)))


def by_sklearn(design: Floats, target: Floats, weight: Floats) -> Floats:
    """Return unpenalised coefficients; a fractional target is one row of each outcome, weighted."""
    both = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000, fit_intercept=False, solver="newton-cholesky")
    both.fit(
        np.vstack([design, design]),
        np.repeat([1, 0], len(design)),
        sample_weight=np.concatenate([weight * target, weight * (1 - target)]),
    )
    return both.coef_[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(30, 300), st.floats(-3, 3), st.floats(0.5, 3))
def test_coefficients_are_those_of_scikit_learn(seed: int, n: int, intercept: float, slope: float) -> None:
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    target = np.clip(expit(design @ [intercept, slope, -1]) + rng.normal(0, 0.2, n), 0.01, 0.99)
    weight = rng.uniform(0.1, 5, n)
    assert fit_logistic(design, target, weight) == pytest.approx(by_sklearn(design, target, weight), abs=1e-6)


@pytest.mark.parametrize("far", [8.0, -12.0])
def test_a_fit_that_starts_far_away_arrives(far: float) -> None:
    """Newton's first step from there overshoots by hundreds, to where the likelihood is flat."""
    target = np.repeat([1.0, 0.0], [30, 70])
    assert fit_logistic(np.ones((100, 1)), target, np.ones(100), offset=far) == pytest.approx([logit(0.3) - far])


def test_the_calibrator_is_the_weighted_fit_to_platts_targets(rng: np.random.Generator) -> None:
    margin, outcome = drawn(rng, 400, -0.5, 1.3)
    known = outcome.weight > 0
    still, gone = outcome.outcome[known].sum(), (~outcome.outcome[known]).sum()
    target = np.where(outcome.outcome[known], (still + 1) / (still + 2), 1 / (gone + 2))
    oracle = by_sklearn(np.column_stack([np.ones(known.sum()), margin[known]]), target, outcome.weight[known])
    found = calibrate(margin, outcome)
    assert (found.intercept, found.slope) == pytest.approx(tuple(oracle), abs=1e-6)
    np.testing.assert_allclose(found.probability(margin), expit(oracle[0] + oracle[1] * margin), atol=1e-6)


def test_spells_of_unknown_outcome_say_nothing(rng: np.random.Generator) -> None:
    margin, outcome = drawn(rng, 400, -0.5, 1.3)
    unknown = outcome.weight == 0
    turned = KnownOutcome(outcome.outcome ^ unknown, outcome.weight)
    assert calibrate(margin, turned) == calibrate(margin, outcome)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(10, 200), st.floats(-3, 3), st.floats(-1, 3))
def test_the_mean_prediction_is_the_weighted_share(seed: int, n: int, intercept: float, slope: float) -> None:
    """Up to Platt's smoothing, which moves each target by less than one in the number of its kind."""
    margin, outcome = drawn(np.random.default_rng(seed), n, intercept, slope)
    found = calibrate(margin, outcome)
    predicted = np.average(found.probability(margin), weights=outcome.weight)
    known = outcome.weight > 0
    target = smoothed(outcome.outcome[known])
    assert predicted == pytest.approx(np.average(target, weights=outcome.weight[known]), abs=1e-7)
    still = outcome.weight @ outcome.outcome / outcome.weight.sum()
    at_most = still / (outcome.outcome[known].sum() + 2) + (1 - still) / ((~outcome.outcome[known]).sum() + 2)
    assert abs(predicted - still) <= at_most + 1e-7


def test_platts_targets() -> None:
    assert smoothed(np.array([True, True, True, False])) == pytest.approx([4 / 5, 4 / 5, 4 / 5, 1 / 3])


def test_under_heavy_censoring_the_prediction_is_the_kaplan_meier_share(
    followed: Followed, rng: np.random.Generator
) -> None:
    margin = rng.normal(size=3000)
    spells = Spells(*followed(0.8 * margin, rng, censored=1.0))
    known = outcome_at(spells, 6)
    assert known.known.mean() < 0.75
    naive = (spells.duration >= 6)[known.known].mean()
    share = share_unemployed(spells, 6)
    predicted = np.average(calibrate(margin, known).probability(margin), weights=known.weight)
    assert predicted == pytest.approx(share.value, abs=1 / 300)
    assert abs(naive - share.value) > 0.05  # dropping the censored would have shown
    assert abs(calibrate(margin, known).probability(margin).mean() - expit(0.8 * margin).mean()) < 0.03


@pytest.mark.parametrize("sign", [-1, 0])
def test_a_margin_that_does_not_rise_with_the_outcome_leaves_the_share(rng: np.random.Generator, sign: int) -> None:
    margin, outcome = drawn(rng, 300, 0.4, 1.0)
    known = outcome.weight > 0
    share = np.average(smoothed(outcome.outcome[known]), weights=outcome.weight[known])
    found = calibrate(sign * margin, outcome)
    assert found.slope == 0
    assert found.probability(margin) == pytest.approx(np.full(300, share), abs=1e-12)
    low, high = found.interval(margin)
    # a weighted mean's standard error, carried to the log-odds
    residual = outcome.weight[known] * (smoothed(outcome.outcome[known]) - share)
    error = np.sqrt(np.sum(residual**2)) / outcome.weight.sum() / (share * (1 - share))
    assert logit(low) == pytest.approx(np.full(300, logit(share) - 1.959964 * error), abs=1e-6)
    assert logit(high) == pytest.approx(np.full(300, logit(share) + 1.959964 * error), abs=1e-6)


def test_one_margin_for_all_gives_the_share_there(rng: np.random.Generator) -> None:
    _, outcome = drawn(rng, 300, 0.4, 1.0)
    known = outcome.weight > 0
    share = np.average(smoothed(outcome.outcome[known]), weights=outcome.weight[known])
    for margin in (np.full(300, -0.7), np.full(300, 0.7)):
        assert calibrate(margin, outcome).probability(margin) == pytest.approx(np.full(300, share), abs=1e-9)


@pytest.mark.parametrize("outcome", ["separated", "all", "none"])
def test_certainty_is_never_claimed(outcome: str) -> None:
    margin = np.linspace(-2, 2, 41)
    still = {"separated": margin > 0.05, "all": np.full(41, True), "none": np.full(41, False)}[outcome]
    found = calibrate(margin, KnownOutcome(still, np.ones(41)))
    assert np.isfinite([found.intercept, found.slope, *np.ravel(found.covariance)]).all()
    probability, (low, high) = found.probability(margin), found.interval(margin)
    assert ((low > 0) & (low <= probability) & (probability <= high) & (high < 1)).all()


def test_where_two_margins_separate_the_outcomes_the_probabilities_are_platts_targets() -> None:
    found = calibrate(np.repeat([-1.0, 1.0], [6, 18]), KnownOutcome(np.repeat([False, True], [6, 18]), np.ones(24)))
    assert found.probability(np.array([-1.0, 1.0])) == pytest.approx([1 / 8, 19 / 20], abs=1e-9)


@pytest.mark.parametrize(("censored", "least", "most"), [(0.0, 0.925, 0.97), (1.0, 0.925, 0.985)])
def test_the_interval_covers_the_truth_as_often_as_it_says(
    followed: Followed, rng: np.random.Generator, censored: float, least: float, most: float
) -> None:
    """95 % of 700 intervals, within three standard errors of that count (0.8 % each).

    Weights that are taken as given make it a little wide under censoring.
    """
    at = np.array([-0.5, 1.0, 2.5])
    truth = expit(-0.6 + 0.9 * at)
    covered = np.zeros(3)
    for _ in range(700):
        margin = rng.normal(1, 1, size=400)
        spells = Spells(*followed(-0.6 + 0.9 * margin, rng, censored=censored))
        low, high = calibrate(margin, outcome_at(spells, 6)).interval(at)
        covered += (low <= truth) & (truth <= high)
    assert ((covered / 700 >= least) & (covered / 700 <= most)).all(), covered / 700
