"""Intervals of calibration figures: against a bootstrap of persons, simulated worlds and truths that are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from ml.contracts import Floats, Interval, Predictions
from ml.measures.calibration import calibration, calibration_intervals
from ml.measures.logistic import fit_logistic

LOOKS = 3
Z = 1.959964


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261130)


def world(rng: np.random.Generator, n: int, truth: Callable[[Floats], Floats]) -> Predictions:
    """Return n people whose chance is a function of what was predicted."""
    score = rng.beta(2, 4, n)
    return Predictions(6.0, score, rng.random(n) < truth(score), np.ones(n))


def clustered(rng: np.random.Generator, persons: int = 400) -> Predictions:
    """Return three looks at each person: outcomes mostly one, scores near each other."""
    mood = 0.7 * rng.normal(size=(persons, 1))
    still = rng.random((persons, 1)) < expit(0.8 * mood)
    outcome = np.where(rng.random((persons, LOOKS)) < 0.9, still, rng.random((persons, LOOKS)) < 0.5)
    score = expit(mood + 0.2 * rng.normal(size=(persons, LOOKS)))
    weight = np.where(rng.random((persons, LOOKS)) < 0.1, 0.0, rng.uniform(0.5, 2, (persons, LOOKS)))
    return Predictions(6.0, score.ravel(), outcome.ravel(), weight.ravel(), np.repeat(np.arange(persons), LOOKS))


def error(interval: Interval) -> float:
    return (interval.high - interval.low) / 2 / Z


def test_values_are_those_of_calibration(rng: np.random.Generator) -> None:
    rows = clustered(rng)
    found, plain = calibration_intervals(rows, rng), calibration(rows)
    values = (found.intercept.value, found.slope.value, found.ici.value)
    assert values == pytest.approx((plain.intercept, plain.slope, plain.ici), abs=1e-12)


def test_intercept_and_slope_have_the_errors_of_a_bootstrap_of_persons(rng: np.random.Generator) -> None:
    """400 draws know a standard error to 3.5 %; 10 % allows almost three times that."""
    rows = clustered(rng)
    draws = []
    for _ in range(400):
        persons = rng.integers(0, 400, 400)
        drawn = rows[(persons[:, None] * LOOKS + np.arange(LOOKS)).ravel()]
        margin, ones = logit(drawn.score), np.ones((len(drawn.score), 1))
        line = fit_logistic(np.column_stack([ones, margin]), drawn.outcome.astype(float), drawn.weight)
        draws.append((fit_logistic(ones, drawn.outcome.astype(float), drawn.weight, offset=margin)[0], line[1]))
    intervals = calibration_intervals(rows, rng)
    found_errors = (error(intervals.intercept), error(intervals.slope))
    assert found_errors == pytest.approx(tuple(np.std(draws, axis=0)), rel=0.10)
    alone = calibration_intervals(replace(rows, person=np.arange(len(rows.score))), rng)
    assert error(alone.intercept) < 0.75 * error(intervals.intercept)


@pytest.mark.parametrize("copies", [1, 3])
def test_the_index_of_perfect_chances_is_what_worlds_with_such_chances_show(
    rng: np.random.Generator, copies: int
) -> None:
    """Outcomes drawn from the chances themselves, 200 times; copies of a row are one person, and no more than once."""
    score = rng.beta(2, 4, 300)
    rows = np.repeat(np.arange(300), copies)
    drawn = []
    for _ in range(200):
        outcome = rng.random(300) < score
        drawn.append(calibration(Predictions(6.0, score[rows], outcome[rows], np.ones(300 * copies))).ici)
    outcome = rng.random(300) < score
    found = calibration_intervals(Predictions(6.0, score[rows], outcome[rows], np.ones(300 * copies), rows), rng)
    told = found.ici_if_perfect
    assert told.value == pytest.approx(np.mean(drawn), rel=0.12)
    assert (told.low, told.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), rel=0.25)


FAULTS = {
    "none": lambda score: score,
    "shift": lambda score: np.clip(score + 0.05, 0, 1),
    "too steep": lambda score: expit(0.7 * logit(score)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_interval_of_the_index_holds_the_truth(rng: np.random.Generator, name: str) -> None:
    """At least 52 of 60 worlds, where 57 are promised: three standard errors are 5."""
    fault = FAULTS[name]
    everybody = rng.beta(2, 4, 100_000)
    truth = np.mean(np.abs(fault(everybody) - everybody))
    found = [calibration_intervals(world(rng, 600, fault), rng) for _ in range(60)]
    held = sum(each.ici.low <= truth <= each.ici.high for each in found)
    assert held >= 52
    beyond_noise = sum(each.ici.value > each.ici_if_perfect.high for each in found)
    assert beyond_noise <= 6 if name == "none" else beyond_noise >= 30


def test_a_fault_shows_and_more_people_make_it_surer(rng: np.random.Generator) -> None:
    shift = FAULTS["shift"]
    few, many = (calibration_intervals(world(rng, n, shift), rng) for n in (300, 6000))
    assert many.ici.low > 0.02
    assert many.ici.high < 0.08
    assert many.ici.value > many.ici_if_perfect.high
    assert many.ici.high - many.ici.low < 0.6 * (few.ici.high - few.ici.low)
    assert many.ici_if_perfect.value < 0.4 * few.ici_if_perfect.value


def test_the_same_generator_gives_the_same_figures_and_unknown_outcomes_say_nothing(rng: np.random.Generator) -> None:
    rows = clustered(rng)
    turned = replace(rows, outcome=rows.outcome ^ (rows.weight == 0))
    one, two, three = (calibration_intervals(each, np.random.default_rng(3)) for each in (rows, rows, turned))
    assert one == two == three


def test_chances_that_are_all_equal_have_an_index_and_no_slope(rng: np.random.Generator) -> None:
    same = Predictions(6.0, np.full(200, 0.4), np.arange(200) < 140, np.ones(200))
    found = calibration_intervals(same, rng)
    assert np.isnan([found.slope.value, found.slope.low, found.slope.high]).all()
    assert found.ici.value == pytest.approx(0.3)
    spread = Z * np.sqrt(0.7 * 0.3 / 200)
    assert (found.ici.low, found.ici.high) == pytest.approx((0.3 - spread, 0.3 + spread), abs=0.01)
