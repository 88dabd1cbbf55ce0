"""Several rows of one person: what they say is said once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from ml.contracts import Interval, Part, Predictions, Spells
from ml.measures.brier import better, brier
from ml.measures.censoring import outcome_at
from ml.measures.clusters import by_person
from ml.measures.observed import observed_share
from ml.measures.ranking import auc

SEEDS = st.integers(0, 2**32 - 1)
LOOKS = 3
Z = 1.959964


def drawn(rng: np.random.Generator, n: int = 400) -> Predictions:
    score = rng.beta(2, 3, n)
    return Predictions(6.0, score, rng.random(n) < score, np.where(rng.random(n) < 0.2, 0.0, rng.uniform(0.5, 3, n)))


def clustered(rng: np.random.Generator, persons: int = 300) -> Predictions:
    """Return three looks at each person: their outcomes are mostly one, their scores near each other."""
    mood = rng.normal(size=persons)[:, None]
    still = rng.random((persons, 1)) < expit(mood)
    outcome = np.where(rng.random((persons, LOOKS)) < 0.9, still, rng.random((persons, LOOKS)) < 0.5)
    score = expit(mood + 0.2 * rng.normal(size=(persons, LOOKS)))
    weight = np.where(rng.random((persons, LOOKS)) < 0.1, 0.0, rng.uniform(0.5, 2, (persons, LOOKS)))
    return Predictions(6.0, score.ravel(), outcome.ravel(), weight.ravel(), np.repeat(np.arange(persons), LOOKS))


def gain(predictions: Predictions) -> Interval:
    worse = np.clip(predictions.score + 0.15, 0, 1)
    return better(predictions, replace(predictions, score=worse))


FIGURES = pytest.mark.parametrize("figure", [auc, brier, gain])


def test_sums_of_each_person() -> None:
    person = np.array([7, 3, 7, 3, 9])
    assert by_person(np.array([1.0, 2, 4, 8, 16]), person).tolist() == [10, 5, 16]
    two = np.array([[1.0, 0], [2, 1], [4, 0], [8, 1], [16, 5]])
    assert by_person(two, person).tolist() == [[10, 2], [5, 0], [16, 5]]
    alone = np.array([1.0, 2.0])
    assert by_person(alone, np.array([5, 4])) is alone


@FIGURES
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_where_each_row_is_a_person_numbers_of_persons_change_nothing(
    figure: Callable[[Predictions], Interval], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = drawn(rng)
    assert figure(replace(rows, person=rng.permutation(len(rows.score)) + 50)) == figure(rows)


@FIGURES
def test_the_same_rows_thrice_say_no_more_than_once(
    figure: Callable[[Predictions], Interval], rng: np.random.Generator
) -> None:
    once = drawn(rng)
    thrice = once[np.tile(np.arange(len(once.score)), 3)]
    found, expected = figure(thrice), figure(once)
    assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    as_if_alone = figure(replace(thrice, person=np.arange(len(thrice.score))))
    assert as_if_alone.high - as_if_alone.low < 0.65 * (found.high - found.low)


@FIGURES
def test_the_interval_is_that_of_a_bootstrap_of_persons(
    figure: Callable[[Predictions], Interval], rng: np.random.Generator
) -> None:
    """1,500 draws know the standard error to 2 %; 7 % allows more than three times that."""
    rows = clustered(rng)
    draws = []
    for _ in range(1500):
        persons = rng.integers(0, 300, 300)
        draws.append(figure(rows[(persons[:, None] * LOOKS + np.arange(LOOKS)).ravel()]).value)
    found = figure(rows)
    assert (found.high - found.low) / 2 / Z == pytest.approx(np.std(draws), rel=0.07)


def test_the_interval_of_an_observed_share_covers_as_often_as_it_says(rng: np.random.Generator) -> None:
    """Looks at 0 and 3 of the same exponential spells, horizon 6: 95 % of 600, within three standard errors."""
    asked = np.exp(-0.2 * 3) * 17 / 18  # the share of spells that are looked at twice: not yet over, nor lost
    truth = (np.exp(-0.2 * 6) + asked * np.exp(-0.2 * 3)) / (1 + asked)
    within = 0
    for _ in range(600):
        duration, until = rng.exponential(5, 300), rng.uniform(2, 20, 300)
        seen = np.minimum(duration, until)
        rows = np.concatenate([np.arange(300), np.flatnonzero(seen > 3)])
        entry = np.where(np.arange(len(rows)) < 300, 0.0, 3.0)
        part = Part(np.arange(len(rows)), Spells(seen[rows], (duration <= until)[rows], entry), person=rows)
        found = observed_share(part, 6)
        within += found.low <= truth <= found.high
    assert 0.923 <= within / 600 <= 0.985


def test_an_observed_share_of_none_or_all_is_that() -> None:
    spells = Spells(np.array([4.0, 5, 4, 5]), np.full(4, True), np.array([0.0, 0, 3, 3]))
    part = Part(np.arange(4), spells)
    assert observed_share(part, 6) == Interval(0.0, 0.0, 0.0)
    assert observed_share(part, 4) == Interval(1.0, 1.0, 1.0)
    assert (outcome_at(spells, 4).weight == 1).all()
