"""Calibration against scikit-learn, and its interval against the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from ml.contracts import Floats, Rows, Spells
from ml.measures.censoring import KnownOutcome, outcome_at, share_unemployed
from ml.measures.logistic import fit_logistic
from ml.models.calibrate import Calibrator, Known, calibrate, recalibrate, smoothed

Followed = Callable[..., tuple[Floats, np.ndarray]]


def known(margin: Floats, outcome: KnownOutcome, person: Rows | None = None) -> Known:
    return Known(margin, outcome, np.arange(len(margin)) if person is None else person)


def fitted(margin: Floats, outcome: KnownOutcome, person: Rows | None = None) -> Calibrator:
    """Return the calibrator of a part without a gap: the newest spells are as ripe as the others."""
    return calibrate(known(margin, outcome, person), known(margin, outcome, person))


def line_alone(found: Calibrator) -> Calibrator:
    """Return the calibrator without Venn–Abers, which widens intervals."""
    return replace(found, venn_abers=None)


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
    there = outcome.weight > 0
    still, gone = outcome.outcome[there].sum(), (~outcome.outcome[there]).sum()
    target = np.where(outcome.outcome[there], (still + 1) / (still + 2), 1 / (gone + 2))
    oracle = by_sklearn(np.column_stack([np.ones(there.sum()), margin[there]]), target, outcome.weight[there])
    found = fitted(margin, outcome)
    assert found.log_odds(np.array([0.0, 1.0])) == pytest.approx([oracle[0], oracle.sum()], abs=1e-6)
    np.testing.assert_allclose(found.probability(margin), expit(oracle[0] + oracle[1] * margin), atol=1e-6)
    assert found.shift == 0


def test_spells_of_unknown_outcome_say_nothing(rng: np.random.Generator) -> None:
    margin, outcome = drawn(rng, 400, -0.5, 1.3)
    unknown = outcome.weight == 0
    turned = KnownOutcome(outcome.outcome ^ unknown, outcome.weight)
    assert fitted(margin, turned) == fitted(margin, outcome)
    assert fitted(margin + 50.0 * unknown, outcome) == fitted(margin, outcome)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(10, 200), st.floats(-3, 3), st.floats(-1, 3))
def test_the_mean_prediction_is_the_weighted_share_of_the_newest(
    seed: int, n: int, intercept: float, slope: float
) -> None:
    """Up to Platt's smoothing, which moves each target by less than one in the number of its kind."""
    rng = np.random.default_rng(seed)
    margin, outcome = drawn(rng, n, intercept, slope)
    found = calibrate(known(*drawn(rng, 60, 0.0, 1.0)), known(margin, outcome))
    predicted = np.average(found.probability(margin), weights=outcome.weight)
    there = outcome.weight > 0
    target = smoothed(outcome.outcome[there])
    assert predicted == pytest.approx(np.average(target, weights=outcome.weight[there]), abs=1e-7)
    still = outcome.weight @ outcome.outcome / outcome.weight.sum()
    at_most = still / (outcome.outcome[there].sum() + 2) + (1 - still) / ((~outcome.outcome[there]).sum() + 2)
    assert abs(predicted - still) <= at_most + 1e-7


def test_platts_targets() -> None:
    assert smoothed(np.array([True, True, True, False])) == pytest.approx([4 / 5, 4 / 5, 4 / 5, 1 / 3])


def test_under_heavy_censoring_the_prediction_is_the_kaplan_meier_share(
    followed: Followed, rng: np.random.Generator
) -> None:
    margin = rng.normal(size=3000)
    spells = Spells(*followed(0.8 * margin, rng, censored=1.0))
    outcome = outcome_at(spells, 6)
    assert outcome.known.mean() < 0.75
    naive = (spells.duration >= 6)[outcome.known].mean()
    share = share_unemployed(spells, 6)
    found = fitted(margin, outcome)
    assert np.average(found.probability(margin), weights=outcome.weight) == pytest.approx(share.value, abs=1 / 300)
    assert abs(naive - share.value) > 0.05  # dropping the censored would have shown
    assert abs(found.probability(margin).mean() - expit(0.8 * margin).mean()) < 0.03


# ---------------------------------------------------------------- level of the newest, slope of the ripe


def drifting(rng: np.random.Generator, n: int = 3000) -> tuple[Known, Known]:
    """Return the ripe and all spells of two years, known until their end: the log-odds at 12 months fall by 3.

    From 1 at the beginning to -2 at the end, plus the margin; who began later was watched for a shorter time.
    """
    began, margin = rng.uniform(0, 24, n), rng.normal(size=n)
    rate = np.logaddexp(0, -(1 - began / 8 + margin)) / 12
    duration = rng.exponential(1 / rate)
    spells = Spells(np.minimum(duration, 24 - began), duration <= 24 - began)
    ripe = began <= 12
    return known(margin[ripe], outcome_at(spells[ripe], 12)), known(margin, outcome_at(spells, 12))


def test_where_times_change_the_level_follows_the_newest_and_the_slope_does_not(rng: np.random.Generator) -> None:
    """Of spells under way only exits are seen, and most of the newest: one fit to all would flatten the slope."""
    slopes, levels = [], []
    for _ in range(16):
        ripe, newest = drifting(rng)
        found, old, joint = calibrate(ripe, newest), calibrate(ripe, ripe), calibrate(newest, newest)
        assert found.slope == old.slope
        slopes.append((found.slope, joint.slope))
        levels.append((found.log_odds(np.zeros(1))[0], old.log_odds(np.zeros(1))[0]))
        assert found.shift == pytest.approx(levels[-1][0] - levels[-1][1], abs=1e-9)
    (slope, of_all), (level, was) = np.mean(slopes, axis=0), np.mean(levels, axis=0)
    assert slope == pytest.approx(0.97, abs=0.06)  # a little flatter than 1: times changed in the ripe year, too
    assert of_all < slope - 0.05
    assert was == pytest.approx(0.25, abs=0.06)  # 1 - 6 / 8, in the middle of the ripe year
    assert level < was - 0.25  # on the way to the newest year's -1.25


def test_the_pair_moves_with_the_level(rng: np.random.Generator) -> None:
    """Venn and Abers know the ripe spells alone; their odds change as much as the level does."""
    ripe, newest = drifting(rng)
    found, at = calibrate(ripe, newest), np.linspace(-2, 2, 9)
    assert found.venn_abers == calibrate(ripe, ripe).venn_abers is not None
    pair = [logit(np.clip(each, 1e-6, 1 - 1e-6)) for each in found.venn_abers.pair(at)]
    low, high = line_alone(found).interval(at)
    np.testing.assert_allclose(found.interval(at)[0], np.minimum(low, expit(pair[0] + found.shift)))
    np.testing.assert_allclose(found.interval(at)[1], np.maximum(high, expit(pair[1] + found.shift)))
    assert found.shift < -0.2


@pytest.mark.parametrize("sign", [-1, 0])
def test_a_margin_that_does_not_rise_with_the_outcome_leaves_the_share(rng: np.random.Generator, sign: int) -> None:
    margin, outcome = drawn(rng, 300, 0.4, 1.0)
    there = outcome.weight > 0
    share = np.average(smoothed(outcome.outcome[there]), weights=outcome.weight[there])
    found = line_alone(fitted(sign * margin, outcome))
    assert found.slope == found.slope_variance == 0
    assert found.probability(margin) == pytest.approx(np.full(300, share), abs=1e-12)
    low, high = found.interval(margin)
    # a weighted mean's standard error, carried to the log-odds
    residual = outcome.weight[there] * (smoothed(outcome.outcome[there]) - share)
    error = np.sqrt(np.sum(residual**2)) / outcome.weight.sum() / (share * (1 - share))
    assert logit(low) == pytest.approx(np.full(300, logit(share) - 1.959964 * error), abs=1e-6)
    assert logit(high) == pytest.approx(np.full(300, logit(share) + 1.959964 * error), abs=1e-6)


def test_one_margin_for_all_gives_the_share_there(rng: np.random.Generator) -> None:
    _, outcome = drawn(rng, 300, 0.4, 1.0)
    there = outcome.weight > 0
    share = np.average(smoothed(outcome.outcome[there]), weights=outcome.weight[there])
    for margin in (np.full(300, -0.7), np.full(300, 0.7)):
        assert fitted(margin, outcome).probability(margin) == pytest.approx(np.full(300, share), abs=1e-9)


@pytest.mark.parametrize("outcome", ["separated", "all", "none"])
def test_certainty_is_never_claimed(outcome: str) -> None:
    margin = np.linspace(-2, 2, 41)
    still = {"separated": margin > 0.05, "all": np.full(41, True), "none": np.full(41, False)}[outcome]
    for found in (fitted(margin, KnownOutcome(still, np.ones(41))),
                  recalibrate(fitted(*drawn(np.random.default_rng(1), 300, 0.0, 1.0)),
                              *(known(margin, KnownOutcome(still, np.ones(41))),) * 2)):  # fmt: skip
        assert np.isfinite(
            [found.center, found.level, found.slope, found.level_variance, found.slope_variance, found.shift]
        ).all()
        probability, (low, high) = found.probability(margin), found.interval(margin)
        assert ((low > 0) & (low <= probability) & (probability <= high) & (high < 1)).all()


def test_where_two_margins_separate_the_outcomes_the_probabilities_are_platts_targets() -> None:
    found = fitted(np.repeat([-1.0, 1.0], [6, 18]), KnownOutcome(np.repeat([False, True], [6, 18]), np.ones(24)))
    assert found.probability(np.array([-1.0, 1.0])) == pytest.approx([1 / 8, 19 / 20], abs=1e-9)


# ---------------------------------------------------------------- intervals


@pytest.mark.parametrize(("intercept", "slope", "censored"), [(-0.6, 0.9, 1.0), (-2.5, 1.5, 0.0), (2.0, 1.5, 1.0)])
def test_the_interval_covers_the_truth_as_often_as_it_says(
    followed: Followed, rng: np.random.Generator, intercept: float, slope: float, censored: float
) -> None:
    """95 % of 300 intervals, within three standard errors of that count; where few stay, and where most do.

    Weights that are taken as given make it a little wide under censoring; Venn–Abers makes it wider, never narrower.
    """
    at = np.array([-1.0, 0.0, 1.0, 2.0])
    truth = expit(intercept + slope * at)
    covered = np.zeros((2, 4))
    for _ in range(300):
        margin = rng.choice(np.linspace(-2, 2, 21), 500)
        found = fitted(margin, outcome_at(Spells(*followed(intercept + slope * margin, rng, censored=censored)), 6))
        for place, each in enumerate((line_alone(found), found)):
            low, high = each.interval(at)
            covered[place] += (low <= truth) & (truth <= high)
    covered /= 300
    assert ((covered[0] >= 0.91) & (covered[0] <= 0.99)).all(), covered
    assert (covered[1] >= covered[0]).all()


def test_rows_of_one_person_are_one_witness(rng: np.random.Generator) -> None:
    """Three rows each that say the same are as good as one; taken for independent, they would seem three."""
    margin, outcome = drawn(rng, 200, 0.2, 1.0)
    thrice = KnownOutcome(np.repeat(outcome.outcome, 3), np.repeat(outcome.weight, 3))
    one = fitted(margin, outcome)
    same = fitted(np.repeat(margin, 3), thrice, np.repeat(np.arange(200), 3))
    apart = fitted(np.repeat(margin, 3), thrice)
    for name in ("level_variance", "slope_variance"):
        assert getattr(same, name) == pytest.approx(3 * getattr(apart, name), rel=1e-9)
        # roughly: Platt's targets lie nearer to 0 and 1 where rows are more
        assert getattr(same, name) == pytest.approx(getattr(one, name), rel=0.2)


def test_the_interval_covers_the_truth_where_a_person_has_several_rows(rng: np.random.Generator) -> None:
    """Three looks at a person mostly share a fate; counted as independent, they would claim too much."""
    truth, covered = expit(-1.0), np.zeros(2)
    for _ in range(300):
        margin, person = np.repeat(rng.choice([-1.0, 0.0, 1.0], 150), 3), np.repeat(np.arange(150), 3)
        own, shared = rng.random(450), np.repeat(rng.random(150), 3)
        outcome = KnownOutcome(np.where(rng.random(450) < 0.2, own, shared) < expit(margin - 1), np.ones(450))
        for place, found in enumerate((fitted(margin, outcome, person), fitted(margin, outcome))):
            low, high = line_alone(found).interval(np.zeros(1))
            covered[place] += low[0] <= truth <= high[0]
    assert 0.91 <= covered[0] / 300 <= 0.99
    assert covered[1] / 300 < 0.9


def test_what_else_is_not_certain_widens_the_interval(rng: np.random.Generator) -> None:
    found = line_alone(fitted(*drawn(rng, 400, -0.5, 1.3)))
    at, further = np.array([found.center, 1.0]), np.array([0.0, 0.3])
    low, high = (logit(each) for each in found.interval(at, further))
    variance = found.level_variance + np.array([0.0, found.slope_variance * (1.0 - found.center) ** 2]) + further
    np.testing.assert_allclose(high - low, 2 * 1.959964 * np.sqrt(variance), rtol=1e-6)


# ---------------------------------------------------------------- refits


def test_a_refit_has_a_line_of_its_own_and_no_interval(rng: np.random.Generator) -> None:
    ripe, newest = drifting(rng)
    kept = fitted(*drawn(rng, 300, 0.0, 0.5))
    again, expected = recalibrate(kept, ripe, newest), calibrate(ripe, newest)
    at = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(again.log_odds(at), expected.log_odds(at), atol=1e-7)
    low, high = again.interval(at)
    np.testing.assert_array_equal(low, again.probability(at))
    np.testing.assert_array_equal(high, again.probability(at))
    turned = replace(ripe, margin=-ripe.margin)
    assert recalibrate(kept, turned, newest).slope == 0
