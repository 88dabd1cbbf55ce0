"""Refits: other people, drawn whole, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.contracts import Cohort, Column, ColumnType, Floats, Outcome, Part, Role, Rows, Spells
from ml.measures.censoring import outcome_at
from ml.models.calibrated import fit_calibrators
from ml.models.encode import fit_encoder
from ml.models.ltu.candidates import Lesson
from ml.models.ltu.line import INVERSE_RIDGES, choose_ridge
from ml.models.ltu.trees import TreeSettings
from ml.models.ltu.weighted import weighted
from ml.models.refits import fit_refits
from ml.models.trained import Refit

MONTHS = Outcome("months", "month", 30.0, 6.0, (3.0, 6.0), "how", exit_when=("work",), rule="x")


def lesson_of(x: Floats, spells: Spells, seed: int = 1, outcome: Outcome = MONTHS) -> Lesson:
    frame = pd.DataFrame({"x": x})
    encoder = fit_encoder(frame, [Column("x", ColumnType.NUMBER, Role.FEATURE)])
    return Lesson(encoder, encoder.frame(frame), spells, outcome, seed, TreeSettings(rounds=20), 1.0)


def refits_of(lesson: Lesson, person: Rows, kind: str = "rule", part: Part | None = None) -> list[Refit]:
    """Return the refits of a kind; they are calibrated on the lesson's own rows unless a part is given."""
    rows = np.arange(len(lesson.codes))
    part = part or Part(rows, lesson.spells)
    codes = lesson.codes[part.rows]
    kept = fit_calibrators(lesson.fit(kind).margins(codes), part, lesson.outcome)
    return list(fit_refits(kind, lesson, person, kept, codes, part, lesson.outcome))


@pytest.fixture
def world(followed: Callable[..., tuple[Floats, np.ndarray]], rng: np.random.Generator) -> tuple[Floats, Spells]:
    x = rng.normal(size=400)
    return x, Spells(*followed(x, rng))


@pytest.mark.parametrize("kind", ["rule", "logistic", "lightgbm"])
def test_there_are_ten_and_the_seed_alone_decides_whom_they_see(kind: str, world: tuple[Floats, Spells]) -> None:
    x, spells = world
    person = np.arange(400) // 2
    said = [
        np.array([each.scorer.margins(x[:, None]) for each in refits_of(lesson_of(x, spells, seed), person, kind)])
        for seed in (1, 1, 2)
    ]
    assert said[0].shape == (10, 400, 2)
    np.testing.assert_array_equal(said[0], said[1])
    assert (said[0] != said[2]).any(axis=(1, 2)).all()
    assert len(np.unique(said[0][:, 0, 0])) == 10  # each its own people


def test_persons_are_drawn_with_all_their_rows() -> None:
    """Of each person one row stayed and one left, and nothing tells them apart: whoever is drawn, chances are even."""
    rng = np.random.default_rng(3)
    x = np.repeat(rng.normal(size=60), 2)
    spells = Spells(np.tile([2.0, 8.0], 60), np.full(120, True))
    whole = refits_of(lesson_of(x, spells), np.repeat(np.arange(60), 2), "logistic")
    assert max(np.abs(each.scorer.margins(x[:, None])).max() for each in whole) < 1e-6
    halves = refits_of(lesson_of(x, spells), np.arange(120), "logistic")
    assert min(np.abs(each.scorer.margins(x[:, None])).max() for each in halves) > 0.05


def test_how_far_they_differ_is_how_uncertain_a_share_is() -> None:
    """The log-odds of a share among 300 persons have a standard error of 0.13; ten draws know it to a third."""
    rng = np.random.default_rng(4)
    spells = Spells(np.where(rng.random(300) < 0.3, 8.0, 2.0), np.full(300, True))
    found = refits_of(lesson_of(np.repeat([0.0, 1.0], 150), spells), np.arange(300), "logistic")
    share = (spells.duration >= 6).mean()
    middle = np.array([each.scorer.margins(np.array([[0.5]]))[0, 1] for each in found])
    assert middle.std(ddof=1) == pytest.approx(1 / np.sqrt(300 * share * (1 - share)), rel=0.5)


def test_a_refit_is_calibrated_on_the_rows_of_the_kept_model(world: tuple[Floats, Spells]) -> None:
    """Each keeps its word there, at each horizon, on a level and a slope of its own; no interval is told of it."""
    x, spells = world
    part = Part(np.arange(200, 400), spells[np.arange(200, 400)])
    for each in refits_of(lesson_of(x, spells), np.arange(400), "logistic", part):
        margins = each.scorer.margins(x[200:, None])
        (horizons,) = each.calibrators
        for place, calibrator in enumerate(horizons):
            assert calibrator is not None
            assert calibrator.venn_abers is None
            assert calibrator.level_variance == calibrator.slope_variance == 0
            known = outcome_at(part.spells, MONTHS.horizons[place])
            share = np.average(known.outcome, weights=known.weight)
            predicted = np.average(calibrator.probability(margins[:, place]), weights=known.weight)
            assert predicted == pytest.approx(share, abs=0.01)


@pytest.fixture
def few() -> tuple[Lesson, Rows]:
    """Return 200 spells of which five are long, as few as a part may have, and all five are looks at one person."""
    short = np.random.default_rng(5).uniform(0, 2, 200)
    spells = Spells(np.where(np.arange(200) < 5, 8.0, short), np.full(200, True))
    return lesson_of(np.linspace(-1, 1, 200), spells), np.maximum(np.arange(200), 4)


def test_a_draw_without_anybody_who_stayed_is_drawn_again(few: tuple[Lesson, Rows]) -> None:
    """More than one draw in three has not that person, and would teach nothing."""
    found = refits_of(*few)
    assert len(found) == 10
    assert all(np.isfinite(each.scorer.margins(np.zeros((1, 1)))).all() for each in found)


def test_a_fold_without_anybody_who_stayed_does_not_choose_the_ridge(few: tuple[Lesson, Rows]) -> None:
    lesson, person = few
    rng = np.random.default_rng(1)
    assert choose_ridge(lesson.encoder, lesson.codes, lesson.spells, 6.0, person, rng) in INVERSE_RIDGES


# ---------------------------------------------------------------- how often a row was drawn


def test_times_multiply_the_censoring_weights(world: tuple[Floats, Spells], rng: np.random.Generator) -> None:
    """Which are of the whole part: whoever was lost is missing whether drawn or not."""
    x, spells = world
    times = rng.integers(0, 4, 400)
    found, known = weighted(x[:, None], spells, 6.0, times), outcome_at(spells, 6.0)
    drawn = (known.weight > 0) & (times > 0)
    np.testing.assert_array_equal(found.matrix[:, 0], x[drawn])
    np.testing.assert_array_equal(found.outcome, known.outcome[drawn])
    np.testing.assert_allclose(found.weight, (known.weight * times)[drawn] / known.weight[known.known].mean())


def test_a_row_drawn_twice_counts_as_two(straight_world: Cohort) -> None:
    """Against the ridge, too. None is censored here: else the weights of those lost would be of other people."""
    encoder = fit_encoder(straight_world.features, straight_world.contract.inputs)
    codes, spells = (
        encoder.frame(straight_world.features)[:400],
        Spells(straight_world.duration[:400], np.full(400, True)),
    )
    times = np.random.default_rng(6).integers(0, 3, 400)
    lesson = Lesson(encoder, codes, spells, replace(MONTHS, horizons=(6.0,)), 1, TreeSettings(), 0.1)
    twice = np.repeat(np.arange(400), times)
    again = replace(lesson, codes=codes[twice], spells=spells[twice])
    drawn = lesson.fit("logistic", times).margins(codes)
    np.testing.assert_allclose(drawn, again.fit("logistic").margins(codes), atol=1e-4)
    assert np.abs(drawn - lesson.fit("logistic").margins(codes)).max() > 0.1
