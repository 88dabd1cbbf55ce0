"""The kinds that may be kept: each is fitted in one way, from one lesson."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ml.contracts import Cohort, Outcome, Spells
from ml.models.encode import fit_encoder
from ml.models.ltu.candidates import COMPETING, HAZARD, SIMPLEST_FIRST, WORDS, Lesson
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.models.train import train

TREES = TreeSettings(60, 0.1, leaves=8, depth=4, least_in_leaf=30, ridge=5.0, share_of_inputs=1.0, share_of_rows=0.8)
KINDS = pytest.mark.parametrize("kind", SIMPLEST_FIRST)


@pytest.fixture(scope="module")
def lesson(straight_world: Cohort, months: Outcome) -> Lesson:
    encoder = fit_encoder(straight_world.features, straight_world.contract.inputs)
    spells = Spells(straight_world.duration, straight_world.exited)
    outcome = replace(months, horizons=(6.0, 12.0), rule="gap")
    return Lesson(encoder, encoder.frame(straight_world.features), spells, outcome, 1, TREES, 0.1)


@KINDS
def test_each_kind_is_what_it_is_called_and_has_a_margin_a_horizon(lesson: Lesson, kind: str) -> None:
    found = lesson.fit(kind)
    assert found.kind == kind
    assert kind in WORDS
    margins = found.margins(lesson.codes)
    assert margins.shape == (1500, 2)
    assert np.isfinite(margins).all()
    assert margins[:, 0].mean() > margins[:, 1].mean()  # fewer are still there later
    for place in range(2):
        np.testing.assert_allclose(found.contributions(lesson.codes, place).sum(axis=1), margins[:, place], atol=1e-6)


@KINDS
def test_each_learns_more_than_nothing_and_the_same_each_time(lesson: Lesson, kind: str) -> None:
    first = lesson.fit(kind).margins(lesson.codes)
    np.testing.assert_array_equal(lesson.fit(kind).margins(lesson.codes), first)
    stays = lesson.spells.duration >= 6
    assert first[stays, 0].mean() > first[~stays, 0].mean() + 0.1


@KINDS
def test_whoever_was_drawn_is_learnt_from(lesson: Lesson, kind: str) -> None:
    """Once each is what all rows are; without half of them it is another model."""
    whole = lesson.fit(kind).margins(lesson.codes)
    once = lesson.fit(kind, np.ones(1500, dtype=np.int64)).margins(lesson.codes)
    np.testing.assert_allclose(once, whole, atol=1e-9)
    half = lesson.fit(kind, (np.arange(1500) % 2).astype(np.int64)).margins(lesson.codes)
    assert np.abs(half - whole).max() > 0.1


@KINDS
def test_what_was_not_drawn_tells_nothing(lesson: Lesson, kind: str) -> None:
    """Its outcomes may be turned round: only the weights of those lost are of all rows, and here none is lost."""
    seen = replace(lesson, spells=Spells(lesson.spells.duration, np.full(1500, True)))
    times = (np.arange(1500) % 2).astype(np.int64)
    turned = np.where(times == 0, 50 / (1 + lesson.spells.duration), lesson.spells.duration)
    other = replace(seen, spells=Spells(turned, np.full(1500, True)))
    np.testing.assert_array_equal(
        seen.fit(kind, times).margins(lesson.codes), other.fit(kind, times).margins(lesson.codes)
    )


def test_the_simplest_comes_first_and_the_rule_only_where_there_is_one(lesson: Lesson) -> None:
    assert lesson.kinds == ("rule", "logistic", "additive", "lightgbm") == COMPETING[:-1]
    without = replace(lesson, outcome=replace(lesson.outcome, rule=None))
    assert without.kinds == ("logistic", "additive", "lightgbm")
    assert HAZARD not in lesson.kinds
    assert replace(lesson, competing=("lightgbm", HAZARD, "rule")).kinds == ("rule", "lightgbm")


@pytest.mark.parametrize("kind", ["hazard", "forest", ""])
def test_another_kind_is_none(lesson: Lesson, kind: str) -> None:
    with pytest.raises(ValueError, match="no candidate is called"):
        lesson.fit(kind)


def test_only_those_that_compete_are_fitted(straight_world: Cohort) -> None:
    contract, parts = straight_world.contract, split(straight_world, 7)
    said: list[str] = []
    outcome = replace(contract.outcome, horizons=(6.0,))
    found = train("x", straight_world.features, contract.inputs, outcome, parts, seed=7, say=said.append,
                  settings=TreeSettings(rounds=10), competing=("lightgbm", HAZARD))  # fmt: skip
    assert set(found.scores) == {"base_rate", "lightgbm", "hazard"}
    assert found.model.scorer.kind == "lightgbm"
    assert found.why_kept == "The simplest is kept unless another is better beyond noise."
    assert not any("logistic" in each or "boosting" in each for each in said)


@pytest.mark.parametrize("kind", ["logistic", "additive", "lightgbm"])
def test_the_lost_are_made_up_for(
    followed: Callable[..., tuple[np.ndarray, np.ndarray]], lesson: Lesson, kind: str
) -> None:
    """All are lost at some time, half of them before 6 months: margins are as if nobody were, up to noise."""
    rng = np.random.default_rng(3)
    log_odds = np.repeat([-0.5, 1.5], 750)
    codes = np.column_stack([np.repeat([30.0, 50.0], 750), np.zeros(1500), np.zeros(1500), rng.normal(size=1500)])
    found = replace(lesson, codes=codes, spells=Spells(*followed(log_odds, rng, censored=1.0))).fit(kind)
    margins = found.margins(codes)[:, 0]
    assert [margins[:750].mean(), margins[750:].mean()] == pytest.approx([-0.5, 1.5], abs=0.3)
