"""Settings are chosen by what they would have lost at several origins, and by nothing later."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import optuna
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import log_loss

from ml.contracts import Cohort, Column, ColumnType, Floats, Part, Role
from ml.errors import DataError, UsageError
from ml.measures.censoring import outcome_at
from ml.models.encode import fit_encoder
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.ltu.tune import Trial, Tuned, tune
from ml.models.rolling import rolling_origins
from ml.models.split import split

TRIALS = 20
SEED = 4
NOISE = 15
LOOKS = (0.0, 0.1, 3.0, 3.1)
World = tuple[Cohort, Part, Floats]


@pytest.fixture(scope="module")
def world(history: Callable[..., Cohort]) -> World:
    """Return a short register in which one input tells something and many nothing: the defaults learn the noise."""
    cohort = history(3, rows=12_000, persons=7_000, years=6)
    rng = np.random.default_rng(4)
    noise = pd.DataFrame({f"noise_{number}": rng.normal(size=len(cohort)) for number in range(NOISE)})
    columns = {name: Column(name, ColumnType.NUMBER, Role.FEATURE) for name in noise}
    contract = replace(cohort.contract, columns={**cohort.contract.columns, **columns})
    return looked_at(replace(cohort, contract=contract, features=pd.concat([cohort.features, noise], axis=1)))


@pytest.fixture(scope="module")
def mild(history: Callable[..., Cohort]) -> World:
    """Return a register in which one input tells something: hardly any settings do badly."""
    return looked_at(history(3, rows=10_000, persons=6_000))


def looked_at(cohort: Cohort) -> World:
    """Return the cohort with a row at each look that a spell lasted to, its training part and its codes.

    Each second look is like the first: of a person's rows, one tells most of what the other does.
    """
    assert cohort.start is not None
    lasted = [np.flatnonzero(cohort.duration > look) for look in LOOKS]
    rows, entry = np.concatenate(lasted), np.repeat(LOOKS, [len(each) for each in lasted])
    looked = replace(
        cohort,
        features=cohort.features.iloc[rows].reset_index(drop=True).assign(waited=entry),
        protected=pd.DataFrame(index=range(len(rows))),
        duration=cohort.duration[rows],
        exited=cohort.exited[rows],
        start=cohort.start[rows],
        person=cohort.person[rows],
        entry=entry,
    )
    encoder = fit_encoder(looked.features, looked.contract.inputs)
    return looked, split(looked, 1).train, encoder.frame(looked.features)


@pytest.fixture(scope="module")
def tuned(world: World) -> Tuned:
    return tune(*world, TRIALS, seed=SEED)


# ---------------------------------------------------------------- what a trial is worth


def test_a_loss_is_scikit_learns_each_landmark_alike(world: World, tuned: Tuned) -> None:
    cohort, train, codes = world
    for place, origin in enumerate(rolling_origins(cohort, train, SEED)):
        asked = origin.judged.asked(6.0)
        known = outcome_at(asked.spells, 6.0)
        learn = origin.learn
        trees = fit_trees(codes[learn.rows], learn.spells, (6.0,), SEED, TreeSettings())
        chance = expit(trees.margins(codes[asked.rows])[:, 0])
        losses = []
        for late in (False, True):
            at = ((cohort.entry[asked.rows] >= 3) == late) & known.known
            losses.append(log_loss(known.outcome[at], chance[at], sample_weight=known.weight[at]))
        assert tuned.trials[0].loss[place] == pytest.approx(np.mean(losses))
        assert (known.outcome[cohort.entry[asked.rows] == 0]).sum() > 10


def test_regret_is_measured_from_the_best_trial_at_each_origin(tuned: Tuned) -> None:
    loss = np.array([trial.loss for trial in tuned.trials])
    regret = np.array([trial.regret for trial in tuned.trials])
    np.testing.assert_allclose(regret, loss - loss.min(axis=0))
    assert loss.shape == (TRIALS, 4)
    assert (regret.min(axis=0) == 0).all()


def test_where_the_defaults_are_beaten_the_smallest_of_the_best_is_chosen(tuned: Tuned) -> None:
    defaults = tuned.trials[0]
    best = min(tuned.trials, key=lambda trial: trial.mean_regret)
    chosen = next(trial for trial in tuned.trials if trial.settings == tuned.settings)
    assert (best.excess, best.error) == (0.0, 0.0)
    for trial in tuned.trials:
        assert trial.excess == pytest.approx(trial.mean_regret - best.mean_regret)
        as_good = trial.excess <= trial.error
        assert not as_good or trial.size >= chosen.size
    assert chosen.excess <= chosen.error
    assert chosen.size < best.size
    assert defaults.excess > 3.01 * defaults.error  # the normal point of 0.025, shared by 19 rivals
    assert "since the defaults are beaten beyond noise" in tuned.why


def test_what_wins_by_luck_does_not_replace_the_defaults(mild: World) -> None:
    """The best of twenty is ahead by two standard errors: beyond noise for one rival, and not for the best of 19."""
    found = tune(*mild, TRIALS, seed=8)
    assert found.settings == TreeSettings()
    assert found.trials[0].excess > 1.97 * found.trials[0].error
    assert found.why.startswith("the defaults, since nothing beats them beyond noise: the best of 20 trials loses 0.0")


def test_the_error_is_that_of_drawing_persons(world: World, tuned: Tuned) -> None:
    """Persons are drawn with all their rows, 400 times, and the mean difference of best and worst taken anew."""
    cohort, train, codes = world
    best, *_, worst = sorted(tuned.trials, key=lambda trial: trial.mean_regret)
    frames = []
    for origin in rolling_origins(cohort, train, SEED):
        asked = origin.judged.asked(6.0)
        known = outcome_at(asked.spells, 6.0)
        learn = origin.learn
        rows = {}
        for name, settings in (("worst", worst.settings), ("best", best.settings)):
            margin = fit_trees(codes[learn.rows], learn.spells, (6.0,), SEED, settings).margins(codes[asked.rows])[:, 0]
            rows[name] = np.logaddexp(0, margin) - known.outcome * margin
        frames.append(
            pd.DataFrame(
                {
                    "cell": [f"{origin.day} {look >= 3}" for look in cohort.entry[asked.rows]],
                    "difference": rows["worst"] - rows["best"],
                    "weight": known.weight,
                    "person": asked.person,
                }
            )
        )
    table = pd.concat(frames)
    rng, draws = np.random.default_rng(1), []
    persons, place = np.unique(table["person"], return_inverse=True)
    cells, cell = np.unique(table["cell"], return_inverse=True)
    for _ in range(400):
        times = rng.multinomial(len(persons), np.full(len(persons), 1 / len(persons)))[place] * table["weight"]
        total = np.bincount(cell, weights=times * table["difference"])
        draws.append(np.mean(total / np.bincount(cell, weights=times)))
    assert len(cells) == 8
    assert worst.error == pytest.approx(np.std(draws), rel=0.15)


# ---------------------------------------------------------------- the study


def test_the_defaults_are_tried_first(world: World, tuned: Tuned) -> None:
    assert tuned.trials[0].settings == TreeSettings()
    alone = tune(*world, 1, seed=SEED)
    assert alone.settings == TreeSettings()
    assert alone.trials[0].loss == tuned.trials[0].loss
    assert alone.why == "the defaults: none of 1 trials lost less in log loss over 4 origins"


def test_nothing_is_tried_that_cannot_be_explained_fast(tuned: Tuned) -> None:
    assert len({trial.settings for trial in tuned.trials}) == TRIALS
    for trial in tuned.trials:
        assert trial.settings.leaves <= 16
        assert trial.settings.depth <= 5


def test_the_same_seed_gives_the_same_study_and_says_nothing(
    world: World, tuned: Tuned, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    optuna.logging.set_verbosity(optuna.logging.INFO)
    said: list[str] = []
    with caplog.at_level(logging.DEBUG):
        again = tune(*world, 3, seed=SEED, say=said.append)
    assert again.trials[:3] == tuple(_first(trial, again) for trial in tuned.trials[:3])
    assert tune(*world, 2, seed=SEED + 1).trials[1].settings != tuned.trials[1].settings
    assert said == [f"tuning: trial {number} of 3" for number in (1, 2, 3)]
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    assert optuna.logging.get_verbosity() == optuna.logging.INFO


def _first(trial: Trial, study: Tuned) -> Trial:
    """Return a trial as a shorter study tells of it: regret and excess are measured from that study's best."""
    same = next(each for each in study.trials if each.settings == trial.settings)
    return replace(trial, regret=same.regret, excess=same.excess, error=same.error)


def test_what_calibration_and_test_hold_changes_nothing(world: World, tuned: Tuned) -> None:
    cohort, train, codes = world
    others = np.setdiff1d(np.arange(len(cohort)), train.rows)
    duration, exited, other_codes = cohort.duration.copy(), cohort.exited.copy(), codes.copy()
    duration[others] = duration[others][::-1]
    exited[others] = ~exited[others]
    other_codes[others] = np.nan
    again = tune(replace(cohort, duration=duration, exited=exited), train, other_codes, 3, seed=SEED)
    assert [trial.loss for trial in again.trials] == [trial.loss for trial in tuned.trials[:3]]


def test_the_table_is_plain_and_whole(tuned: Tuned) -> None:
    table = tuned.table()
    assert table["settings"] == {name: getattr(tuned.settings, name) for name in table["settings"]}
    assert [line["mean_regret"] for line in table["trials"]] == [trial.mean_regret for trial in tuned.trials]
    assert all(line["worst_regret"] == max(line["regret"]) for line in table["trials"])
    assert [line["learnt_from"] for line in table["origins"]] == [len(origin.learn) for origin in tuned.origins]
    assert table["why"] == tuned.why


def test_no_trials_and_no_days_are_refused(world: World, straight_world: Cohort) -> None:
    with pytest.raises(UsageError, match="0 trials try nothing: ask for one or more"):
        tune(*world, 0, seed=SEED)
    with pytest.raises(DataError, match="train with the default settings"):
        tune(straight_world, split(straight_world, 1).train, np.zeros((1500, 4)), 2, seed=SEED)
