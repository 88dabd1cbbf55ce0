"""The evaluation: which slices there are, what is in each, and what is not said."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.special import expit

from ml.contracts import Dates, Evaluation, Figures, Floats, Outcome, Part, Slice, Spells
from ml.measures.brier import better
from ml.measures.capacity import CAPACITIES, at_capacity
from ml.measures.censoring import share_unemployed
from ml.measures.landmarks import landmarks
from ml.measures.net_benefit import THRESHOLDS
from ml.measures.ranking import auc, auc_gain
from ml.models.evaluate import RULE, evaluate, predictions_at, within_landmarks

LOOKS = (0.0, 3.0, 6.0)
N = 1200
UNTIL = np.datetime64("2019-01-01")


@pytest.fixture(scope="module")
def looked(months: Outcome) -> Outcome:
    return replace(months, horizon=12.0, entry="waited")


class World:
    """Spells of a year, followed until one day, with a row at each look that they lasted to; some people twice."""

    def __init__(self, rng: np.random.Generator, outcome: Outcome) -> None:
        speed = rng.normal(size=N)
        start = UNTIL - rng.integers(30, 700, N).astype("timedelta64[D]")
        followed = (UNTIL - start) / np.timedelta64(1, "D") / outcome.unit_days
        whole = rng.exponential(7 * np.exp(-0.7 * speed))
        duration, exited = np.minimum(whole, followed), whole <= followed
        rows = np.concatenate([np.flatnonzero(duration > look) for look in LOOKS])
        entry = np.concatenate([np.full((duration > look).sum(), look) for look in LOOKS])
        person = (np.arange(N) * 4 // 5)[rows]
        self.part = Part(np.arange(len(rows)), Spells(duration[rows], exited[rows], entry), person=person)
        self.start: Dates = start[rows]
        rate = np.exp(0.7 * speed[rows]) / 7
        self.probability: Floats = np.column_stack(
            [np.exp(-rate * np.maximum(h - entry, 0.0)) for h in outcome.horizons]
        )
        self.rule: Floats = np.where(rng.random(len(rows)) < 0.1, np.nan, -speed[rows] + 2 * rng.normal(size=len(rows)))


@pytest.fixture(scope="module")
def world(looked: Outcome) -> World:
    return World(np.random.default_rng(20261130), looked)


@pytest.fixture(scope="module")
def found(world: World, looked: Outcome) -> Evaluation:
    return whole(world, looked)


def whole(world: World, outcome: Outcome, seed: int = 3) -> Evaluation:
    shuffled = world.probability[:, 2] * 0.5
    return evaluate(
        world.probability, world.part, outcome, np.random.default_rng(seed), start=world.start, rule=world.rule,
        ends=(world.probability * 0.9, np.minimum(world.probability * 1.1, 1)), rivals={"half": shuffled},
    )  # fmt: skip


def figures(each: Slice | None) -> Figures:
    assert each is not None
    assert each.figures is not None, each.why
    return each.figures


def test_each_landmark_meets_each_horizon_that_is_a_question_there(found: Evaluation) -> None:
    told = [(each.landmark, each.horizon) for each in found.slices if each.quarter is None]
    assert told == [(0, 3.0), (None, 6.0), (0, 6.0), (1, 6.0), (None, 12.0), (0, 12.0), (1, 12.0), (2, 12.0)]
    assert found.slice(1, 3.0) is None
    assert {each.landmark for each in found.slices if each.quarter} == {0, 1, 2}
    for each in found.slices:
        if each.quarter is None:
            assert len(figures(each).capacity) == len(CAPACITIES)
            assert len(figures(each).net_benefit) == len(THRESHOLDS)
        elif each.figures:
            assert each.figures.net_benefit == ()


def test_without_looks_there_is_one_landmark_and_nothing_is_pooled(world: World, months: Outcome) -> None:
    rows = world.part.spells.entry == 0
    part = world.part[rows]
    found = evaluate(world.probability[rows], part, months, np.random.default_rng(3))
    assert [(each.landmark, each.horizon, each.quarter) for each in found.slices] == [
        (0, 3.0, None), (0, 6.0, None), (0, 12.0, None)
    ]  # fmt: skip
    assert found.rivals == ()
    assert figures(found.slices[0]).core.coverage is None
    assert figures(found.slices[0]).capacity[0].lift is None


def test_rows_are_those_asked_and_quarters_divide_them(found: Evaluation, world: World) -> None:
    entry = world.part.spells.entry
    for landmark, look in enumerate(LOOKS):
        each = found.slice(landmark, 12.0)
        assert each is not None
        assert each.rows == (entry == look).sum()
        assert each.persons == len(np.unique(world.part.person[entry == look])) < each.rows
        quarters = [s for s in found.slices if s.landmark == landmark and s.horizon == 12.0 and s.quarter]
        assert sum(s.rows for s in quarters) == each.rows
        assert [s.quarter for s in quarters] == sorted({str(s.quarter) for s in quarters})
    for horizon, asked in ((12.0, entry < 12), (6.0, entry < 6)):
        pooled = found.slice(None, horizon)
        assert pooled is not None
        assert pooled.rows == asked.sum()


def test_figures_are_those_of_the_measures_on_the_same_rows(found: Evaluation, world: World) -> None:
    rows = world.part.spells.entry == 3.0
    expected = predictions_at(world.probability[:, 2], world.part, 12.0, rows)
    assert expected is not None
    told = figures(found.slice(1, 12.0))
    assert told.core.auc == auc(expected)
    assert told.core.coverage is not None
    assert told.capacity[1] == at_capacity(expected, CAPACITIES[1], world.rule[rows])


def test_weights_are_of_the_slice_and_not_of_the_part(found: Evaluation, world: World) -> None:
    """A late quarter is followed less far than the part: with the part's weights fewer would seem to have stayed."""
    start, spells = world.start, world.part.spells
    quarter = (start >= np.datetime64("2017-10-01")) & (start < np.datetime64("2018-01-01")) & (spells.entry == 0)
    told = figures(found.slice(0, 12.0, "2017 Q4"))
    assert told.core.observed.value == pytest.approx(share_unemployed(spells[quarter], 12.0).value)
    for landmark, look in ((0, 0.0), (1, 3.0)):
        rows = spells.entry == look
        shifted = Spells(spells.duration[rows] - look, spells.exited[rows])
        expected = share_unemployed(shifted, 12.0 - look).value
        assert figures(found.slice(landmark, 12.0)).core.observed.value == pytest.approx(expected)


def test_what_nobody_was_followed_to_is_told_as_such(found: Evaluation) -> None:
    latest = found.slice(0, 12.0, "2018 Q4")
    assert latest is not None
    assert latest.figures is None
    assert latest.why == "nobody was followed to the horizon"
    few = [each for each in found.slices if each.why.startswith("fewer than")]
    assert few
    assert all(each.figures is None for each in few)
    assert all(bool(each.why) == (each.figures is None) for each in found.slices)


def test_rivals_are_paired_with_the_kept_model_at_each_landmark(found: Evaluation, world: World) -> None:
    assert [(r.name, r.landmark) for r in found.rivals] == list(product(("half", RULE), (0,))) + list(
        product(("half", RULE), (1,))
    ) + list(product(("half", RULE), (2,)))
    half, rule = found.rivals[:2]
    rows = world.part.spells.entry == 0
    kept = predictions_at(world.probability[:, 2], world.part, 12.0, rows)
    assert kept is not None
    other = replace(kept, score=kept.score * 0.5)
    assert half.auc_gain.value == 0
    assert half.brier_gain == better(kept, other)
    assert half.brier_gain.low > 0
    unknown_last = np.where(np.isnan(world.rule[rows]), -1e9, world.rule[rows])
    assert rule.auc_gain == auc_gain(kept, replace(kept, score=unknown_last))
    assert rule.auc_gain.low > 0
    assert rule.brier is rule.brier_gain is None


def test_the_same_generator_gives_the_same_evaluation(found: Evaluation, world: World, looked: Outcome) -> None:
    assert whole(world, looked) == found
    assert whole(world, looked, seed=4) != found


def test_within_landmarks_weighs_each_landmark_alone(world: World, looked: Outcome) -> None:
    found = within_landmarks(world.probability[:, 2], world.part, 12.0, looked)
    stage = landmarks(world.part.spells.entry, looked)
    for landmark in (0, 1, 2):
        rows = stage == landmark
        alone = predictions_at(world.probability[:, 2], world.part, 12.0, rows)
        assert alone is not None
        np.testing.assert_array_equal(found.weight[rows], alone.weight)
        np.testing.assert_array_equal(found.outcome[rows], alone.outcome)


def test_a_landmark_that_nobody_was_followed_from_is_not_known(looked: Outcome) -> None:
    duration = np.concatenate([np.linspace(1, 14, 60), np.linspace(7, 11, 30)])
    entry = np.repeat([0.0, 6.0], [60, 30])
    part = Part(np.arange(90), Spells(duration, np.arange(90) < 60, entry))
    found = within_landmarks(expit(np.linspace(-1, 1, 90)), part, 12.0, looked)
    assert (found.weight[60:] == 0).all()
    assert (found.weight[:60] > 0).all()
