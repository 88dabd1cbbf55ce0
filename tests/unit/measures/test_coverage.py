"""Whether intervals hold what came true: in worlds where it is known that they do, or do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from ml.contracts import Coverage, Predictions
from ml.measures.coverage import FEWEST_PERSONS, MOST_BINS, coverage

N = 10_000
Z = 1.959964
AT_START = np.zeros(N, dtype=np.int64)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261130)


def held(rng: np.random.Generator, known_to: float, told: float, worlds: int = 150) -> list[Coverage]:
    """Return what is found in worlds in which a model's log-odds are off by something drawn.

    known_to  standard error of its log-odds
    told      what its intervals say that it is
    """
    found = []
    for _ in range(worlds):
        true, off = rng.normal(-0.5, 1, N), rng.normal(0, known_to)
        low, score, high = (expit(true + off + side * Z * told) for side in (-1, 0, 1))
        each = coverage(low, high, Predictions(6.0, score, rng.random(N) < expit(true), np.ones(N)), AT_START)
        assert each is not None
        found.append(each)
    return found


@pytest.mark.parametrize("known_to", [0.02, 0.08, 0.3])
def test_right_intervals_are_covered_as_often_as_they_promise(rng: np.random.Generator, known_to: float) -> None:
    """Be the bins' own noise (0.1 in log-odds) larger than what the model does not know, or smaller."""
    found = held(rng, known_to, known_to)
    assert np.mean([each.covered for each in found]) == pytest.approx(0.95, abs=0.03)
    assert all(each.plain <= each.covered + 1e-12 for each in found)
    assert {each.bins for each in found} == {MOST_BINS}


def test_too_narrow_intervals_are_found_out(rng: np.random.Generator) -> None:
    assert np.mean([each.covered for each in held(rng, 0.3, 0.05, 40)]) < 0.65


def test_without_noise_allowance_right_intervals_seem_narrower_than_they_are(rng: np.random.Generator) -> None:
    found = held(rng, 0.02, 0.02, 20)
    assert np.mean([each.plain for each in found]) < 0.5
    assert np.mean([each.noise for each in found]) > np.mean([each.width for each in found])
    told = held(rng, 0.3, 0.3, 60)
    assert np.mean([each.noise for each in told]) < np.mean([each.width for each in told]) / 4
    assert np.mean([each.plain for each in told]) > 0.85


def test_a_bin_by_hand() -> None:
    """60 of 100 came true, 50 were expected, within 45 to 58: the noise of 60 is 1.96 × 4.9."""
    outcome = np.arange(100) < 60
    rows = Predictions(6.0, np.full(100, 0.5), outcome, np.ones(100))
    low, high = np.full(100, 0.45), np.full(100, 0.58)
    # two bins of 50 by stable order: 50 of 50, and 10 of 50, far from any interval
    assert coverage(low, high, rows, np.zeros(100, dtype=np.int64)) == Coverage(
        0.0, 0.0, 2, pytest.approx(0.13), pytest.approx((Z * np.sqrt(0.25 / 50) + Z * np.sqrt(0.16 / 50)) / 2, rel=1e-6)
    )
    mixed = rows[np.random.default_rng(1).permutation(100)]
    found = coverage(low, high, mixed, np.zeros(100, dtype=np.int64))
    assert found is not None
    assert found.covered == 1.0


def test_rows_of_one_person_are_one_and_bins_are_of_one_landmark(rng: np.random.Generator) -> None:
    score = rng.beta(2, 3, 3 * FEWEST_PERSONS)
    rows = Predictions(6.0, score, rng.random(len(score)) < score, np.ones(len(score)))
    low, high = score - 0.05, score + 0.05
    alone = coverage(low, high, rows, np.zeros(len(score), dtype=np.int64))
    assert alone is not None
    assert alone.bins == 3
    same = replace(rows, person=np.arange(len(score)) // 3)
    by_person = coverage(low, high, same, np.zeros(len(score), dtype=np.int64))
    assert by_person is not None
    assert by_person.bins == 1
    by_landmark = coverage(low, high, rows, np.repeat([0, 2], [FEWEST_PERSONS, 2 * FEWEST_PERSONS]))
    assert by_landmark is not None
    assert by_landmark.bins == 3


def test_two_landmarks_that_are_wrong_in_opposite_ways_do_not_make_a_right(rng: np.random.Generator) -> None:
    """The same chances mean more at one landmark than at the other: bins of both together would hide it."""
    score = np.tile(rng.uniform(0.3, 0.6, N // 2), 2)
    stage = np.repeat([0, 1], N // 2)
    truth = score + np.where(stage == 0, 0.15, -0.15)
    rows = Predictions(6.0, score, rng.random(N) < truth, np.ones(N))
    apart, together = (coverage(score - 0.02, score + 0.02, rows, each) for each in (stage, AT_START))
    assert apart is not None
    assert together is not None
    assert apart.covered < 0.1
    assert together.covered > 0.8


def test_too_few_people_for_a_bin_give_no_figure(rng: np.random.Generator) -> None:
    score = rng.random(FEWEST_PERSONS)
    weight = np.ones(FEWEST_PERSONS)
    rows = Predictions(6.0, score, score > 0.5, weight)
    stage = np.zeros(FEWEST_PERSONS, dtype=np.int64)
    assert coverage(score, score, rows, stage) is not None
    weight = weight.copy()
    weight[0] = 0.0
    assert coverage(score, score, replace(rows, weight=weight), stage) is None
