"""Which model is kept, and what it may know."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from threadpoolctl import threadpool_limits

from ml.contracts import Cohort, Column, ColumnType, Floats, Outcome, Role, Spells, Split
from ml.errors import DataError
from ml.measures.censoring import outcome_at, share_unemployed
from ml.models import artefact
from ml.models.encode import fit_encoder
from ml.models.ltu.line import fit_line
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.scorers import LinearScorer, TreeScorer
from ml.models.split import split
from ml.models.train import Trained, train

Learn = Callable[..., Trained]
Followed = Callable[..., tuple[Floats, np.ndarray]]


def number(name: str) -> Column:
    return Column(name, ColumnType.NUMBER, Role.FEATURE)


# ---------------------------------------------------------------- what training can see


def test_training_has_no_way_in_for_protected_attributes() -> None:
    """Nothing that holds them can be handed over: neither a cohort nor its contract, nor anything else."""
    assert list(inspect.signature(train).parameters) == [
        "name", "features", "columns", "outcome", "parts", "seed", "say",
    ]  # fmt: skip
    for fit in (fit_trees, fit_line):
        assert set(inspect.signature(fit).parameters) <= {
            "encoder", "codes", "spells", "horizons", "seed", "settings", "times",
        }  # fmt: skip


def test_a_column_that_is_the_outcome_but_no_input_teaches_nothing(
    cohort_of: Callable[..., Cohort], followed: Followed, months: Outcome
) -> None:
    rng = np.random.default_rng(3)
    duration, exited = followed(np.zeros(1500), rng)
    noise = pd.DataFrame({"noise": rng.normal(size=1500), "more": rng.normal(size=1500)})
    known = noise.assign(origin=duration)
    parts = split(cohort_of(noise, duration, exited), 1)
    blind = train("x", known, (number("noise"), number("more")), months, parts, seed=1)
    assert blind.model.encoder.names == ("noise", "more")
    for kind in ("lightgbm", "logistic"):
        assert blind.scores[kind].auc.low <= 0.5 <= blind.scores[kind].auc.high
    sighted = train("x", known, (number("noise"), number("origin")), months, parts, seed=1)
    assert sighted.scores["lightgbm"].auc.value > 0.99


def test_the_test_part_teaches_nothing(straight_world: Cohort, tmp_path: Path) -> None:
    parts = split(straight_world, 7)
    turned = parts.test.spells.duration.max() + 1 - parts.test.spells.duration
    changed = replace(parts, test=replace(parts.test, spells=replace(parts.test.spells, duration=turned)))
    features = straight_world.features.copy()
    features.loc[parts.test.rows, "age"] = features.loc[parts.test.rows, "age"].to_numpy()[::-1]
    contract = straight_world.contract
    one, two = (
        train("x", frame, contract.inputs, contract.outcome, given, seed=7)
        for frame, given in ((straight_world.features, parts), (features, changed))
    )
    assert one.why_kept == two.why_kept
    assert one.scores["logistic"] != two.scores["logistic"]
    assert artefact.save(one.model, tmp_path / "one") == artefact.save(two.model, tmp_path / "two")


# ---------------------------------------------------------------- which model is kept


def test_trees_are_kept_where_no_line_can_tell(crossed: Trained) -> None:
    assert isinstance(crossed.model.scorer, TreeScorer)
    assert crossed.why_kept.startswith("LightGBM beats logistic regression on the calibration part")
    assert crossed.scores["lightgbm"].auc.low > 0.75
    assert crossed.scores["logistic"].auc.high < 0.75
    assert crossed.scores["lightgbm"].brier.high < crossed.scores["logistic"].brier.value


def test_the_line_is_kept_where_it_is_the_truth(straight: Trained) -> None:
    assert isinstance(straight.model.scorer, LinearScorer)
    assert "logistic" in straight.why_kept
    assert straight.scores["logistic"].brier.value < straight.scores["base_rate"].brier.low


def test_the_line_finds_the_truth(straight_world: Cohort, straight: Trained) -> None:
    """Log-odds at 6 months rise by 1 in ten years of age, fall by 0.5 in each unit of gap, rise by 1.5 for nurses."""
    row = {"age": 40.0, "gap": 2.0, "skill": "cook", "noise": 0.0}
    changes = [{}, {"age": 50.0}, {"gap": 4.0}, {"skill": "nurse"}, {"noise": 1.0}, {"gap": None}]
    codes = straight.model.encoder.rows([{**row, **change} for change in changes])
    odds = straight.model.scorer.margins(codes)[:, 1] * straight.model.calibrators[1].slope
    assert odds[1:] - odds[0] == pytest.approx([1, -1, 1.5, 0, -1], abs=0.35)


def test_predictions_keep_their_word(crossed: Trained) -> None:
    """What is said of the test part at each horizon lies near what came true, by Kaplan and Meier."""
    for horizon, observed in crossed.observed.items():
        assert observed.low - 0.02 < crossed.predicted[horizon] < observed.high + 0.02
    assert crossed.scores["lightgbm"].calibration.ici < 0.08


# ---------------------------------------------------------------- figures


def test_figures_are_of_the_test_part(straight_world: Cohort, straight: Trained) -> None:
    parts = split(straight_world, 7)
    known = outcome_at(parts.test.spells, 6.0)
    np.testing.assert_array_equal(straight.predictions.outcome, known.outcome)
    np.testing.assert_array_equal(straight.predictions.weight, known.weight)
    curve = straight.model.curve(straight.model.encoder.frame(straight_world.features.iloc[parts.test.rows]))
    np.testing.assert_array_equal(straight.predictions.score, curve.probability[:, 1])
    assert list(straight.observed) == list(straight.predicted) == [3.0, 6.0, 12.0]
    for place, horizon in enumerate(straight.observed):
        assert straight.observed[horizon] == share_unemployed(parts.test.spells, horizon)
        assert straight.predicted[horizon] == pytest.approx(curve.probability[:, place].mean())
    assert straight.predictions.horizon == 6.0


def test_the_base_rate_says_the_share_of_the_calibration_part(straight_world: Cohort, straight: Trained) -> None:
    parts = split(straight_world, 7)
    share = share_unemployed(parts.calibration.spells, 6.0).value
    known = outcome_at(parts.test.spells, 6.0)
    found = straight.scores["base_rate"]
    assert found.auc.value == pytest.approx(0.5, abs=1e-12)
    assert found.brier.value == pytest.approx(np.average((known.outcome - share) ** 2, weights=known.weight))
    assert set(straight.scores) == {"base_rate", "lightgbm", "logistic"}


def test_bands_cut_quarters_of_the_calibration_part(straight_world: Cohort, straight: Trained) -> None:
    model, parts = straight.model, split(straight_world, 7)
    codes = model.encoder.frame(straight_world.features.iloc[parts.calibration.rows])
    score = model.curve(codes).probability[:, 1]
    assert np.mean(score < model.low_below) == pytest.approx(0.25, abs=1 / len(score))
    assert np.mean(score >= model.elevated_from) == pytest.approx(0.25, abs=1 / len(score))


# ---------------------------------------------------------------- seeds and odd inputs


@pytest.mark.parametrize("world", ["straight_world", "crossed_world"])
def test_the_same_seed_gives_the_same_artefact(
    world: str, request: pytest.FixtureRequest, learn: Learn, tmp_path: Path
) -> None:
    """Trees depend on the seed, and so do random parts; nothing else does."""
    cohort = request.getfixturevalue(world)
    before = request.getfixturevalue(world.removesuffix("_world"))
    digest = artefact.save(before.model, tmp_path / "before")
    assert artefact.save(learn(cohort).model, tmp_path / "again") == digest
    assert artefact.save(learn(cohort, seed=8).model, tmp_path / "other") != digest


def test_the_number_of_threads_does_not_change_the_trees(crossed_world: Cohort) -> None:
    encoder = fit_encoder(crossed_world.features, crossed_world.contract.inputs)
    codes, spells = encoder.frame(crossed_world.features), Spells(crossed_world.duration, crossed_world.exited)
    texts = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            texts.append(fit_trees(codes, spells, (6.0,), 1, TreeSettings()).boosters[0].model_to_string())
    assert texts[0] == texts[1]


def test_the_seed_of_training_reaches_the_trees(crossed_world: Cohort) -> None:
    contract, parts = crossed_world.contract, split(crossed_world, 7)
    one, other = (
        train("x", crossed_world.features, contract.inputs, contract.outcome, parts, seed=seed) for seed in (7, 8)
    )
    assert (one.predictions.score != other.predictions.score).any()


def small(parts_from: Cohort, features: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Column, ...], Outcome, Split]:
    columns = tuple(number(name) for name in features)
    return features, columns, parts_from.contract.outcome, split(parts_from, 7)


def test_a_constant_input_adds_nothing(straight_world: Cohort) -> None:
    """It may even change after training: the model has learnt nothing of it."""
    features = straight_world.features[["age"]].assign(always=0.1)
    found = train("x", *small(straight_world, features), seed=1).model
    for place in range(3):
        assert (found.scorer.contributions(found.encoder.frame(features), place)[:, 1] == 0).all()
    was, now = (found.encoder.rows([{"age": 40.0, "always": value}]) for value in (0.1, 7.0))
    np.testing.assert_allclose(found.curve(now).probability, found.curve(was).probability, atol=1e-9)


def test_without_an_input_that_varies_training_is_refused(straight_world: Cohort) -> None:
    features = pd.DataFrame({"always": np.full(len(straight_world), 0.1)})
    with pytest.raises(DataError, match="no input varies in the training part"):
        train("x", *small(straight_world, features), seed=1)


def test_missing_values_are_fine_and_can_tell(cohort_of: Callable[..., Cohort], followed: Followed) -> None:
    rng = np.random.default_rng(4)
    missing = rng.random(1500) < 0.4
    cohort = cohort_of(
        pd.DataFrame(
            {
                "gap": np.where(missing, np.nan, rng.normal(size=1500)),
                "skill": np.where(rng.random(1500) < 0.2, None, "cook"),
            }
        ),
        *followed(2.0 * missing - 0.8, rng),
    )
    contract = cohort.contract
    found = train("x", cohort.features, contract.inputs, contract.outcome, split(cohort, 1), seed=1)
    assert found.scores["logistic"].auc.low > 0.55
    gone, there = found.predictions.score[missing[split(cohort, 1).test.rows]], expit(2.0 - 0.8)
    assert gone.mean() == pytest.approx(there, abs=0.08)


def test_it_says_what_it_is_doing(straight_world: Cohort) -> None:
    said: list[str] = []
    train("x", *small(straight_world, straight_world.features[["age"]]), seed=1, say=said.append)
    assert said == ["fitting trees", "fitting the logistic model", "calibrating and evaluating"]
