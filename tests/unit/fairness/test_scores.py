"""How chances rank the people of each group, and how far they are off, against exact figures from outside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from ml.contracts import Floats, Predictions, Rows
from ml.fairness.counts import count, outcomes
from ml.fairness.groups import grouping
from ml.fairness.rates import Measured
from ml.fairness.scores import EDGE, SCORES, auc, binned, gap, histogram, intercept, of_scores
from ml.measures.calibration import calibration
from ml.measures.logistic import fit_logistic, robust_covariance
from ml.measures.ranking import auc_influence

Town = Callable[..., tuple[Predictions, pd.DataFrame]]
SHARES = {"fi": 0.6, "sv": 0.1, "العربية": 0.3}
WEIGHTS = ["ones", "few", "own"]


def town_of_many_scores(town: Town, rows: int, weights: str) -> tuple[Predictions, Rows]:
    """Return predictions that all have scores of their own, and the code of three groups."""
    predictions, protected = town(rows, SHARES, weights)
    nudge = np.random.default_rng(4).uniform(-4e-4, 4e-4, rows)
    apart = Predictions(12.0, np.clip(predictions.score + nudge, 0, 1), predictions.outcome, predictions.weight)
    return apart, grouping(protected["language"]).code


def known_of(predictions: Predictions, members: np.ndarray) -> Predictions:
    return predictions[np.flatnonzero(members & (predictions.weight > 0))]


def by_sklearn(of_group: Predictions) -> float:
    return float(roc_auc_score(of_group.outcome, of_group.score, sample_weight=of_group.weight))


def by_bisection(of_group: Predictions) -> float:
    """Return by how much log-odds must rise, exactly, however far that is."""
    odds = logit(np.clip(of_group.score, EDGE, 1 - EDGE))
    off = lambda shift: np.sum(of_group.weight * (of_group.outcome - expit(odds + shift)))  # noqa: E731
    return float(brentq(off, -40, 40, xtol=1e-12))


def by_newton(of_group: Predictions) -> float:
    """Return the same as the card's calibration fits it."""
    odds = logit(np.clip(of_group.score, EDGE, 1 - EDGE))
    one, outcome = np.ones((len(odds), 1)), of_group.outcome.astype(np.float64)
    return float(fit_logistic(one, outcome, of_group.weight, odds)[0])


# ---------------------------------------------------------------- ranking


@pytest.mark.parametrize("weights", WEIGHTS)
def test_auc_is_that_of_scikit_learn_where_each_score_has_a_bin(town: Town, weights: str) -> None:
    predictions, code = town_of_many_scores(town, 1_800, weights)
    known = binned(predictions)
    value, error, bound = auc(histogram(known, code[known.row], 3))
    for group in range(3):
        of_group = known_of(predictions, code == group)
        _, influence = auc_influence(of_group)
        assert value[group] == pytest.approx(by_sklearn(of_group), abs=1e-12)
        assert error[group] == pytest.approx(np.sqrt(np.sum(influence**2)), rel=1e-9)
        assert bound[group] < 0.01


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("bins", [1, 2, 10, 2048])
def test_auc_of_many_scores_is_within_its_bound(town: Town, weights: str, bins: int) -> None:
    predictions, code = town_of_many_scores(town, 6_000, weights)
    known = binned(predictions, bins)
    value, error, bound = auc(histogram(known, code[known.row], 3))
    exact = np.array([by_sklearn(known_of(predictions, code == group)) for group in range(3)])
    assert np.all(np.abs(value - exact) <= bound + 1e-12)
    assert np.all(bound <= 0.5)
    if bins == 2048:
        assert np.all(bound < 0.001)
        errors = [np.sqrt(np.sum(auc_influence(known_of(predictions, code == each))[1] ** 2)) for each in range(3)]
        np.testing.assert_allclose(error, errors, rtol=1e-3)


ROW = st.tuples(
    st.sampled_from([0.0, 1e-9, 0.1, 0.25, 0.3, 0.5, 0.500001, 0.9, 1 - 1e-9, 1.0]),
    st.booleans(),
    st.sampled_from([0.0, 0.2, 1.0, 1.1, 7.0]),
    st.sampled_from([0, 1, 2]),
)


@given(st.lists(ROW, min_size=1, max_size=60), st.integers(1, 12))
@settings(deadline=None)
def test_no_bound_is_ever_exceeded(rows: list[tuple[float, bool, float, int]], bins: int) -> None:
    score, outcome, weight, code = (np.array(column) for column in zip(*rows, strict=True))
    predictions = Predictions(12.0, score, outcome, weight)
    if not (weight > 0).any():
        return
    known = binned(predictions, bins)
    table = histogram(known, code[known.row], 3)
    ranked, _, ranked_bound = auc(table)
    shift, _, shift_bound = intercept(known, table)
    for group in range(3):
        of_group = known_of(predictions, code == group)
        if len(np.unique(of_group.outcome)) < 2:
            assert np.isnan([ranked[group], shift[group]]).all()
            continue
        assert abs(ranked[group] - by_sklearn(of_group)) <= ranked_bound[group] + 1e-9
        assert abs(shift[group] - by_bisection(of_group)) <= shift_bound[group] + 1e-6


# ---------------------------------------------------------------- calibration


@pytest.mark.parametrize("weights", WEIGHTS)
def test_gap_is_mean_chance_less_observed_share(town: Town, weights: str) -> None:
    predictions, code = town_of_many_scores(town, 3_000, weights)
    known = binned(predictions)
    value, error = gap(known, code[known.row], 3)
    for group in range(3):
        of_group = known_of(predictions, code == group)
        share = np.average(of_group.outcome, weights=of_group.weight)
        assert value[group] == pytest.approx(np.average(of_group.score, weights=of_group.weight) - share, abs=1e-12)
        off = of_group.weight * (of_group.score - of_group.outcome - value[group])
        assert error[group] == pytest.approx(np.sqrt(np.sum(off**2)) / of_group.weight.sum(), rel=1e-9)


def test_the_error_of_a_gap_is_that_of_drawing_people(town: Town, rng: np.random.Generator) -> None:
    """Of 2,000 draws the deviation is known to 1.6 %."""
    predictions, _ = town_of_many_scores(town, 900, "own")
    known = binned(predictions)
    _, error = gap(known, np.zeros(len(known.row), dtype=np.int64), 1)
    of_all = known_of(predictions, np.ones(900, dtype=bool))
    residual, drawn = of_all.score - of_all.outcome, rng.integers(0, len(of_all.score), (2_000, len(of_all.score)))
    means = (of_all.weight * residual)[drawn].sum(axis=1) / of_all.weight[drawn].sum(axis=1)
    assert error[0] == pytest.approx(means.std(), rel=0.08)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("bins", [4, 50, 2048])
def test_intercept_is_that_of_an_exact_fit_within_its_bound(town: Town, weights: str, bins: int) -> None:
    predictions, code = town_of_many_scores(town, 3_000, weights)
    known = binned(predictions, bins)
    value, error, bound = intercept(known, histogram(known, code[known.row], 3))
    for group in range(3):
        of_group = known_of(predictions, code == group)
        assert abs(value[group] - by_newton(of_group)) <= bound[group] + 1e-6
        if bins == 2048:
            odds, one = logit(np.clip(of_group.score, EDGE, 1 - EDGE)), np.ones((len(of_group.score), 1))
            exact = np.array([by_newton(of_group)])
            variance = robust_covariance(one, of_group.outcome, of_group.weight, exact, of_group.person, odds)
            assert error[group] == pytest.approx(float(np.sqrt(variance[0, 0])), rel=0.01)
    assert np.all(bound < {4: 3.0, 50: 0.4, 2048: 0.02}[bins])


def test_intercept_of_everyone_is_that_of_the_cards_calibration(town: Town) -> None:
    predictions, _ = town_of_many_scores(town, 2_000, "ones")
    known = binned(predictions)
    value, _, bound = intercept(known, histogram(known, np.zeros(len(known.row), dtype=np.int64), 1))
    assert value[0] == pytest.approx(calibration(predictions).intercept, abs=bound[0] + 1e-6)


def test_chances_raised_in_log_odds_are_found_out(town: Town) -> None:
    predictions, code = town_of_many_scores(town, 30_000, "ones")
    raised = expit(logit(np.clip(predictions.score, EDGE, 1 - EDGE)) + 0.7 * (code == 2))
    known = binned(Predictions(12.0, raised, predictions.outcome, predictions.weight))
    value, error, _ = intercept(known, histogram(known, code[known.row], 3))
    np.testing.assert_allclose(value, [0.0, 0.0, -0.7], atol=4 * float(error.max()))


# ---------------------------------------------------------------- what cannot be said


def figures_of(predictions: Predictions, code: Rows, groups: int, replicates: int = 200) -> dict[str, Measured]:
    counts = count(code, groups, predictions.score > 0.5, outcomes(predictions), predictions.weight, None)
    found = of_scores(binned(predictions), code, counts, SCORES, replicates, np.random.default_rng(1))
    return {each.metric: each for each in found}


def chances(score: list[float], outcome: list[int], weight: Floats | None = None) -> Predictions:
    ones = np.ones(len(score)) if weight is None else weight
    return Predictions(12.0, np.array(score), np.array(outcome, dtype=bool), ones)


@pytest.mark.parametrize("outcome", [0, 1])
def test_a_group_of_one_outcome_has_a_gap_and_no_rank(outcome: int) -> None:
    found = figures_of(chances([0.2, 0.4, 0.6, 0.8] * 2, [outcome] * 4 + [0, 1, 0, 1]), np.repeat([0, 1], 4), 2)
    assert found["calibration_gap"].value[0] == pytest.approx(0.5 - outcome)
    assert np.isnan(found["auc"].value[0])
    assert np.isnan(found["auc"].draws[0]).all()
    assert np.isnan(found["calibration_intercept"].value[0])
    assert (found["auc"].denominator[0], found["calibration_gap"].denominator[0]) == (0, 4)
    assert found["auc"].value[1] == pytest.approx(0.75)


def test_a_group_without_known_outcomes_has_nothing() -> None:
    found = figures_of(chances([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1], np.array([0.0, 0.0, 1.0, 1.0])),
                       np.array([0, 0, 1, 1]), 2)  # fmt: skip
    for each in found.values():
        assert np.isnan(each.value[0])
        assert np.isnan(each.draws[0]).all()
        assert each.denominator[0] == 0
    assert found["calibration_gap"].value[1] == pytest.approx(0.2)


def test_equal_scores_rank_like_a_coin() -> None:
    found = figures_of(chances([0.3] * 40, [0, 0, 0, 1] * 10), np.zeros(40, dtype=np.int64), 1, 4_000)
    assert found["auc"].value[0] == 0.5
    assert np.all(found["auc"].draws[0] == 0.5)  # all tie: there is nothing that could be otherwise
    assert found["calibration_gap"].value[0] == pytest.approx(0.05)
    assert found["calibration_intercept"].value[0] == pytest.approx(logit(0.25) - logit(0.3), abs=1e-9)


def test_scores_of_exactly_none_and_one_are_taken_as_nearly() -> None:
    found = figures_of(chances([0.0, 0.0, 1.0, 1.0] * 5, [0, 1, 1, 1] * 5), np.zeros(20, dtype=np.int64), 1)
    assert found["auc"].value[0] == pytest.approx(5 / 6)  # 10 of 15 stayed above all 5 others, and 5 tie
    assert found["calibration_gap"].value[0] == pytest.approx(0.5 - 0.75)
    assert np.isfinite(found["calibration_intercept"].value[0])
    assert np.isfinite(found["calibration_intercept"].draws).all()


def test_weights_of_another_unit_say_the_same(town: Town) -> None:
    predictions, code = town_of_many_scores(town, 1_500, "own")
    tiny = Predictions(12.0, predictions.score, predictions.outcome, predictions.weight * 1e-5)
    one, other = figures_of(predictions, code, 3), figures_of(tiny, code, 3)
    for metric in SCORES:
        np.testing.assert_allclose(one[metric].value, other[metric].value, rtol=1e-9)
        np.testing.assert_allclose(one[metric].draws, other[metric].draws, rtol=1e-6)


def test_draws_are_about_the_value_and_as_wide_as_its_error(town: Town) -> None:
    predictions, code = town_of_many_scores(town, 3_000, "few")
    known = binned(predictions)
    table = histogram(known, code[known.row], 3)
    errors = {"calibration_gap": gap(known, code[known.row], 3)[1], "calibration_intercept": intercept(known, table)[1],
              "auc": auc(table)[1]}  # fmt: skip
    for metric, each in figures_of(predictions, code, 3, 4_000).items():
        np.testing.assert_allclose(each.draws.mean(axis=1), each.value, atol=0.1 * float(errors[metric].max()))
        np.testing.assert_allclose(each.draws.std(axis=1), errors[metric], rtol=0.06)
        assert metric != "auc" or ((each.draws > 0) & (each.draws < 1)).all()


def test_rows_of_one_person_widen_draws(town: Town) -> None:
    predictions, code = town_of_many_scores(town, 1_000, "ones")
    thrice = np.repeat(np.arange(1_000), 3)
    many, group = predictions[thrice], code[thrice]
    counts = count(group, 3, many.score > 0.5, outcomes(many), many.weight, thrice)
    for one in of_scores(binned(many), group, counts, SCORES, 2_000, np.random.default_rng(1)):
        once = figures_of(predictions, code, 3, 2_000)[one.metric]
        np.testing.assert_allclose(one.value, once.value, atol=1e-6)
        np.testing.assert_allclose(one.draws.std(axis=1), once.draws.std(axis=1), rtol=0.1)
        assert (one.denominator <= once.denominator).all()  # at least so many people
        assert (one.denominator > 0.3 * once.denominator).all()
