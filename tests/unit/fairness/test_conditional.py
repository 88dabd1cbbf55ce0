"""Groups at equal predicted risk, and at equal outcome: oracles by formula, coverage, and what is not told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LinearRegression

from ml.contracts import Bools, Conditional, Interval, Predictions
from ml.errors import DataError
from ml.fairness.conditional import equal_risk
from ml.fairness.groups import grouping


def beside(predictions: Predictions, member: Bools, **more: int) -> Conditional:
    """Return the group "them", beside "us"."""
    groups = grouping(pd.Series(np.where(member, "them", "us"), name="group"), "us")
    (one,) = equal_risk(predictions, groups, **more)
    return one


def town(
    rng: np.random.Generator, n: int, apart: float = 0.8, unlike: float = 0.0, share: float = 0.4
) -> tuple[Predictions, Bools]:
    """Return calibrated chances; those of "them" are higher by `apart` in log-odds, and their risk by `unlike` more."""
    member = rng.random(n) < share
    score = expit(rng.normal(-1, 1, n) + apart * member)
    outcome = rng.random(n) < np.clip(score + unlike * member, 0, 1)
    return Predictions(12.0, score, outcome, np.ones(n)), member


def known(interval: Interval | None) -> Interval:
    assert interval is not None
    return interval


def step(member: Bools) -> float:
    """Return what five people make of the share of the smaller side."""
    return 5 / (5 * round(min(member.sum(), (~member).sum()) / 5))


def mantel_haenszel(predictions: Predictions, member: Bools) -> float:
    """Return the risk difference over strata of equal chances, by its formula."""
    top = bottom = 0.0
    for score in np.unique(predictions.score):
        one, other = ((predictions.score == score) & side for side in (member, ~member))
        weights = predictions.weight[one].sum(), predictions.weight[other].sum()
        if min(weights) > 0:
            shares = (np.average(predictions.outcome[each], weights=predictions.weight[each]) for each in (one, other))
            weight = weights[0] * weights[1] / sum(weights)
            top, bottom = top + weight * (next(shares) - next(shares)), bottom + weight
    return top / bottom


@pytest.mark.parametrize("weighted", [False, True])
def test_pooled_over_equal_chances_it_is_the_risk_difference_of_mantel_and_haenszel(
    weighted: bool, rng: np.random.Generator
) -> None:
    predictions, member = town(rng, 20_000, unlike=0.08)
    predictions = replace(predictions, score=np.round(predictions.score * 5) / 5)
    if weighted:
        predictions = replace(predictions, weight=rng.choice([0.0, 1.0, 3.0], 20_000))
    found = known(beside(predictions, member).pooled).value
    assert found == pytest.approx(mantel_haenszel(predictions, member), abs=step(member) / 2 + 0.0006)


def test_within_a_fifth_it_is_what_a_regression_on_group_and_risk_leaves_to_the_group(rng: np.random.Generator) -> None:
    predictions, member = town(rng, 30_000, unlike=0.08)
    predictions = replace(predictions, weight=1 + 9.0 * (predictions.outcome & (predictions.score > 0.3)))
    fifth = np.searchsorted(np.quantile(predictions.score, [0.2, 0.4, 0.6, 0.8]), predictions.score, side="right")
    for place, found in enumerate(beside(predictions, member).fifths):
        rows = fifth == place
        design = np.column_stack([member, predictions.score])[rows]
        line = LinearRegression().fit(design, predictions.outcome[rows], sample_weight=predictions.weight[rows])
        expected = line.coef_[0]
        assert known(found).value == pytest.approx(expected, abs=step(member[rows]) / 2 + 0.0006)


@pytest.mark.parametrize(("unlike", "scale"), [(0.0, 1.0), (0.07, 1.0), (0.0, 0.5)])
def test_intervals_hold_the_truth(unlike: float, scale: float) -> None:
    """Of 200 towns 95 % do; between 90 and 99 % but once in a thousand times. A wrong scale of chances is no matter.

    "They" have higher chances in every fifth: a plain difference of shares would seem to be unfair to them.
    """
    held, of_top = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        predictions, member = town(rng, 1500, 1.5, unlike)
        found = beside(replace(predictions, score=predictions.score * scale), member)
        for interval, seen in ((found.pooled, held), (found.fifths[3], of_top)):
            if interval is not None:
                seen.append(interval.low <= unlike <= interval.high)
    assert 0.90 < np.mean(held) < 0.995
    assert 0.90 < np.mean(of_top) < 0.995
    assert len(of_top) > 150


def test_what_is_planted_in_one_fifth_is_found_there(rng: np.random.Generator) -> None:
    predictions, member = town(rng, 20_000)
    top = predictions.score > np.quantile(predictions.score, 0.8)
    more = member & top & (rng.random(20_000) < 0.3)
    found = beside(replace(predictions, outcome=predictions.outcome | more), member)
    assert known(found.fifths[4]).low > 0.05
    assert all(known(each).low < 0.03 for each in found.fifths[:4])
    assert known(found.pooled).low > 0


def test_at_equal_outcome_it_is_the_difference_of_mean_chances(rng: np.random.Generator) -> None:
    predictions, member = town(rng, 4000)
    predictions = replace(predictions, weight=rng.choice([0.0, 1.0, 2.0], 4000))
    found = beside(predictions, member)
    for interval, which in ((found.unemployed, predictions.outcome), (found.exited, ~predictions.outcome)):
        one, other = (
            np.average(predictions.score[rows], weights=predictions.weight[rows])
            for rows in (which & member, which & ~member)
        )
        assert known(interval).value == pytest.approx(one - other, abs=0.0006)


def test_intervals_of_mean_chances_hold_the_truth() -> None:
    """Of 200 towns whose chances do not depend on the group, at equal outcome."""
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        predictions, member = town(rng, 400, 0.0)
        found = beside(predictions, member)
        held += [known(each).low <= 0 <= known(each).high for each in (found.unemployed, found.exited)]
    assert 0.92 < np.mean(held) < 0.98


def test_rows_without_a_known_outcome_say_nothing(rng: np.random.Generator) -> None:
    predictions, member = town(rng, 4000)
    predictions = replace(predictions, weight=rng.choice([0.0, 1.0], 4000))
    other = replace(predictions, outcome=predictions.outcome ^ (predictions.weight == 0))
    assert beside(predictions, member) == beside(other, member)
    predictions, member = few(60, 30)
    predictions = replace(predictions, weight=np.where(member & (np.arange(len(member)) % 2 == 0), 0.0, 1.0))
    assert beside(predictions, member).pooled is not None
    predictions.weight[-1] = 0.0  # 29 of them are known
    assert beside(predictions, member).pooled is None


def test_rows_of_one_person_are_no_more_people(rng: np.random.Generator) -> None:
    """Three rows a person, alike: the same figures, in the steps of as many people, with the same intervals."""
    predictions, member = town(rng, 1000)
    person = np.repeat(np.arange(1000), 3)
    thrice = replace(predictions[person], person=person)
    assert beside(thrice, member[person]) == beside(predictions, member)


def few(members: int, hits: int) -> tuple[Predictions, Bools]:
    """Return people of nearly one chance: 1,000 of us, half still unemployed, and some of them."""
    member = np.arange(1000 + members) >= 1000
    outcome = np.where(member, np.arange(1000 + members) < 1000 + hits, np.arange(1000 + members) % 2 == 0)
    score = 0.5 + np.arange(len(member)) * 37 % 101 / 1e6  # means of one chance would be counts, and are not told
    return Predictions(12.0, score, outcome, np.ones(len(member))), member


@pytest.mark.parametrize(
    ("members", "hits", "outcomes", "unemployed", "exited"),
    [
        (30, 15, True, False, False),
        (29, 15, False, False, False),
        (60, 30, True, True, True),
        (60, 31, True, True, False),
        (60, 29, True, False, True),
        (60, 5, True, False, True),
        (60, 4, False, False, True),
        (60, 0, False, False, True),
        (60, 55, True, True, False),
        (60, 56, False, True, False),
    ],
)
def test_of_too_few_nothing_is_told(members: int, hits: int, outcomes: bool, unemployed: bool, exited: bool) -> None:
    found = beside(*few(members, hits))
    told = [each is not None for each in (found.pooled, found.unemployed, found.exited)]
    assert told == [outcomes, unemployed, exited]


def test_the_reference_must_be_enough_too() -> None:
    predictions, member = few(1000, 500)
    ours = np.flatnonzero(~member)[:29].tolist()
    rows = np.array(ours + np.flatnonzero(member).tolist())
    found = beside(predictions[rows], member[rows])
    assert (found.pooled, found.unemployed, found.exited) == (None, None, None)


def test_people_are_counted_and_not_their_rows() -> None:
    predictions, member = few(90, 45)
    person = np.where(member, 5000 + np.arange(len(member)) % 29, np.arange(len(member)))
    assert beside(replace(predictions, person=person), member).pooled is None


@settings(max_examples=40, deadline=None)
@given(st.integers(30, 90), st.integers(5, 25))
def test_no_figure_tells_the_number_of_people_whose_outcomes_made_it(members: int, hits: int) -> None:
    """Values stand on a grid of five people; so many people are seen by one figure that none is told."""
    predictions, member = few(members, hits)
    found, grid, share = known(beside(predictions, member).pooled), step(member), hits / members
    assert found.value == pytest.approx(grid * round(found.value / grid), abs=0.0006)
    assert abs(found.value - (share - 0.5)) <= grid / 2 + 0.0006
    steps = ((found.high - found.value) / 1.96) ** 2 * 5 / grid / grid
    exact = (share * (1 - share) / members + 0.25 / 1000) * 5 / grid / grid
    assert steps == pytest.approx(round(steps), abs=0.1)
    assert exact - 0.1 < steps < exact + 1.1


def test_where_nobody_is_of_equal_risk_there_is_nothing_to_compare(rng: np.random.Generator) -> None:
    member = np.arange(2000) % 2 == 0
    score = np.where(member, 0.6, 0.3) + np.arange(2000) // 2 % 50 / 1e5
    found = beside(Predictions(12.0, score, rng.random(2000) < score, np.ones(2000)), member)
    assert found.pooled is None
    assert known(found.unemployed).value == pytest.approx(0.3)


def test_each_group_but_the_reference_is_there_with_the_missing(rng: np.random.Generator) -> None:
    predictions, _ = town(rng, 3000)
    groups = grouping(pd.Series(rng.choice(["a", "b", "missing"], 3000), name="group"), "b")
    assert [(each.group, each.reference) for each in equal_risk(predictions, groups)] == [("a", "b"), ("missing", "b")]


def test_one_group_has_none_beside_it(rng: np.random.Generator) -> None:
    predictions, _ = town(rng, 100)
    assert equal_risk(predictions, grouping(pd.Series(["a"] * 100, name="group"))) == ()


def test_rows_must_match(rng: np.random.Generator) -> None:
    predictions, _ = town(rng, 100)
    with pytest.raises(DataError, match="99 protected rows beside 100 predictions"):
        equal_risk(predictions, grouping(pd.Series(["a"] * 99, name="group")))


@pytest.mark.parametrize("flagged", [1, 4, 20])
def test_means_of_hard_scores_are_counts_and_are_not_told(flagged: int) -> None:
    """With scores of 0 and 1 a mean is a share of people, and with a reference of none it was their number."""
    score = np.r_[np.zeros(400), np.ones(100), np.ones(flagged), np.zeros(45 - flagged), np.ones(40)]
    outcome = np.r_[np.zeros(400), np.ones(100), np.zeros(45), np.ones(40)].astype(bool)
    groups = grouping(pd.Series(["a"] * 500 + ["b"] * 85, name="g"))
    (found,) = equal_risk(Predictions(12.0, score, outcome, np.ones(585)), groups)
    assert (found.exited, found.unemployed) == (None, None)
