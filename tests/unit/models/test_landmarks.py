"""Spells looked at several times: each look asks what is still ahead of it, and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.contracts import Cohort, Column, ColumnType, Floats, Outcome, Part, Predictions, Role, Spells
from ml.measures.censoring import outcome_at, survival_curve
from ml.measures.observed import observed_share
from ml.models import artefact, plots
from ml.models.calibrate import calibrate
from ml.models.encode import fit_encoder
from ml.models.explain import reasons
from ml.models.leaks import leak_suspects
from ml.models.split import split
from ml.models.train import Trained, train

LOOKS = (0.0, 3.0, 6.0)
DAYS_A_MONTH = 30.0
CohortOf = Callable[..., Cohort]
Learn = Callable[..., Trained]


@pytest.fixture(scope="module")
def looked(months: Outcome) -> Outcome:
    return replace(months, horizon=12.0, entry="waited")


@pytest.fixture(scope="module")
def rate() -> Floats:
    """Return the monthly chance of work of each of 4,000 persons."""
    return np.exp(-2.3 + 0.8 * np.random.default_rng(11).normal(size=4000))


@pytest.fixture(scope="module")
def landmarks(cohort_of: CohortOf, looked: Outcome, rate: Floats) -> Cohort:
    """Return exponential spells, a row at each look that they lasted to; a third is lost at a random time."""
    rng = np.random.default_rng(12)
    ends = rng.exponential(1 / rate)
    lost = np.where(rng.random(4000) < 1 / 3, rng.uniform(0, 14, 4000), 20.0)
    seen = np.minimum(ends, lost)
    person = np.concatenate([np.flatnonzero(seen > look) for look in LOOKS])
    waited = np.concatenate([np.full((seen > look).sum(), look) for look in LOOKS])
    features = pd.DataFrame({"haste": np.log(rate)[person] + 2.3, "waited": waited})
    cohort = cohort_of(features, seen[person], (ends <= lost)[person], outcome=looked, person=person)
    return replace(cohort, entry=waited)


@pytest.fixture(scope="module")
def trained(landmarks: Cohort, learn: Learn) -> Trained:
    return learn(landmarks)


def parts_of(cohort: Cohort) -> tuple[Part, Part, Part]:
    found = split(cohort, 7)
    return found.train, found.calibration, found.test


# ---------------------------------------------------------------- the truth is found


def test_what_is_predicted_at_each_look_is_the_conditional_share(
    landmarks: Cohort, trained: Trained, rate: Floats
) -> None:
    """P(T >= 12 | T > look) = exp(-rate (12 - look)): on average at each look, within 0.04; and person by person."""
    rows = trained.asked.rows
    truth = np.exp(-rate[landmarks.person[rows]] * (12 - landmarks.entry[rows]))
    by_look = []
    for look in LOOKS:
        at = landmarks.entry[rows] == look
        assert trained.predictions.score[at].mean() == pytest.approx(truth[at].mean(), abs=0.04)
        by_look.append(truth[at].mean())
    assert by_look[0] + 0.1 < by_look[1] < by_look[2] - 0.1  # one share for all would not do
    assert np.corrcoef(trained.predictions.score, truth)[0, 1] > 0.95
    assert np.abs(trained.predictions.score - truth).mean() < 0.05


def test_the_observed_share_is_that_of_the_looks(landmarks: Cohort, trained: Trained, rate: Floats) -> None:
    """At 3 months only the looks from the beginning are asked; at 6 those from 3, too."""
    test = parts_of(landmarks)[2]
    for horizon in (3.0, 6.0, 12.0):
        asked = test.asked(horizon)
        assert {*landmarks.entry[asked.rows]} == {look for look in LOOKS if look < horizon}
        truth = np.exp(-rate[asked.person] * (horizon - landmarks.entry[asked.rows])).mean()
        observed = trained.observed[horizon]
        assert observed.low < truth < observed.high
        assert observed == observed_share(test, horizon)
        curve = trained.model.curve(trained.codes[asked.rows])
        place = trained.model.outcome.horizons.index(horizon)
        assert trained.predicted[horizon] == pytest.approx(curve.probability[:, place].mean())
        assert trained.predicted[horizon] == pytest.approx(truth, abs=0.04)


# ---------------------------------------------------------------- a horizon that was reached is no question


def test_the_curve_is_1_where_the_horizon_was_reached_and_never_rises(landmarks: Cohort, trained: Trained) -> None:
    codes = trained.codes
    curve = trained.model.curve(codes)
    reached = landmarks.entry[:, None] >= np.array([3.0, 6.0, 12.0])
    assert (reached.sum(axis=0) > [100, 100, -1]).all()
    for each in (curve.probability, curve.low, curve.high):
        assert (each[reached] == 1).all()
        assert (each[~reached] < 1).all()
        assert (np.diff(each, axis=1) <= 0).all()
    np.testing.assert_array_equal(trained.model.reached(codes), reached)


def test_looks_that_reached_a_horizon_teach_nothing_of_it(landmarks: Cohort) -> None:
    """Neither trees, line nor calibration at 3 months change when all later looks are left out of their parts."""
    contract, parts = landmarks.contract, split(landmarks, 7)
    first_only = replace(parts, **{name: getattr(parts, name).asked(3.0) for name in ("train", "calibration", "test")})
    at_3 = replace(contract.outcome, horizon=3.0, horizons=(3.0,))
    models = []
    for given in (parts, first_only):
        columns = tuple(column for column in contract.inputs if column.name != "waited")
        outcome = replace(at_3, entry=None)
        whole = train("x", landmarks.features, columns, outcome, given, seed=7)
        models.append((whole.predictions.score, whole.model.low_below, whole.model.elevated_from, whole.scores))
    # the encoder's footing is of all rows of the part, so the line may differ in its last digits
    np.testing.assert_allclose(models[0][0], models[1][0], atol=0.01)
    assert models[0][1:3] == pytest.approx(models[1][1:3], abs=0.01)
    for kind in ("base_rate", "lightgbm", "logistic"):
        assert models[0][3][kind].auc.value == pytest.approx(models[1][3][kind].auc.value, abs=0.01)


def test_predictions_are_of_the_rows_asked_and_know_their_persons(landmarks: Cohort, learn: Learn) -> None:
    at_6 = replace(landmarks.contract.outcome, horizon=6.0)
    found = learn(replace(landmarks, contract=replace(landmarks.contract, outcome=at_6)))
    assert set(landmarks.entry[found.asked.rows]) == {0.0, 3.0}
    np.testing.assert_array_equal(found.predictions.person, landmarks.person[found.asked.rows])
    known = outcome_at(found.asked.spells, 6.0)
    np.testing.assert_array_equal(found.predictions.weight, known.weight)
    calibration = parts_of(landmarks)[1]
    model, codes = found.model, found.codes[calibration.rows]
    expected = calibrate(
        model.scorer.margins(codes)[:, 1], outcome_at(calibration.spells, 6.0), landmarks.person[calibration.rows]
    )
    assert model.calibrators[1] == expected
    asked = calibration.asked(6.0).rows
    score = model.curve(found.codes[asked]).probability[:, 1]
    assert (model.low_below, model.elevated_from) == tuple(np.quantile(score, [0.25, 0.75]))


# ---------------------------------------------------------------- what is written, said and drawn


def test_the_artefact_knows_the_entry_and_is_the_same_each_time(
    landmarks: Cohort, trained: Trained, learn: Learn, tmp_path: Path
) -> None:
    digest = artefact.save(trained.model, tmp_path / "one")
    assert artefact.save(learn(landmarks).model, tmp_path / "two") == digest
    loaded = artefact.load(tmp_path / "one", digest)
    assert loaded.outcome == trained.model.outcome
    assert loaded.outcome.entry == "waited"
    np.testing.assert_array_equal(
        loaded.curve(trained.codes).probability, trained.model.curve(trained.codes).probability
    )


def test_reasons_are_of_the_horizon_that_is_asked_for(trained: Trained) -> None:
    row = {"haste": 1.5, "waited": 3.0}
    codes = trained.model.encoder.rows([row])
    for place in (1, 2):
        parts = trained.model.scorer.contributions(codes, place)[0][:-1] * trained.model.calibrators[place].slope
        found = {reason.column.name: reason.contribution for reason in reasons(trained.model, row, place)}
        assert found == pytest.approx({
            name: part for name, part in zip(("haste", "waited"), parts, strict=True) if abs(part) >= 0.05
        })  # fmt: skip
    assert reasons(trained.model, row) == reasons(trained.model, row, 2)


def test_quarters_are_drawn_within_each_look(looked: Outcome) -> None:
    """Else the highest quarter would be the latest looks, and nobody in it would show how spells begin."""
    entry = np.repeat([0.0, 6.0], [80, 40])
    duration = np.concatenate([np.linspace(1, 14, 80), np.linspace(7, 14, 40)])
    score = np.concatenate([np.linspace(0.1, 0.5, 80), np.linspace(0.6, 0.9, 40)])
    spells = Spells(duration, np.full(120, True), entry)
    predictions = Predictions(12.0, score, duration >= 12, np.ones(120))
    drawn = {line.get_label(): line for line in plots.survival(predictions, spells, looked).axes[0].get_lines()}
    highest = np.concatenate([np.arange(60, 80), np.arange(110, 120)])
    time, share = survival_curve(spells[highest])
    np.testing.assert_allclose(drawn["highest quarter"].get_xdata(), [0, *time])
    np.testing.assert_allclose(drawn["highest quarter"].get_ydata(), [1, *share])


def test_a_rare_category_of_one_person_is_no_leak(rng: np.random.Generator) -> None:
    """Three looks at one spell share its end: were they in both halves, a category each would tell it."""
    persons = 600
    duration = np.where(rng.random(persons) < 0.5, 8.0, 14.0)
    person = np.repeat(np.arange(persons), 3)
    spells = Spells(duration[person], np.full(3 * persons, True), np.tile(LOOKS, persons))
    frame = pd.DataFrame({"waited": spells.entry, "school": [f"s{each}" for each in person]})
    types = {"waited": ColumnType.NUMBER, "school": ColumnType.CATEGORY}
    encoder = fit_encoder(frame, [Column(name, kind, Role.FEATURE) for name, kind in types.items()])
    codes = encoder.frame(frame)
    assert leak_suspects(encoder, codes, spells, 12.0, 0.7, person) == {}
    assert "school" in leak_suspects(encoder, codes, spells, 12.0, 0.7)


# ---------------------------------------------------------------- by time


@pytest.fixture
def dated(history: Callable[..., Cohort], months: Outcome) -> Cohort:
    """Return twelve years of spells, each with a row at every look that it lasted to by the end of the file."""
    cohort = history(3)
    assert cohort.start is not None
    rows = np.concatenate([np.flatnonzero(cohort.duration > look) for look in LOOKS])
    entry = np.concatenate([np.full((cohort.duration > look).sum(), look) for look in LOOKS])
    contract = replace(cohort.contract, outcome=replace(months, entry="waited"))
    return replace(
        cohort,
        contract=contract,
        features=cohort.features.iloc[rows].reset_index(drop=True).assign(waited=entry),
        protected=pd.DataFrame(index=range(len(rows))),
        duration=cohort.duration[rows],
        exited=cohort.exited[rows],
        start=cohort.start[rows],
        person=cohort.person[rows],
        entry=entry,
    )


def test_a_look_after_the_cut_did_not_exist_yet(dated: Cohort) -> None:
    assert dated.start is not None
    found = split(dated, 1)
    cuts = np.array([found.train.known_until, found.calibration.known_until, dated.as_of], dtype="datetime64[D]")
    place = np.searchsorted(cuts[:2], dated.start, side="right")
    looked_on = dated.start.astype(float) + dated.entry * DAYS_A_MONTH
    earliest = pd.Series(place).groupby(dated.person).transform("min")
    missing = (place == earliest) & (looked_on > cuts[place].astype(float))
    assert found.not_yet == missing.sum() > 10
    for part in (found.train, found.calibration, found.test):
        assert not missing[part.rows].any()
        assert (part.spells.duration >= part.spells.entry).all()
        np.testing.assert_array_equal(part.spells.entry, dated.entry[part.rows])
        np.testing.assert_array_equal(part.person, dated.person[part.rows])
    rows = np.concatenate([part.rows for part in (found.train, found.calibration, found.test)])
    assert len(rows) == len(set(rows)) == len(dated) - found.left_out - found.not_yet


def test_a_person_stays_on_one_side_with_every_look(dated: Cohort) -> None:
    found = split(dated, 1)
    people = [set(part.person) for part in (found.train, found.calibration, found.test)]
    assert sum(map(len, people)) == len(set().union(*people))


def test_looks_change_nothing_of_the_parts_of_those_who_were_seen_at_registration(
    dated: Cohort, history: Callable[..., Cohort]
) -> None:
    """With every entry 0, the parts are those of spells that never had one."""
    plain = history(3)
    one, two = split(plain, 1), split(replace(plain, entry=np.zeros(len(plain))), 1)
    for name in ("train", "calibration", "test"):
        np.testing.assert_array_equal(getattr(one, name).rows, getattr(two, name).rows)
    assert one.not_yet == two.not_yet == 0
