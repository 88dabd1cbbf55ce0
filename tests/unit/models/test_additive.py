"""Sums of step functions: they say what the library's machine says, and each part of it can be read off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from ml.contracts import Cohort, Column, ColumnType, Floats, Role, Spells
from ml.measures.censoring import share_unemployed
from ml.models.additive import AdditiveScorer, RuleScorer, Step, from_json, to_json
from ml.models.encode import Encoder, fit_encoder
from ml.models.ltu.additive import boosted, fit_additive
from ml.models.ltu.line import fit_line
from ml.models.ltu.weighted import weighted

HORIZONS = (3.0, 6.0)


@pytest.fixture(scope="module")
def world(straight_world: Cohort) -> tuple[Encoder, Floats, Spells]:
    """Return numbers with missing values, a category, and spells a third of which is censored."""
    encoder = fit_encoder(straight_world.features, straight_world.contract.inputs)
    return encoder, encoder.frame(straight_world.features), Spells(straight_world.duration, straight_world.exited)


@pytest.fixture(scope="module")
def fitted(world: tuple[Encoder, Floats, Spells]) -> AdditiveScorer:
    return fit_additive(*world, HORIZONS, seed=1)


# ---------------------------------------------------------------- the library's machine is the oracle


def test_margins_are_those_of_the_library(world: tuple[Encoder, Floats, Spells], fitted: AdditiveScorer) -> None:
    encoder, codes, spells = world
    beyond = np.vstack([codes, [[1e9, -1e9, 1.0, np.nan], [np.nan, np.nan, np.nan, 0.0]]])
    for place, horizon in enumerate(HORIZONS):
        known = weighted(codes, spells, horizon)
        oracle = boosted(encoder, known.matrix, known.outcome, known.weight, [0, 1, 2, 3], 1)
        np.testing.assert_allclose(fitted.margins(beyond)[:, place], oracle.decision_function(beyond), atol=1e-9)
        on_cuts = np.array([[cut, 0.0, 0.0, 0.0] for cut in oracle.bins_[0][0]])
        np.testing.assert_allclose(fitted.margins(on_cuts)[:, place], oracle.decision_function(on_cuts), atol=1e-9)


def test_a_category_that_a_horizon_never_saw_adds_what_the_library_adds(
    world: tuple[Encoder, Floats, Spells],
) -> None:
    """Of the acrobats none is known at 3 months: all are lost within two. They are not those of unknown skill."""
    encoder, codes, spells = world
    skill = encoder.inputs[2]
    wider = Encoder((*encoder.inputs[:2], replace(skill, categories=("acrobat", *skill.categories)), encoder.inputs[3]))
    shifted = codes + np.array([0.0, 0.0, 1.0, 0.0])
    shifted[spells.duration > 8, 2] = np.nan
    with_lost = np.vstack([shifted, np.column_stack([codes[:50, :2], np.zeros(50), codes[:50, 3]])])
    lost = Spells(np.append(spells.duration, np.full(50, 1.0)), np.append(spells.exited, np.full(50, False)))
    scorer = fit_additive(wider, with_lost, lost, (3.0,), seed=1)
    known = weighted(with_lost, lost, 3.0)
    oracle = boosted(wider, known.matrix, known.outcome, known.weight, [0, 1, 2, 3], 1)
    np.testing.assert_allclose(scorer.margins(with_lost)[:, 0], oracle.decision_function(with_lost), atol=1e-9)


def test_contributions_are_shap_values(world: tuple[Encoder, Floats, Spells], fitted: AdditiveScorer) -> None:
    """Shapley values by their definition, over all 16 subsets of inputs, what is left out drawn from 30 spells."""
    _, codes, _ = world
    background, row = codes[:30], codes[40]

    def value(known: tuple[int, ...]) -> float:
        rows = background.copy()
        rows[:, known] = row[list(known)]
        return float(fitted.margins(rows)[:, 1].mean())

    for each in range(4):
        others = [other for other in range(4) if other != each]
        shapley = sum(
            (value((*subset, each)) - value(subset)) / (4 * comb(3, size))
            for size in range(4)
            for subset in combinations(others, size)
        )
        ours = fitted.contributions(codes, 1)[:, each]
        assert shapley == pytest.approx(ours[40] - ours[:30].mean(), abs=1e-9)


# ---------------------------------------------------------------- what holds of each


def test_contributions_sum_to_the_margin_and_are_measured_from_the_average(
    world: tuple[Encoder, Floats, Spells], fitted: AdditiveScorer
) -> None:
    _, codes, _ = world
    for place in range(2):
        parts = fitted.contributions(codes, place)
        assert parts.shape == (len(codes), 5)
        np.testing.assert_allclose(parts.sum(axis=1), fitted.margins(codes)[:, place], atol=1e-12)
        np.testing.assert_allclose(parts[:, :-1].mean(axis=0), 0, atol=1e-9)
        assert (parts[:, :-1].std(axis=0)[:3] > 0.1).all()


def test_the_mean_is_the_share_still_unemployed(world: tuple[Encoder, Floats, Spells], fitted: AdditiveScorer) -> None:
    _, codes, spells = world
    for place, horizon in enumerate(HORIZONS):
        share = share_unemployed(spells, horizon).value
        assert expit(fitted.margins(codes)[:, place]).mean() == pytest.approx(share, abs=0.01)


def test_it_bends_where_a_line_cannot(followed: Callable[..., tuple[Floats, np.ndarray]]) -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"age": rng.normal(size=2000)})
    encoder = fit_encoder(frame, [Column("age", ColumnType.NUMBER, Role.FEATURE)])
    codes = encoder.frame(frame)
    spells = Spells(*followed(3 * np.abs(codes[:, 0]) - 2, rng, censored=0.0))
    long = spells.duration >= 6
    bent = fit_additive(encoder, codes, spells, (6.0,), seed=1).margins(codes)[:, 0]
    straight = fit_line(encoder, codes, spells, (6.0,)).margins(codes)[:, 0]
    assert roc_auc_score(long, bent) > 0.75 > 0.6 > roc_auc_score(long, straight)


def test_inputs_that_do_not_vary_add_nothing(world: tuple[Encoder, Floats, Spells]) -> None:
    encoder, codes, spells = world
    still = codes.copy()
    still[:, 0], still[:, 1] = 40.0, np.nan
    scorer = fit_additive(encoder, still, spells, (6.0,), seed=1)
    assert scorer.steps[0][:2] == (Step(), Step())
    assert not scorer.contributions(codes, 0)[:, :2].any()


def test_rows_that_a_bootstrap_left_out_are_not_learnt_from(world: tuple[Encoder, Floats, Spells]) -> None:
    encoder, codes, spells = world
    spells = Spells(spells.duration, np.full(len(codes), True))  # none censored, so that weights are 1 in both
    times = np.random.default_rng(3).integers(0, 2, len(codes))
    drawn = times > 0
    left = fit_additive(encoder, codes, spells, (6.0,), 1, times)
    apart = fit_additive(encoder, codes[drawn], spells[drawn], (6.0,), 1)
    np.testing.assert_allclose(left.margins(codes), apart.margins(codes), atol=1e-9)
    assert np.abs(left.margins(codes) - fit_additive(encoder, codes, spells, (6.0,), 1).margins(codes)).max() > 0.1


def test_the_same_seed_gives_the_same_numbers(world: tuple[Encoder, Floats, Spells], fitted: AdditiveScorer) -> None:
    assert fit_additive(*world, HORIZONS, seed=1) == fitted


# ---------------------------------------------------------------- on disk


def test_json_brings_back_every_bit(world: tuple[Encoder, Floats, Spells], fitted: AdditiveScorer) -> None:
    back = from_json(json.loads(json.dumps(to_json(fitted), allow_nan=False)))
    assert back == fitted
    assert type(back) is AdditiveScorer
    rule = RuleScorer(fitted.base, fitted.steps)
    assert type(from_json(to_json(rule))) is RuleScorer


@pytest.mark.parametrize(
    "wrong",
    [
        {"base": [0.0]},
        {"steps": [[], [{"cuts": [], "values": [0.0], "missing": 0.0}]]},
        {"steps": [[{"cuts": [1.0], "values": [0.0], "missing": 0.0}]] * 2},
        {"steps": [[{"cuts": [2.0, 1.0], "values": [0.0] * 3, "missing": 0.0}]] * 2},
        {"kind": "lightgbm"},
    ],
)
def test_what_is_no_additive_model_is_refused(fitted: AdditiveScorer, wrong: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        from_json(to_json(fitted) | wrong)


@settings(deadline=None)
@given(
    cuts=st.lists(st.floats(-1e6, 1e6), max_size=6, unique=True).map(sorted),
    codes=st.lists(st.floats(-2e6, 2e6) | st.just(float("nan")), min_size=1, max_size=20),
)
def test_a_code_stands_above_the_cuts_that_it_reaches(cuts: list[float], codes: list[float]) -> None:
    step = Step(tuple(cuts), tuple(float(place) for place in range(len(cuts) + 1)), missing=-1.0)
    expected = [-1.0 if np.isnan(code) else sum(cut <= code for cut in cuts) for code in codes]
    np.testing.assert_array_equal(step.at(np.array(codes)), expected)
