"""Venn–Abers pairs: against the package, against isotonic regression by hand, and against the truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import venn_abers
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from ml.contracts import Floats
from ml.models.venn_abers import POINTS, fit_venn_abers

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, n: int, distinct: int) -> tuple[Floats, Floats, Floats]:
    """Return scores, some of them alike, outcomes that rise with them, and weights."""
    rng = np.random.default_rng(seed)
    score = rng.choice(rng.normal(size=distinct), n)
    return score, (rng.random(n) < expit(2 * score)).astype(float), rng.uniform(1, 3, n)


def by_package(score: Floats, outcome: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Return the pairs of the package venn-abers, which knows no weights."""
    machine = venn_abers.VennAbers()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # it divides 0 by 0 on its way
        machine.fit(np.column_stack([1 - score, score]), outcome)
        _, pair = machine.predict_proba(np.column_stack([1 - at, at]))
    return pair[:, 0], pair[:, 1]


def by_hand(score: Floats, outcome: Floats, weight: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Return the pairs by definition: scikit-learn's isotonic regression, once with each outcome added."""

    def share(one: float, label: float) -> float:
        fit = IsotonicRegression().fit(
            np.append(score, one), np.append(outcome, label), sample_weight=np.append(weight, 1.0)
        )
        return float(fit.predict([one])[0])

    p0, p1 = (np.array([share(one, label) for one in at]) for label in (0.0, 1.0))
    return p0, p1


# ---------------------------------------------------------------- oracles


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(5, 300), st.integers(2, 100))
def test_pairs_are_those_of_the_package(seed: int, n: int, distinct: int) -> None:
    """At every score, where there are no more than the hundred at which isotonic fits are exact."""
    score, outcome, _ = drawn(seed, n, distinct)
    np.testing.assert_allclose(
        fit_venn_abers(score, outcome, np.ones(n)).pair(score), by_package(score, outcome, score), atol=1e-9
    )


def test_of_many_scores_a_hundred_are_exact(rng: np.random.Generator) -> None:
    score = rng.normal(size=700)
    outcome = (rng.random(700) < expit(score)).astype(float)
    found = fit_venn_abers(score, outcome, np.ones(700))
    at = np.array(found.score)
    assert len(at) == POINTS == 100
    assert (at[0], at[-1]) == (score.min(), score.max())
    assert set(at) <= set(score)
    np.testing.assert_allclose(found.pair(at), by_package(score, outcome, at), atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(3, 60), st.integers(1, 60))
def test_weighted_pairs_are_isotonic_regressions(seed: int, n: int, distinct: int) -> None:
    score, outcome, weight = drawn(seed, n, distinct)
    at = np.unique(score)
    np.testing.assert_allclose(
        fit_venn_abers(score, outcome, weight).pair(at), by_hand(score, outcome, weight, at), atol=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_between_the_points_and_beyond_them_the_pair_holds_the_exact_one(seed: int) -> None:
    score, outcome, weight = drawn(seed, 400, 400)
    at = np.concatenate([np.random.default_rng(seed).normal(size=8), [score.min() - 1, score.max() + 1]])
    p0, p1 = by_hand(score, outcome, weight, at)
    low, high = fit_venn_abers(score, outcome, weight).pair(at)
    assert (low <= p0 + 1e-9).all()
    assert (high >= p1 - 1e-9).all()
    assert (low[-2], high[-1]) == (0, 1)  # nobody stands beyond: nothing bounds the share there


# ---------------------------------------------------------------- what holds of each


@given(SEEDS, st.integers(1, 200), st.integers(1, 200))
def test_a_pair_is_in_order_and_rises_with_the_score(seed: int, n: int, distinct: int) -> None:
    score, outcome, weight = drawn(seed, n, distinct)
    low, high = fit_venn_abers(score, outcome, weight).pair(np.linspace(-4, 4, 200))
    assert (low < high).all()
    assert ((low >= 0) & (high <= 1)).all()
    assert (np.diff(low) >= -1e-12).all()
    assert (np.diff(high) >= -1e-12).all()


@pytest.mark.parametrize(("still", "of"), [(0, 4), (2, 4), (4, 4), (30, 100)])
def test_among_people_of_one_score_the_pair_is_the_share_with_one_person_added(still: int, of: int) -> None:
    outcome = np.repeat([1.0, 0.0], [still, of - still])
    low, high = fit_venn_abers(np.full(of, 0.3), outcome, np.ones(of)).pair(np.array([0.3]))
    assert (low[0], high[0]) == pytest.approx((still / (of + 1), (still + 1) / (of + 1)))


@pytest.mark.parametrize("still", [0.0, 1.0])
def test_beyond_all_scores_nothing_is_known(still: float) -> None:
    """Not even where all stayed, or none: whoever stands alone may be the one who differs."""
    found = fit_venn_abers(np.array([1.0, 2.0, 3.0]), np.full(3, still), np.ones(3))
    low, high = found.pair(np.array([0.9, 3.1]))
    assert (low[0], high[1]) == (0, 1)
    expected = by_hand(np.array([1.0, 2.0, 3.0]), np.full(3, still), np.ones(3), np.array([0.9, 3.1]))
    assert (low <= expected[0]).all()
    assert (high >= expected[1]).all()


def test_the_weights_are_of_people(rng: np.random.Generator) -> None:
    """A row of weight 3 is three people."""
    score, outcome = rng.normal(size=40), (rng.random(40) < 0.5).astype(float)
    times = rng.integers(1, 4, 40)
    heavy = fit_venn_abers(score, outcome, times.astype(float))
    each = fit_venn_abers(np.repeat(score, times), np.repeat(outcome, times), np.ones(times.sum()))
    np.testing.assert_allclose(heavy.pair(score), each.pair(score))


BENDS = {
    "smooth": lambda score: expit(2 * score),
    "steps": lambda score: np.where(score > 0, 0.9, 0.2),
    "rare": lambda score: expit(score - 4),
    "worthless": lambda score: 0.3 + 0 * score,
    "upside down": lambda score: expit(-score),
}


@pytest.mark.parametrize("bend", BENDS)
def test_one_of_the_two_was_right(bend: str, rng: np.random.Generator) -> None:
    """Whatever the score is worth: of those who are told p, when the outcome picks of the two, the share is p.

    That is the whole claim (Vovk, Petej & Fedorova 2015, theorem 1). Scores are of six kinds, so that each is known
    exactly. Three standard errors over 300 calibration parts.
    """
    gaps = []
    for _ in range(300):
        score = rng.choice(np.linspace(-1.5, 1.5, 6), 160)
        outcome = (rng.random(160) < BENDS[bend](score)).astype(float)
        low, high = fit_venn_abers(score[:120], outcome[:120], np.ones(120)).pair(score[120:])
        now = outcome[120:]
        right = np.where(now == 1, high, low)
        bins = np.digitize(right, [0.15, 0.35, 0.6])
        gaps.append([(now - right).mean(), *(((now - right) * (bins == each)).mean() for each in range(4))])
        assert low.mean() <= high.mean()
    mean, error = np.mean(gaps, axis=0), np.std(gaps, axis=0) / np.sqrt(300)
    assert (np.abs(mean) <= 3 * error + 1e-12).all(), (mean, error)


@pytest.mark.parametrize("bend", BENDS)
def test_the_observed_share_lies_within_the_averages_of_the_pair(bend: str, rng: np.random.Generator) -> None:
    """So does the share of new people, on average over calibration parts; also between the exact points."""
    below, above = [], []
    for _ in range(40):
        score = rng.normal(size=500)
        outcome = (rng.random(500) < BENDS[bend](score)).astype(float)
        low, high = fit_venn_abers(score[:200], outcome[:200], np.ones(200)).pair(score[200:])
        below.append(outcome[200:].mean() - low.mean())
        above.append(high.mean() - outcome[200:].mean())
    for room in (below, above):
        assert np.mean(room) > -3 * np.std(room) / np.sqrt(40)
    assert np.mean(below) + np.mean(above) < 0.15  # and it says something


def test_where_few_are_alike_the_pair_is_wide(rng: np.random.Generator) -> None:
    width = []
    for n in (10, 100, 1000):
        score = rng.normal(size=n)
        low, high = fit_venn_abers(score, (rng.random(n) < expit(score)).astype(float), np.ones(n)).pair(np.zeros(1))
        width.append(high[0] - low[0])
    assert width[0] > 0.15 > width[1] > width[2]
    assert width[2] < 0.03
