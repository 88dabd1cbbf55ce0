"""Vector scaling: probabilities that keep their word, and how sure they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from ml.models.needs.calibrate import vector_scaling

N = 3000
TRUE_SLOPE, TRUE_BIAS = 0.6, np.array([0.0, 0.5, -0.4])


def drawn(seed: int, rows: int = N) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return margins, entities drawn from the scaled margins, and the true probabilities."""
    rng = np.random.default_rng(seed)
    margins = rng.normal([1.0, 0.0, -1.0], 1.5, (rows, 3))
    chances = softmax(TRUE_SLOPE * margins + TRUE_BIAS, axis=1)
    entity = (rng.random(rows)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    return margins, np.minimum(entity, 2), chances


def test_scaling_is_the_maximum_of_the_likelihood() -> None:
    margins, entity, _ = drawn(1)
    found = vector_scaling(margins, entity, np.arange(N))

    def loss(theta: np.ndarray) -> float:
        scaled = log_softmax(theta[0] * margins + np.array([0, *theta[1:]]), axis=1)
        return -float(scaled[np.arange(N), entity].sum())

    oracle = minimize(loss, np.array([1.0, 0.0, 0.0]), method="BFGS", options={"gtol": 1e-3}).x
    assert [found.slope, *found.bias[1:]] == pytest.approx(oracle, abs=1e-4)
    assert found.bias[0] == 0


def test_what_was_distorted_is_found_again() -> None:
    margins, entity, chances = drawn(2, 40_000)
    found = vector_scaling(margins, entity, np.arange(40_000))
    assert found.slope == pytest.approx(TRUE_SLOPE, abs=0.02)
    assert found.probability(margins) == pytest.approx(chances, abs=0.02)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.05, 20))
def test_predicted_and_observed_shares_agree_on_the_part(seed: int, scale: float) -> None:
    margins, entity, _ = drawn(seed, 300)
    probability = vector_scaling(scale * margins, entity, np.arange(300)).probability(scale * margins)
    assert probability.sum(axis=1) == pytest.approx(np.ones(300))
    assert probability.mean(axis=0) == pytest.approx(np.bincount(entity, minlength=3) / 300, abs=1e-6)


@pytest.mark.parametrize("margins", ["the wrong way round", "the same in every row"])
def test_margins_that_say_nothing_give_the_shares(margins: str) -> None:
    right, entity, _ = drawn(3)
    given_ = -right if margins == "the wrong way round" else np.tile([3.0, 1.0, -2.0], (N, 1))
    found = vector_scaling(given_, entity, np.arange(N))
    assert found.slope == 0
    assert found.probability(given_) == pytest.approx(np.tile(np.bincount(entity) / N, (N, 1)))
    low, high = found.interval(given_)
    assert (low < found.probability(given_)).all()
    assert (found.probability(given_) < high).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    asked = drawn(0, 40)[0]
    truth = softmax(TRUE_SLOPE * asked + TRUE_BIAS, axis=1)
    held = []
    for seed in range(150):
        margins, entity, _ = drawn(seed + 1, 500)
        low, high = vector_scaling(margins, entity, np.arange(500)).interval(asked)
        held.append((low <= truth) & (truth <= high))
    assert 0.93 < np.mean(held) < 0.97


def test_rows_of_one_person_are_not_more_persons() -> None:
    margins, entity, _ = drawn(5, 500)
    once = vector_scaling(margins, entity, np.arange(500))
    four = vector_scaling(np.repeat(margins, 4, axis=0), np.repeat(entity, 4), np.repeat(np.arange(500), 4))
    assert np.array(four.covariance) == pytest.approx(np.array(once.covariance))
