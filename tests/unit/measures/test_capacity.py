"""Precision, recall, lift and net benefit against scikit-learn and a plain bootstrap of persons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import beta
from sklearn.metrics import precision_score, recall_score

from ml.contracts import AtCapacity, Interval, Predictions
from ml.measures.capacity import CAPACITIES, at_capacity, rank
from ml.measures.net_benefit import THRESHOLDS, decision_curve

SEEDS = st.integers(0, 2**32 - 1)
LOOKS, PERSONS = 3, 300
Z = 1.959964


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261130)


def clustered(rng: np.random.Generator, digits: int = 8) -> tuple[Predictions, np.ndarray]:
    """Return three looks at each person, and a rule that knows less; few digits make ties."""
    mood = rng.normal(size=(PERSONS, 1))
    still = rng.random((PERSONS, 1)) < expit(mood - 1)
    outcome = np.where(rng.random((PERSONS, LOOKS)) < 0.9, still, rng.random((PERSONS, LOOKS)) < 0.3)
    score = np.round(expit(mood - 1 + 0.3 * rng.normal(size=(PERSONS, LOOKS))), digits)
    weight = np.where(rng.random((PERSONS, LOOKS)) < 0.1, 0.0, rng.uniform(0.5, 2, (PERSONS, LOOKS)))
    rule = np.round(mood + 1.5 * rng.normal(size=(PERSONS, 1)) + np.zeros((PERSONS, LOOKS)), digits)
    rule[rng.random(PERSONS) < 0.1] = np.nan
    person = np.repeat(np.arange(PERSONS), LOOKS)
    return Predictions(6.0, score.ravel(), outcome.ravel(), weight.ravel(), person), rule.ravel()


def persons_drawn(rng: np.random.Generator) -> np.ndarray:
    return (rng.integers(0, PERSONS, PERSONS)[:, None] * LOOKS + np.arange(LOOKS)).ravel()


def value(interval: Interval | None) -> float:
    assert interval is not None
    return interval.value


def told(found: AtCapacity) -> list[float]:
    """Return each figure on the scale of its interval."""
    shares = (found.precision, found.recall, found.rule_precision, found.rule_recall)
    return [
        *(np.log(value(s) / (1 - value(s))) for s in shares),
        value(found.missed_per_1000),
        np.log(value(found.lift)),
    ]


def errors(found: AtCapacity) -> list[float]:
    shares = (found.precision, found.recall, found.rule_precision, found.rule_recall)
    ends = [(np.log(s.low / (1 - s.low)), np.log(s.high / (1 - s.high))) for s in shares if s]
    assert found.lift is not None
    ends += [(found.missed_per_1000.low, found.missed_per_1000.high), (np.log(found.lift.low), np.log(found.lift.high))]
    return [(high - low) / 2 / Z for low, high in ends]


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(1, 60), st.integers(0, 3), st.floats(0, 1))
def test_the_cut_is_exactly_the_capacity_and_the_highest_come_first(
    seed: int, n: int, digits: int, capacity: float
) -> None:
    score = np.round(np.random.default_rng(seed).random(n), digits)
    part = rank(score).looked_at(capacity)
    assert part.sum() == pytest.approx(capacity * n, abs=1e-9)
    assert ((part >= 0) & (part <= 1)).all()
    in_order = np.argsort(-score, kind="stable")
    assert (np.diff(part[in_order]) <= 1e-12).all()
    for each in np.unique(score):
        assert len(set(part[score == each])) == 1


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from(CAPACITIES))
def test_without_ties_and_weights_precision_and_recall_are_scikit_learns(seed: int, capacity: float) -> None:
    rng = np.random.default_rng(seed)
    score, outcome = rng.permutation(200) / 200, rng.random(200) < 0.4
    selected = score >= np.sort(score)[-round(200 * capacity)]
    found = at_capacity(Predictions(6.0, score, outcome, np.ones(200)), capacity)
    assert found.precision.value == pytest.approx(precision_score(outcome, selected))
    assert found.recall.value == pytest.approx(recall_score(outcome, selected))
    assert found.missed_per_1000.value == pytest.approx(5 * (outcome & ~selected).sum())
    assert found.lift is None


@pytest.mark.parametrize("digits", [8, 1])
@pytest.mark.parametrize("capacity", [0.10, 0.25])
def test_intervals_are_those_of_a_bootstrap_of_persons(rng: np.random.Generator, digits: int, capacity: float) -> None:
    """800 draws know a standard error to 2.5 %; 15 % leave room for what is exact only for more than 300 persons."""
    rows, rule = clustered(rng, digits)
    draws = []
    for _ in range(800):
        drawn = persons_drawn(rng)
        draws.append(told(at_capacity(rows[drawn], capacity, rule[drawn])))
    assert errors(at_capacity(rows, capacity, rule)) == pytest.approx(np.std(draws, axis=0), rel=0.15)


def test_the_same_rows_thrice_say_no_more_than_once(rng: np.random.Generator) -> None:
    rows, rule = clustered(rng)
    once = rows[rows.person * LOOKS == np.arange(PERSONS * LOOKS)]
    of_rule = rule[::LOOKS]
    thrice = np.tile(np.arange(PERSONS), 3)
    one, three = at_capacity(once, 0.25, of_rule), at_capacity(once[thrice], 0.25, of_rule[thrice])
    assert told(three) == pytest.approx(told(one))
    assert errors(three) == pytest.approx(errors(one), rel=0.1)
    curve = (
        decision_curve(once, of_rule, (0.3,))[0].model,
        decision_curve(once[thrice], of_rule[thrice], (0.3,))[0].model,
    )
    assert (curve[1].low, curve[1].high) == pytest.approx((curve[0].low, curve[0].high))


def test_a_ranking_beside_itself_lifts_nothing(rng: np.random.Generator) -> None:
    rows, _ = clustered(rng)
    found = at_capacity(rows, 0.1, rows.score)
    assert found.lift == Interval(1.0, 1.0, 1.0)
    assert found.rule_precision == found.precision
    for point in decision_curve(rows, rows.score, (0.2, 0.4)):
        assert point.rule is not None
        assert vars(point.rule) == pytest.approx(vars(point.model))  # the interval, too: as many people, and the same


def test_all_of_ten_are_not_known_to_be_all() -> None:
    """The bound is Clopper and Pearson's."""
    score = np.linspace(1, 0, 100)
    found = at_capacity(Predictions(6.0, score, score > 0.75, np.ones(100)), 0.10)
    assert (found.precision.value, found.precision.high) == (1, 1)
    assert found.precision.low == pytest.approx(beta.ppf(0.025, 10, 1), rel=1e-6)
    none = at_capacity(Predictions(6.0, score, score < 0.25, np.ones(100)), 0.10, score)
    assert none.precision.value == none.precision.low == 0
    assert none.precision.high == pytest.approx(beta.ppf(0.975, 1, 10), rel=1e-6)
    assert none.lift is None


def test_nobody_known_among_those_looked_at_gives_no_precision() -> None:
    score = np.linspace(1, 0, 100)
    weight = np.where(score > 0.9, 0.0, 1.0)
    found = at_capacity(Predictions(6.0, score, score > 0.5, weight), 0.05, -score)
    assert np.isnan([found.precision.value, found.precision.low, found.precision.high]).all()
    assert found.lift is None
    assert found.recall.value == 0


# ---------------------------------------------------------------- net benefit


def test_without_weights_net_benefit_is_its_definition(rng: np.random.Generator) -> None:
    rows, _ = clustered(rng)
    rows = replace(rows, weight=np.ones(len(rows.score)))
    for point in decision_curve(rows):
        flagged, odds = rows.score >= point.threshold, point.threshold / (1 - point.threshold)
        true, false = (flagged & rows.outcome).mean(), (flagged & ~rows.outcome).mean()
        assert point.model.value == pytest.approx(true - odds * false)
        assert point.everybody.value == pytest.approx(rows.outcome.mean() - odds * (~rows.outcome).mean())
        assert point.rule is None
    assert THRESHOLDS[0] == 0.025
    assert THRESHOLDS[-1] == 0.975


def test_weights_alone_bring_no_doubt(rng: np.random.Generator) -> None:
    """Where all are still unemployed, looking at everybody is worth 1 whoever is drawn, and however much they weigh."""
    rows, _ = clustered(rng)
    (found,) = decision_curve(replace(rows, outcome=np.full(len(rows.score), True)), None, (0.3,))
    assert vars(found.everybody) == pytest.approx({"value": 1, "low": 1, "high": 1})


@pytest.mark.parametrize("digits", [8, 1])
def test_intervals_of_net_benefit_are_those_of_a_bootstrap_of_persons(rng: np.random.Generator, digits: int) -> None:
    rows, rule = clustered(rng, digits)
    rows = replace(rows, weight=np.where(rng.random(len(rows.score)) < 0.4, 0.0, rows.weight**2))
    thresholds = (0.03, 0.22, 0.41)

    def figures(drawn: np.ndarray) -> np.ndarray:
        curve = decision_curve(rows[drawn], rule[drawn], thresholds)
        return np.array([[value(p.model), value(p.everybody), value(p.rule)] for p in curve])

    draws = [figures(persons_drawn(rng)) for _ in range(800)]
    found = np.array([[(each.high - each.low) / 2 / Z for each in (p.model, p.everybody, p.rule) if each]
                      for p in decision_curve(rows, rule, thresholds)])  # fmt: skip
    np.testing.assert_allclose(found, np.std(draws, axis=0), rtol=0.12)
