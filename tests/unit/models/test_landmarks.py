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
from ml.models.calibrated import fit_calibrators
from ml.models.encode import fit_encoder
from ml.models.explain import reasons
from ml.models.leaks import leak_suspects
from ml.models.ltu.candidates import Lesson
from ml.models.ltu.trees import TreeSettings
from ml.models.refits import fit_refits
from ml.models.split import split
from ml.models.train import Trained, train

LOOKS = (0.0, 3.0, 6.0)
DAYS_A_MONTH = 30.0
Learn = Callable[..., Trained]


def parts_of(cohort: Cohort) -> tuple[Part, Part, Part]:
    found = split(cohort, 7)
    return found.train, found.calibration, found.test


# ---------------------------------------------------------------- the truth is found


def test_what_is_predicted_at_each_look_is_the_conditional_share(
    looks_world: Cohort, looks: Trained, rate: Floats
) -> None:
    """P(T >= 12 | T > look) = exp(-rate (12 - look)): on average at each look, within 0.04; and person by person."""
    rows = looks.asked.rows
    truth = np.exp(-rate[looks_world.person[rows]] * (12 - looks_world.entry[rows]))
    by_look = []
    for look in LOOKS:
        at = looks_world.entry[rows] == look
        assert looks.predictions.score[at].mean() == pytest.approx(truth[at].mean(), abs=0.04)
        by_look.append(truth[at].mean())
    assert by_look[0] + 0.1 < by_look[1] < by_look[2] - 0.1  # one share for all would not do
    assert np.corrcoef(looks.predictions.score, truth)[0, 1] > 0.95
    assert np.abs(looks.predictions.score - truth).mean() < 0.05


def test_the_observed_share_is_that_of_the_looks(looks_world: Cohort, looks: Trained, rate: Floats) -> None:
    """At 3 months only the looks from the beginning are asked; at 6 those from 3, too."""
    test = parts_of(looks_world)[2]
    for horizon in (3.0, 6.0, 12.0):
        asked = test.asked(horizon)
        assert {*looks_world.entry[asked.rows]} == {look for look in LOOKS if look < horizon}
        truth = np.exp(-rate[asked.person] * (horizon - looks_world.entry[asked.rows])).mean()
        observed = looks.observed[horizon]
        assert observed.low < truth < observed.high
        assert observed == observed_share(test, horizon)
        curve = looks.model.curve(looks.codes[asked.rows])
        place = looks.model.outcome.horizons.index(horizon)
        assert looks.predicted[horizon] == pytest.approx(curve.probability[:, place].mean())
        assert looks.predicted[horizon] == pytest.approx(truth, abs=0.04)


# ---------------------------------------------------------------- a horizon that was reached is no question


def test_the_curve_is_1_where_the_horizon_was_reached_and_never_rises(looks_world: Cohort, looks: Trained) -> None:
    codes = looks.codes
    curve = looks.model.curve(codes)
    reached = looks_world.entry[:, None] >= np.array([3.0, 6.0, 12.0])
    assert (reached.sum(axis=0) > [100, 100, -1]).all()
    for each in (curve.probability, curve.low, curve.high):
        assert (each[reached] == 1).all()
        assert (each[~reached] < 1).all()
        assert (np.diff(each, axis=1) <= 0).all()
    np.testing.assert_array_equal(looks.model.reached(codes), reached)


@pytest.mark.parametrize("kind", ["rule", "logistic", "additive", "lightgbm"])
def test_looks_that_reached_a_horizon_teach_nothing_of_it(looks_world: Cohort, looks: Trained, kind: str) -> None:
    """At 3 months neither a candidate nor its calibrator changes when all that later looks say is turned round."""
    outcome = replace(looks_world.contract.outcome, horizon=3.0, horizons=(3.0,), rule="haste")
    parts = split(looks_world, 7)

    def learnt(duration: Floats) -> tuple[Floats, object]:
        train, calibration = (
            replace(part, spells=replace(part.spells, duration=duration[part.rows]))
            for part in (parts.train, parts.calibration)
        )
        lesson = Lesson(looks.model.encoder, looks.codes[train.rows], train.spells, outcome, 1, TreeSettings(), 1.0)
        margins = lesson.fit(kind).margins(looks.codes)
        return margins, fit_calibrators(margins[calibration.rows], calibration, outcome)

    late = looks_world.entry >= 3
    turned = np.where(late, looks_world.entry + 20 / (looks_world.duration - looks_world.entry), looks_world.duration)
    one, other = learnt(looks_world.duration), learnt(turned)
    np.testing.assert_array_equal(one[0], other[0])
    assert one[1] == other[1]


def test_predictions_are_of_the_rows_asked_and_know_their_persons(looks_world: Cohort) -> None:
    at_6 = replace(looks_world.contract.outcome, horizon=6.0)
    found = train("x", looks_world.features, looks_world.contract.inputs, at_6, split(looks_world, 7), seed=7,
                  competing=("logistic",))  # fmt: skip
    assert set(looks_world.entry[found.asked.rows]) == {0.0, 3.0}
    np.testing.assert_array_equal(found.predictions.person, looks_world.person[found.asked.rows])
    known = outcome_at(found.asked.spells, 6.0)
    np.testing.assert_array_equal(found.predictions.weight, known.weight)
    np.testing.assert_array_equal(found.predictions.outcome, known.outcome)
    assert [cuts is None for cuts in found.model.cuts] == [False, False, True, True]


def test_refits_see_persons_with_all_their_looks(looks_world: Cohort) -> None:
    """And are calibrated on the calibration part, with the kept model's landmarks."""
    parts, contract = split(looks_world, 7), looks_world.contract
    outcome = replace(contract.outcome, rule="haste")
    found = train("x", looks_world.features, contract.inputs, outcome, parts, seed=7, competing=("rule",))
    model, codes, person = found.model, found.codes, parts.train.person
    assert len(np.unique(person)) < 0.7 * len(person)
    lesson = Lesson(model.encoder, codes[parts.train.rows], parts.train.spells, outcome, 7, TreeSettings(), 1.0)
    expected = fit_refits(
        "rule", lesson, person, model.calibrators, codes[parts.calibration.rows], parts.calibration, outcome
    )
    for one, other in zip(model.refits, expected, strict=True):
        np.testing.assert_array_equal(one.scorer.margins(codes), other.scorer.margins(codes))
        assert one.calibrators == other.calibrators


def test_bands_are_quarters_of_the_calibration_part_at_each_landmark(looks_world: Cohort, looks: Trained) -> None:
    """Else nearly all who have waited would be "elevated", and nearly all newcomers "low"."""
    calibration = parts_of(looks_world)[1]
    curve, bands = looks.model.hints(looks.codes[calibration.rows])
    for stage, look in enumerate(LOOKS):
        at, cuts = looks_world.entry[calibration.rows] == look, looks.model.cuts[stage]
        assert cuts is not None
        chance = curve.probability[at, 2]
        assert (cuts.low_below, cuts.elevated_from) == tuple(np.quantile(chance, [0.25, 0.75]))
        for band in (0, 2):
            assert np.mean(bands.band[at] == band) == pytest.approx(0.25, abs=1.5 / at.sum())
    lows = [cuts.low_below for cuts in looks.model.cuts if cuts is not None]
    assert lows == sorted(lows)
    assert lows[0] + 0.1 < lows[2]
    assert looks.model.cuts[3] is None


def test_the_stability_is_told_of_each_landmark(looks_world: Cohort, looks: Trained) -> None:
    test = parts_of(looks_world)[2]
    assert [each.landmark for each in looks.stability] == [None, 0, 1, 2]
    assert [each.rows for each in looks.stability[1:]] == [int((test.spells.entry == look).sum()) for look in LOOKS]
    assert looks.stability[0].rows == len(looks.asked)
    assert {each.refits for each in looks.stability} == {10} == {len(looks.model.refits)}


# ---------------------------------------------------------------- what is written, said and drawn


def test_the_artefact_knows_the_entry_and_is_the_same_each_time(
    looks_world: Cohort, looks: Trained, learn: Learn, tmp_path: Path
) -> None:
    digest = artefact.save(looks.model, tmp_path / "one")
    assert artefact.save(learn(looks_world).model, tmp_path / "two") == digest
    loaded = artefact.load(tmp_path / "one", digest)
    assert loaded.outcome == looks.model.outcome
    assert loaded.outcome.entry == "waited"
    np.testing.assert_array_equal(loaded.curve(looks.codes).probability, looks.model.curve(looks.codes).probability)


@pytest.mark.parametrize(("waited", "left"), [(0.0, (0, 1, 2)), (3.0, (1, 2)), (6.0, (2,)), (12.0, ())])
def test_reasons_are_of_the_horizon_that_is_asked_for(looks: Trained, waited: float, left: tuple[int, ...]) -> None:
    """On the slope of the calibrator of its landmark; of a horizon that was reached there are none."""
    row = {"haste": 1.5, "waited": waited}
    codes, stage = looks.model.encoder.rows([row]), LOOKS.index(waited) if waited in LOOKS else 3
    for place in range(3):
        found = {reason.column.name: reason.contribution for reason in reasons(looks.model, row, place)}
        calibrator = looks.model.calibrators[stage][place]
        assert (calibrator is not None) == (place in left)
        slope = 0.0 if calibrator is None else calibrator.slope
        parts = looks.model.scorer.contributions(codes, place)[0][:-1] * slope
        assert found == pytest.approx({
            name: part for name, part in zip(("haste", "waited"), parts, strict=True) if abs(part) >= 0.05
        })  # fmt: skip
        assert bool(found) == (place in left)
    assert reasons(looks.model, row) == reasons(looks.model, row, 2)


def test_quarters_are_drawn_within_each_look(looks_world: Cohort) -> None:
    """Else the highest quarter would be the latest looks, and nobody in it would show how spells begin."""
    entry = np.repeat([0.0, 6.0], [80, 40])
    duration = np.concatenate([np.linspace(1, 14, 80), np.linspace(7, 14, 40)])
    score = np.concatenate([np.linspace(0.1, 0.5, 80), np.linspace(0.6, 0.9, 40)])
    spells = Spells(duration, np.full(120, True), entry)
    predictions = Predictions(12.0, score, duration >= 12, np.ones(120))
    drawn = {
        line.get_label(): line
        for line in plots.survival(predictions, spells, looks_world.contract.outcome).axes[0].get_lines()
    }
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


def with_looks(cohort: Cohort, months: Outcome) -> Cohort:
    """Return dated spells with a row at every look that they lasted to by the end of the file."""
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


@pytest.fixture
def dated(history: Callable[..., Cohort], months: Outcome) -> Cohort:
    """Return twelve years of spells, each with a row at every look that it lasted to by the end of the file."""
    return with_looks(history(3), months)


def test_in_a_register_too_no_look_is_from_after_its_parts_day(history: Callable[..., Cohort], months: Outcome) -> None:
    """Only calibration has spells so new that a look at them was still to come."""
    cohort = with_looks(history(3, rows=9000, persons=5000), months)
    assert cohort.start is not None
    found = split(cohort, 1)
    assert found.dealt
    looked_on = cohort.start.astype(float) + cohort.entry * DAYS_A_MONTH
    for part in (found.train, found.calibration, found.test):
        day = np.datetime64(part.known_until, "D").astype(float)
        assert (looked_on[part.rows] <= day).all()
        within = (cohort.start >= np.datetime64(part.first)) & (cohort.start <= np.datetime64(part.last))
        of_part = np.isin(cohort.person, part.person) & within
        assert set(np.flatnonzero(of_part & (looked_on <= day))) == set(part.rows)
        assert ((of_part & (looked_on > day)).sum() > 20) == (part is found.calibration)
    rows = sum(len(part) for part in (found.train, found.calibration, found.test))
    assert rows + found.left_out + found.unripe + found.not_yet == len(cohort)


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
