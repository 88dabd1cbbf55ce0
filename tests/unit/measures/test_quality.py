"""Figures against scikit-learn, scikit-survival, a plain bootstrap, and worlds whose figure is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sksurv.metrics import brier_score, cumulative_dynamic_auc
from sksurv.util import Surv

from ml.contracts import Floats, Interval, Predictions, Spells
from ml.measures.brier import better, brier
from ml.measures.calibration import calibration, smooth_observed
from ml.measures.censoring import outcome_at
from ml.measures.quality import core_figures, scores, too_few
from ml.measures.ranking import auc, auc_gain, mean_auc, mean_auc_gain

Followed = Callable[..., tuple[Floats, np.ndarray]]
Z = 1.959964


def drawn(rng: np.random.Generator, n: int = 400, digits: int = 2) -> Predictions:
    """Return predictions that know something, with ties, weights, and a fifth of the outcomes unknown."""
    truth = rng.beta(2, 3, n)
    score = np.round(np.clip(truth + rng.normal(0, 0.15, n), 0.01, 0.99), digits)
    weight = np.where(rng.random(n) < 0.2, 0.0, rng.uniform(0.5, 3, n))
    return Predictions(6.0, score, rng.random(n) < truth, weight)


def rows_of(predictions: Predictions, rows: np.ndarray) -> Predictions:
    return Predictions(6.0, predictions.score[rows], predictions.outcome[rows], predictions.weight[rows])


def exact(score: Floats, share: Floats) -> Predictions:
    """Return one spell of each outcome at each score, weighted so that the observed share is as given."""
    outcome = np.tile([True, False], len(score))
    return Predictions(6.0, np.repeat(score, 2), outcome, np.column_stack([share, 1 - share]).ravel())


# ---------------------------------------------------------------- AUC


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(20, 200), st.integers(0, 6))
def test_auc_is_that_of_scikit_learn(seed: int, n: int, digits: int) -> None:
    found = drawn(np.random.default_rng(seed), n, digits)
    assume(len(set(found.outcome[found.weight > 0])) == 2)
    oracle = roc_auc_score(found.outcome, found.score, sample_weight=found.weight)
    assert auc(found).value == pytest.approx(oracle, abs=1e-12)


@pytest.mark.parametrize("horizon", [3.0, 6.0, 12.0])
def test_auc_is_scikit_survivals_on_censored_spells(
    followed: Followed, rng: np.random.Generator, horizon: float
) -> None:
    """There the case is the exit and a high estimate means an early one: so the estimate is the score's opposite."""
    log_odds = rng.normal(size=600)
    spells = Spells(*followed(log_odds, rng, censored=0.8))
    known = outcome_at(spells, horizon)
    predictions = Predictions(horizon, expit(log_odds), known.outcome, known.weight)
    times = Surv.from_arrays(spells.exited, spells.duration)
    oracle, _ = cumulative_dynamic_auc(times, times, -predictions.score, [horizon])
    assert auc(predictions).value == pytest.approx(oracle[0], abs=1e-12)
    censored = known.weight == 0
    turned = Predictions(horizon, predictions.score, known.outcome ^ censored, known.weight)
    assert scores(turned) == scores(predictions)


def test_without_weights_the_interval_is_delongs(rng: np.random.Generator) -> None:
    """DeLong, DeLong & Clarke-Pearson (1988): all pairs, here with divisors m² and n²."""
    found = drawn(rng, 300)
    found = Predictions(6.0, found.score, found.outcome, np.ones(300))
    pairs = found.score[found.outcome][:, None] - found.score[~found.outcome][None, :]
    wins = (pairs > 0) + 0.5 * (pairs == 0)
    error = np.sqrt(wins.mean(axis=1).var() / wins.shape[0] + wins.mean(axis=0).var() / wins.shape[1])
    value = wins.mean()
    on_log_odds = Z * error / (value * (1 - value))
    expected = (value, expit(logit(value) - on_log_odds), expit(logit(value) + on_log_odds))
    assert as_tuple(auc(found)) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("figure", [auc, brier])
def test_with_weights_the_interval_is_that_of_a_bootstrap(
    rng: np.random.Generator, figure: Callable[[Predictions], Interval]
) -> None:
    """1,500 draws know the standard error to 2 %; 6 % allows three times that."""
    predictions = drawn(rng, 500)
    draws = [figure(rows_of(predictions, rng.integers(0, 500, 500))).value for _ in range(1500)]
    found = figure(predictions)
    assert (found.high - found.low) / 2 / Z == pytest.approx(np.std(draws), rel=0.06)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.006)


def test_auc_at_its_ends() -> None:
    """Someone still unemployed scored above everybody else, below them, or the same as they."""
    outcome, weight = np.array([True, True, False]), np.array([1.0, 2.0, 1.5])
    for score, value in (([0.9, 0.8, 0.1], 1.0), ([0.1, 0.2, 0.3], 0.0)):
        assert as_tuple(auc(Predictions(6.0, np.array(score), outcome, weight))) == (value, value, value)
    tied = auc(Predictions(6.0, np.full(3, 0.5), outcome, weight))
    assert as_tuple(tied) == pytest.approx((0.5, 0.5, 0.5))


@pytest.mark.parametrize("sign", [1, -1])
def test_auc_never_leaves_0_to_1(rng: np.random.Generator, sign: int) -> None:
    """The sums of many weights are rounded."""
    for _ in range(100):
        outcome = rng.random(300) < 0.4
        score = sign * (outcome + 0.9 * rng.random(300))
        found = auc(Predictions(6.0, score, outcome, rng.uniform(0.5, 3, 300)))
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.value == pytest.approx((1 + sign) / 2, abs=1e-12)


# ---------------------------------------------------------------- Brier


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 200))
def test_brier_is_that_of_scikit_learn(seed: int, n: int) -> None:
    found = drawn(np.random.default_rng(seed), n)
    assume(found.weight.sum() > 0)
    oracle = brier_score_loss(found.outcome, found.score, sample_weight=found.weight)
    assert brier(found).value == pytest.approx(oracle, abs=1e-12)
    assert 0 <= brier(found).low <= brier(found).value <= brier(found).high


@pytest.mark.parametrize("horizon", [3.0, 6.0, 12.0])
def test_brier_is_scikit_survivals_on_censored_spells(
    followed: Followed, rng: np.random.Generator, horizon: float
) -> None:
    log_odds = rng.normal(size=600)
    spells = Spells(*followed(log_odds, rng, censored=0.8))
    known = outcome_at(spells, horizon)
    predictions = Predictions(horizon, expit(log_odds), known.outcome, known.weight)
    times = Surv.from_arrays(spells.exited, spells.duration)
    _, oracle = brier_score(times, times, predictions.score, horizon)
    assert brier(predictions).value == pytest.approx(oracle[0], abs=1e-12)


def test_brier_of_three_spells() -> None:
    """Losses 0, 0 and 1: a mean of 1/3 and an interval that does not go below 0."""
    found = brier(Predictions(6.0, np.array([1.0, 0.0, 1.0]), np.array([True, False, False]), np.ones(3)))
    assert as_tuple(found) == pytest.approx((1 / 3, 0, 1 / 3 + Z * np.sqrt(2 / 3) / 3), abs=1e-6)


# ---------------------------------------------------------------- calibration


def test_intercept_and_slope_are_those_of_independent_fits(rng: np.random.Generator) -> None:
    found = drawn(rng, 600)
    margin = logit(found.score)
    alone = brentq(lambda shift: np.sum(found.weight * (found.outcome - expit(margin + shift))), -5, 5)
    line = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky")
    line.fit(margin[:, None], found.outcome, sample_weight=found.weight)
    assert calibration(found).intercept == pytest.approx(alone, abs=1e-8)
    assert calibration(found).slope == pytest.approx(line.coef_[0, 0], abs=1e-6)


def test_a_perfect_prediction_has_intercept_0_slope_1_and_ici_0() -> None:
    score = np.linspace(0.02, 0.98, 200)
    found = calibration(exact(score, score))
    assert (found.intercept, found.slope, found.ici) == pytest.approx((0, 1, 0), abs=1e-6)


@pytest.mark.parametrize("gap", [-0.15, 0.1])
def test_ici_of_a_shifted_prediction_is_the_shift(gap: float) -> None:
    score = np.linspace(0.2, 0.8, 200)
    found = calibration(exact(score, score + gap))
    assert found.ici == pytest.approx(abs(gap), abs=1e-6)
    assert np.sign(found.intercept) == np.sign(gap)


def test_ici_of_a_prediction_whose_line_is_too_steep() -> None:
    """Observed 0.5 + (score - 0.5)/2: on scores even over 0.2–0.8 the mean distance is 0.075."""
    score = np.linspace(0.2, 0.8, 200)
    found = calibration(exact(score, 0.5 + (score - 0.5) / 2))
    assert found.ici == pytest.approx(0.075, abs=0.001)
    assert found.slope < 0.6


def test_ici_of_honest_predictions_is_small_and_counts_the_censored(rng: np.random.Generator) -> None:
    truth = rng.uniform(0.1, 0.9, 6000)
    weight = np.where(rng.random(6000) < 0.3, 0.0, 1.0)
    honest = Predictions(6.0, truth, rng.random(6000) < truth, weight)
    assert calibration(honest).ici < 0.02
    # The distance is averaged over everybody, also where the outcome is unknown.
    score = np.repeat([0.3, 0.7], 100)
    half_unknown = Predictions(6.0, score, np.tile([True, False], 100), np.ones(200))
    assert calibration(half_unknown).ici == pytest.approx(0.2, abs=1e-9)
    more = Predictions(
        6.0,
        np.concatenate([score, np.full(200, 0.5)]),
        np.concatenate([half_unknown.outcome, np.full(200, True)]),
        np.concatenate([half_unknown.weight, np.zeros(200)]),
    )
    assert calibration(more).ici == pytest.approx(0.1, abs=0.01)


def test_the_smooth_follows_a_bend() -> None:
    score = np.linspace(0, 1, 400)
    bent = exact(score, 0.2 + 0.6 * score**2)
    assert np.abs(smooth_observed(bent)[::2] - (0.2 + 0.6 * score**2)).max() < 0.05


def test_one_score_for_all_is_calibrated_by_its_share() -> None:
    same = Predictions(6.0, np.full(10, 0.4), np.arange(10) < 7, np.ones(10))
    found = calibration(same)
    assert (found.intercept, found.slope, found.ici) == pytest.approx((logit(0.7) - logit(0.4), 0, 0.3), abs=1e-9)


# ---------------------------------------------------------------- which is better


def test_the_better_one_has_the_lower_brier_score(rng: np.random.Generator) -> None:
    other = drawn(rng, 500)
    one = Predictions(6.0, np.clip(other.score + 0.05 * (2 * other.outcome - 1), 0, 1), other.outcome, other.weight)
    gain, loss = better(one, other), better(other, one)
    assert gain.low > 0
    assert gain.value == pytest.approx(brier(other).value - brier(one).value, abs=1e-12)
    assert as_tuple(loss) == pytest.approx((-gain.value, -gain.high, -gain.low))
    assert as_tuple(better(one, one)) == (0, 0, 0)


def test_two_equally_good_ones_differ_beyond_noise_in_one_case_of_twenty(rng: np.random.Generator) -> None:
    """95 % of 1,000 intervals hold 0, within three standard errors of that count (0.7 % each)."""
    within = 0
    for _ in range(1000):
        truth = rng.uniform(0.2, 0.8, 200)
        outcome, weight = rng.random(200) < truth, rng.choice([0.0, 1.0, 2.0], 200)
        one, other = (
            Predictions(6.0, np.clip(truth + rng.normal(0, 0.2, 200), 0, 1), outcome, weight) for _ in range(2)
        )
        gain = better(one, other)
        within += gain.low <= 0 <= gain.high
    assert 930 <= within <= 970


def as_tuple(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


# ---------------------------------------------------------------- all at once


def test_auc_gain_is_paired_and_has_the_error_of_a_bootstrap(rng: np.random.Generator) -> None:
    """600 draws know a standard error to 3 %; 9 % allows three times that. Unpaired it would be larger by far."""
    one = drawn(rng, 500, 8)
    other = Predictions(6.0, one.score + rng.normal(0, 0.1, 500), one.outcome, one.weight)
    draws = []
    for _ in range(600):
        rows = rng.integers(0, 500, 500)
        draws.append(auc(rows_of(one, rows)).value - auc(rows_of(other, rows)).value)
    found = auc_gain(one, other)
    assert found.value == pytest.approx(auc(one).value - auc(other).value)
    assert (found.high - found.low) / 2 / Z == pytest.approx(np.std(draws), rel=0.09)
    unpaired = np.hypot(*(np.ptp(as_tuple(auc(each))[1:]) for each in (one, other)))
    assert found.high - found.low < 0.7 * unpaired
    assert as_tuple(auc_gain(one, one)) == (0, 0, 0)


def test_means_over_turns_have_the_error_of_a_bootstrap_of_their_people(rng: np.random.Generator) -> None:
    """Each turn is of other people, and each person has two rows."""
    turns = [replace(drawn(rng, 160), person=np.repeat(np.arange(80), 2) + 80 * turn) for turn in range(5)]
    other = [replace(each, score=np.round(each.score + rng.normal(0, 0.1, 160), 2)) for each in turns]

    def again(each: Predictions, persons: np.ndarray) -> Predictions:
        return rows_of(each, (2 * persons[:, None] + [0, 1]).ravel())

    means, gains = [], []
    for _ in range(600):
        drawn_ones = [rng.integers(0, 80, 80) for _ in turns]
        one = [auc(again(each, persons)).value for each, persons in zip(turns, drawn_ones, strict=True)]
        two = [auc(again(each, persons)).value for each, persons in zip(other, drawn_ones, strict=True)]
        means.append(np.mean(one))
        gains.append(np.mean(one) - np.mean(two))
    mean, gain = mean_auc(turns), mean_auc_gain(turns, other)
    assert mean.value == pytest.approx(np.mean([auc(each).value for each in turns]))
    assert gain.value == pytest.approx(mean.value - mean_auc(other).value)
    assert np.ptp(as_tuple(mean)[1:]) == pytest.approx(2 * Z * np.std(means), rel=0.12)
    assert np.ptp(as_tuple(gain)[1:]) == pytest.approx(2 * Z * np.std(gains), rel=0.12)
    assert as_tuple(mean_auc([turns[0]])) == as_tuple(auc(turns[0]))


def test_core_figures_are_those_of_each_measure(rng: np.random.Generator) -> None:
    rows = drawn(rng, 500)
    found, known = core_figures(rows, rng), rows.weight > 0
    observed = np.average(rows.outcome[known], weights=rows.weight[known])
    assert found.observed.value == pytest.approx(observed)
    assert found.predicted.value == pytest.approx(rows.score.mean())
    assert found.gap.value == pytest.approx(np.average(rows.score[known], weights=rows.weight[known]) - observed)
    assert (found.auc, found.brier) == (auc(rows), brier(rows))
    assert found.calibration.ici.value == pytest.approx(calibration(rows).ici)
    assert found.coverage is None
    for each in (found.observed, found.predicted, found.gap):
        assert each.low < each.value < each.high


def test_the_gap_is_paired(rng: np.random.Generator) -> None:
    """Chances near the outcomes: observed and predicted vary together, and their difference hardly varies at all."""
    outcome = rng.random(400) < 0.5
    rows = Predictions(6.0, np.where(outcome, 0.95, 0.05), outcome, np.ones(400))
    found = core_figures(rows, rng)
    assert found.gap.high - found.gap.low < 0.2 * (found.observed.high - found.observed.low)


@pytest.mark.parametrize(
    ("still", "gone", "looks", "why"),
    [
        (20, 20, 1, ""),
        (19, 200, 1, "fewer than 20 people known to be still unemployed"),
        (200, 19, 1, "fewer than 20 people known to be no longer unemployed"),
        (19, 200, 3, "fewer than 20 people known to be still unemployed"),  # three looks at a person are one person
    ],
)
def test_too_few_people(still: int, gone: int, looks: int, why: str) -> None:
    person = np.repeat(np.arange(still + gone), looks)
    rows = Predictions(6.0, np.full(len(person), 0.5), person < still, np.ones(len(person)), person)
    assert too_few(rows) == why
    unknown = Predictions(6.0, np.full(5000, 0.5), np.arange(5000) < 2500, np.zeros(5000))
    assert too_few(unknown)
