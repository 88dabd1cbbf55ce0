"""Which model is kept, and what it may know."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from threadpoolctl import threadpool_limits

from ml.contracts import Cohort, Column, ColumnType, Floats, Outcome, Predictions, Role, Rows, Spells, Split
from ml.errors import DataError
from ml.measures.brier import better
from ml.measures.censoring import outcome_at, share_unemployed
from ml.measures.observed import observed_share
from ml.models import artefact
from ml.models.calibrated import fit_calibrators
from ml.models.encode import fit_encoder
from ml.models.ltu.additive import fit_additive
from ml.models.ltu.candidates import Lesson
from ml.models.ltu.hazard import fit_hazard
from ml.models.ltu.line import INVERSE_RIDGE, fit_line
from ml.models.ltu.rule import fit_rule
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.scorers import LinearScorer, TreeScorer
from ml.models.split import split
from ml.models.train import Trained, train, tried

Learn = Callable[..., Trained]
Followed = Callable[..., tuple[Floats, np.ndarray]]


def number(name: str) -> Column:
    return Column(name, ColumnType.NUMBER, Role.FEATURE)


# ---------------------------------------------------------------- what training can see


def test_training_has_no_way_in_for_protected_attributes() -> None:
    """Nothing that holds them can be handed over: neither a cohort nor its contract, nor anything else."""
    assert list(inspect.signature(train).parameters) == [
        "name", "features", "columns", "outcome", "parts", "seed", "settings", "competing", "say",
    ]  # fmt: skip
    assert {field.name for field in fields(Lesson)} == {
        "encoder", "codes", "spells", "outcome", "seed", "settings", "inverse_ridge", "competing",
    }  # fmt: skip
    assert list(inspect.signature(tried).parameters) == [
        "features", "columns", "outcome", "parts", "seed", "settings",
    ]  # fmt: skip
    for fit in (fit_trees, fit_line, fit_additive, fit_rule, fit_hazard):
        assert set(inspect.signature(fit).parameters) <= {
            "encoder", "codes", "spells", "horizons", "seed", "settings", "times", "inverse_ridge", "rule", "entry",
            "unit_days",
        }  # fmt: skip


def test_a_column_that_is_the_outcome_but_no_input_teaches_nothing(
    cohort_of: Callable[..., Cohort], followed: Followed, months: Outcome
) -> None:
    rng = np.random.default_rng(3)
    duration, exited = followed(np.zeros(1500), rng)
    noise = pd.DataFrame({"noise": rng.normal(size=1500), "more": rng.normal(size=1500)})
    known = noise.assign(origin=duration)
    parts, outcome = split(cohort_of(noise, duration, exited), 1), replace(months, horizons=(6.0,))
    blind = train("x", known, (number("noise"), number("more")), outcome, parts, seed=1)
    assert blind.model.encoder.names == ("noise", "more")
    for kind in blind.scores:
        assert abs(blind.scores[kind].auc.value - 0.5) < 0.09, kind  # about two standard errors and a half of 300 rows
    sighted = train("x", known, (number("noise"), number("origin")), outcome, parts, seed=1)
    for kind in ("logistic", "additive", "lightgbm", "hazard"):
        assert sighted.scores[kind].auc.value > 0.99, kind


def test_the_test_part_teaches_nothing(straight_world: Cohort, tmp_path: Path) -> None:
    parts = split(straight_world, 7)
    turned = parts.test.spells.duration.max() + 1 - parts.test.spells.duration
    changed = replace(parts, test=replace(parts.test, spells=replace(parts.test.spells, duration=turned)))
    features = straight_world.features.copy()
    features.loc[parts.test.rows, "age"] = features.loc[parts.test.rows, "age"].to_numpy()[::-1]
    contract = straight_world.contract
    one, two = (
        train("x", frame, contract.inputs, contract.outcome, given, seed=7, competing=("logistic", "additive"))
        for frame, given in ((straight_world.features, parts), (features, changed))
    )
    assert one.why_kept == two.why_kept
    assert one.scores["logistic"] != two.scores["logistic"]
    assert artefact.save(one.model, tmp_path / "one") == artefact.save(two.model, tmp_path / "two")


# ---------------------------------------------------------------- which model is kept


def test_trees_are_kept_where_no_line_can_tell(crossed: Trained) -> None:
    assert isinstance(crossed.model.scorer, TreeScorer)
    assert "LightGBM beats logistic regression on the calibration part: Brier score lower by" in crossed.why_kept
    assert crossed.scores["lightgbm"].auc.low > 0.75
    assert crossed.scores["logistic"].auc.high < 0.75
    assert crossed.scores["lightgbm"].brier.high < crossed.scores["logistic"].brier.value


def test_steps_are_kept_where_a_line_is_too_stiff_and_trees_are_no_better(bent: Trained) -> None:
    assert bent.model.scorer.kind == "additive"
    assert "the explainable boosting machine beats logistic regression" in bent.why_kept
    assert "LightGBM is not better than the explainable boosting machine beyond noise" in bent.why_kept
    assert bent.scores["additive"].auc.value > bent.scores["logistic"].auc.high + 0.1


def test_the_rule_is_kept_where_all_that_tells_is_its_number(ruled: Trained) -> None:
    assert ruled.model.scorer.kind == "rule"
    assert ruled.why_kept.startswith("The simplest is kept unless another is better beyond noise.")
    assert "logistic regression is not better than the rule beyond noise" in ruled.why_kept
    assert ruled.scores["rule"].auc.low > 0.6
    assert ruled.ranking is not None
    assert np.isfinite(ruled.ranking).all()


@pytest.mark.parametrize("rule", [None, "more"])
def test_of_noise_alone_the_simplest_is_kept(
    cohort_of: Callable[..., Cohort], followed: Followed, months: Outcome, rule: str | None
) -> None:
    """And nobody is told a band: a model that knows nothing is uncertain of all, not of a quarter."""
    rng = np.random.default_rng(9)
    noise = pd.DataFrame({"noise": rng.normal(size=1500), "more": rng.normal(size=1500)})
    outcome = replace(months, horizons=(6.0,), rule=rule)
    cohort = cohort_of(noise, *followed(np.zeros(1500), rng), outcome=outcome)
    found = train("x", noise, cohort.contract.inputs, outcome, split(cohort, 1), seed=1)
    assert found.model.scorer.kind == ("rule" if rule else "logistic")
    assert found.bands.uncertain.mean() > 0.9
    assert (found.ranking is None) == (rule is None)


def test_noise_seldom_passes_for_an_improvement(
    cohort_of: Callable[..., Cohort], followed: Followed, months: Outcome
) -> None:
    """Of ten worlds in which a line is all there is, trees are kept in one at most (2.5 % each)."""
    kept = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"age": rng.normal(size=500), "noise": rng.normal(size=500)})
        outcome = replace(months, horizons=(6.0,))
        cohort = cohort_of(frame, *followed(frame["age"].to_numpy(), rng), outcome=outcome)
        found = train("x", frame, cohort.contract.inputs, outcome, split(cohort, seed), seed=seed,
                      settings=TreeSettings(rounds=30), competing=("logistic", "lightgbm"))  # fmt: skip
        kept.append(found.model.scorer.kind)
    assert kept.count("lightgbm") <= 1


def test_the_line_is_kept_where_it_is_the_truth(straight: Trained) -> None:
    assert isinstance(straight.model.scorer, LinearScorer)
    assert "logistic" in straight.why_kept
    assert straight.scores["logistic"].brier.value < straight.scores["base_rate"].brier.low


def test_the_line_finds_the_truth(straight_world: Cohort, straight: Trained) -> None:
    """Log-odds at 6 months rise by 1 in ten years of age, fall by 0.5 in each unit of gap, rise by 1.5 for nurses."""
    row = {"age": 40.0, "gap": 2.0, "skill": "cook", "noise": 0.0}
    changes = [{}, {"age": 50.0}, {"gap": 4.0}, {"skill": "nurse"}, {"noise": 1.0}, {"gap": None}]
    codes = straight.model.encoder.rows([{**row, **change} for change in changes])
    odds = straight.model.scorer.margins(codes)[:, 1] * straight.model.slopes(codes, 1)
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
    assert set(straight.scores) == {"base_rate", "logistic", "additive", "lightgbm", "hazard"}


def test_challengers_are_calibrated_and_measured_on_the_same_rows(straight_world: Cohort, straight: Trained) -> None:
    """Their chances keep their word as the kept model's do, or the comparison would be of calibration alone."""
    parts = split(straight_world, 7)
    assert set(straight.rivals) == {"additive", "lightgbm", "hazard"}
    known = outcome_at(parts.test.spells, 6.0)
    for kind, chances in straight.rivals.items():
        assert chances.shape == (len(parts.test),)
        loss = np.average((known.outcome - chances) ** 2, weights=known.weight)
        assert straight.scores[kind].brier.value == pytest.approx(loss)
        assert abs(np.average(chances, weights=known.weight) - straight.observed[6.0].value) < 0.06


def test_bands_cut_quarters_of_the_calibration_part(straight_world: Cohort, straight: Trained) -> None:
    model, parts = straight.model, split(straight_world, 7)
    codes = model.encoder.frame(straight_world.features.iloc[parts.calibration.rows])
    score, (cuts,) = model.curve(codes).probability[:, 1], model.cuts
    assert cuts is not None
    assert np.mean(score < cuts.low_below) == pytest.approx(0.25, abs=1 / len(score))
    assert np.mean(score >= cuts.elevated_from) == pytest.approx(0.25, abs=1 / len(score))


def test_the_hints_of_the_test_part_are_the_models(straight: Trained) -> None:
    rows = straight.codes[split_rows(straight)]
    curve, bands = straight.model.hints(rows)
    np.testing.assert_array_equal(straight.curve.low, curve.low)
    np.testing.assert_array_equal(straight.curve.high, curve.high)
    np.testing.assert_array_equal(straight.bands.uncertain, bands.uncertain)
    assert straight.stability[0].uncertain.value == pytest.approx(bands.uncertain.mean())
    assert straight.stability[0].flipped.value == pytest.approx((bands.agreed < 1).mean())
    assert len(straight.model.refits) == straight.stability[0].refits == 10


def split_rows(trained: Trained) -> Rows:
    """Return the rows of the test part: all are asked where there is one look at each spell."""
    return trained.asked.rows


def test_in_a_register_candidates_are_compared_on_ripe_spells_alone(history: Callable[..., Cohort]) -> None:
    """Those under way in the calibration part tell the level alone: what came of them is not known."""
    cohort = history(5, rows=10_000, persons=6_000)
    outcome, parts = replace(cohort.contract.outcome, rule="gap"), split(cohort, 1)
    found = train("x", cohort.features, cohort.contract.inputs, outcome, parts, seed=1, competing=("rule", "logistic"))
    calibration, codes = parts.calibration, found.codes
    ripe = calibration[calibration.judging]
    assert 0.15 < len(ripe) / len(calibration) < 0.35
    known = outcome_at(ripe.spells, 6.0)
    lesson = Lesson(
        found.model.encoder, codes[parts.train.rows], parts.train.spells, outcome, 1, TreeSettings(), INVERSE_RIDGE
    )
    margins = lesson.fit("rule").margins(codes[calibration.rows])
    (horizons,) = fit_calibrators(margins, calibration, outcome)
    by_rule = np.minimum.accumulate(
        [each.probability(margins[:, place]) for place, each in enumerate(horizons) if each is not None], axis=0
    )[1]
    said = found.model.curve(codes[ripe.rows]).probability[:, 1], by_rule[calibration.judging]
    of_kept, of_rule = (Predictions(6.0, chances, known.outcome, known.weight, ripe.person) for chances in said)
    gain = better(of_kept, of_rule)
    assert f"lower by {gain.value:.4f} (95 % interval {gain.low:.4f} to {gain.high:.4f})" in found.why_kept
    share = observed_share(ripe, 6.0).value
    loss = np.average((found.predictions.outcome - share) ** 2, weights=found.predictions.weight)
    assert found.scores["base_rate"].brier.value == pytest.approx(loss)


# ---------------------------------------------------------------- seeds and odd inputs


@pytest.mark.parametrize("world", ["straight_world", "crossed_world", "bent_world", "ruled_world"])
def test_the_same_seed_gives_the_same_artefact(
    world: str, request: pytest.FixtureRequest, learn: Learn, tmp_path: Path
) -> None:
    """Refits depend on the seed, and so do trees and random parts; nothing else does."""
    cohort = request.getfixturevalue(world)
    before = request.getfixturevalue(world.removesuffix("_world"))
    digest = artefact.save(before.model, tmp_path / "before")
    assert artefact.save(learn(cohort).model, tmp_path / "again") == digest


def test_another_seed_gives_another_artefact(straight_world: Cohort, straight: Trained, tmp_path: Path) -> None:
    """Of the same parts, too: it reaches those who are drawn for refits, and the folds."""
    contract, parts = straight_world.contract, split(straight_world, 7)
    other = train("ltu-small", straight_world.features, contract.inputs, contract.outcome, parts, seed=8)
    assert artefact.save(other.model, tmp_path / "other") != artefact.save(straight.model, tmp_path / "before")


@pytest.mark.parametrize("kind", ["logistic", "additive", "lightgbm"])
def test_the_number_of_threads_does_not_change_a_model(crossed_world: Cohort, kind: str) -> None:
    encoder = fit_encoder(crossed_world.features, crossed_world.contract.inputs)
    codes, spells = encoder.frame(crossed_world.features), Spells(crossed_world.duration, crossed_world.exited)
    outcome = replace(crossed_world.contract.outcome, horizons=(6.0,))
    lesson = Lesson(encoder, codes, spells, outcome, 1, TreeSettings(), 0.1)
    margins = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            margins.append(lesson.fit(kind).margins(codes))
    np.testing.assert_array_equal(margins[0], margins[1])


def test_the_seed_of_training_reaches_the_trees(crossed_world: Cohort) -> None:
    encoder = fit_encoder(crossed_world.features, crossed_world.contract.inputs)
    codes, spells = encoder.frame(crossed_world.features), Spells(crossed_world.duration, crossed_world.exited)
    one, same, other = (fit_trees(codes, spells, (6.0,), seed, TreeSettings()).margins(codes) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_the_settings_reach_the_trees_and_the_refits(crossed_world: Cohort) -> None:
    contract, parts = crossed_world.contract, split(crossed_world, 7)
    found = train("x", crossed_world.features, contract.inputs, replace(contract.outcome, horizons=(6.0,)), parts,
                  seed=7, settings=TreeSettings(rounds=3), competing=("lightgbm",)).model  # fmt: skip
    for scorer in (found.scorer, *(refit.scorer for refit in found.refits)):
        assert isinstance(scorer, TreeScorer)
        assert [booster.num_trees() for booster in scorer.boosters] == [3]


def small(parts_from: Cohort, features: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Column, ...], Outcome, Split]:
    columns = tuple(number(name) for name in features)
    return features, columns, parts_from.contract.outcome, split(parts_from, 7)


def test_a_constant_input_adds_nothing(straight_world: Cohort) -> None:
    """It may even change after training: the model has learnt nothing of it."""
    features = straight_world.features[["age"]].assign(always=0.1)
    found = train("x", *small(straight_world, features), seed=1, competing=("logistic",)).model
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
    assert set(found.scores) == {"base_rate", "logistic", "additive", "lightgbm", "hazard"}
    assert all(each.auc.low > 0.55 for kind, each in found.scores.items() if kind != "base_rate")
    gone, there = found.predictions.score[missing[split(cohort, 1).test.rows]], expit(2.0 - 0.8)
    assert gone.mean() == pytest.approx(there, abs=0.08)


def test_it_says_what_it_is_doing(straight_world: Cohort) -> None:
    said: list[str] = []
    train("x", *small(straight_world, straight_world.features[["age"]]), seed=1, say=said.append)
    assert said == [
        "fitting logistic regression",
        "fitting the explainable boosting machine",
        "fitting LightGBM",
        "fitting the hazard model",
        "fitting logistic regression on other people",
        "evaluating",
    ]
