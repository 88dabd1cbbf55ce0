"""The same people dealt to the parts in other ways: what models said of people they had not seen, judged together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.attainable import deals, run
from experiments.attainable.reference import fit_reference
from experiments.plain import plain
from ml.contracts import Predictions
from ml.models.split import split
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract


def test_deals_are_judged_together_and_one_by_one(helsinki: Path, tmp_path: Path) -> None:
    cohort = build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)
    reference = fit_reference(iter([cohort, cohort]), split(cohort, 1).train, 1)
    register = deals.of_register(cohort, 2, 1, reference)
    found, ratios = register["landmarks"], register["to_reference"]
    assert ratios["low"] < ratios["value"] < ratios["high"]
    assert ratios["value"] == pytest.approx(np.mean(ratios["deals"]))
    assert list(found) == ["at_registration", "after_91_days", "after_182_days"]
    tested = [len(split(cohort, seed).test.asked(365)) for seed in (1, 2)]
    assert sum(line["rows"] for line in found.values()) == sum(tested)
    for line in found.values():
        one, other = (each["gap"]["value"] for each in line["deals"])
        assert min(one, other) <= line["gap"]["value"] <= max(one, other)
    deals.draw({"register_1": register}).savefig(tmp_path / "deals.png")
    assert (tmp_path / "deals.png").stat().st_size > 10_000


def test_the_reference_learns_from_as_many_of_each_register_as_a_model_does(helsinki: Path) -> None:
    cohort = build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)
    training = split(cohort, 1).train
    one, everybody = (fit_reference(iter([cohort, cohort]), training, 1, of_all=each) for each in (False, True))
    known = len(np.unique(training[training.spells.asked(365)].person))  # whose year is known: most
    assert 0.9 * known < one.persons <= known
    assert everybody.persons > 2 * one.persons
    assert everybody.rows > 2 * one.rows


def test_a_person_who_is_tested_twice_is_one_person_all_the_same() -> None:
    """Twice the same rows tell no more: the interval is as wide as with one."""
    rng = np.random.default_rng(1)
    score = rng.uniform(0.1, 0.9, 400)
    once = Predictions(365.0, score, rng.random(400) < score, np.ones(400), np.arange(400))
    one, twice = (deals._figures(each, 1)["gap"] for each in (once, deals._together([once, once])))
    assert twice["value"] == pytest.approx(one["value"])
    assert twice["high"] - twice["low"] == pytest.approx(one["high"] - one["low"], rel=1e-6)


@pytest.mark.parametrize(("rows", "low", "high"), [(200, 0.0, 0.2), (20_000, 0.95, 1.0)])
def test_few_people_hide_that_chances_are_perfect(rows: int, low: float, high: float) -> None:
    score = np.random.default_rng(2).uniform(0.1, 0.9, rows)
    said = Predictions(365.0, score, np.zeros(rows, dtype=bool), np.ones(rows))
    found = deals.if_perfect(said, np.random.default_rng(3))
    assert low <= found["all"] <= high
    assert found["all"] <= min(found[what] for what in deals.ASKED)


def test_everything_is_within_everywhere_only_where_no_figure_of_a_deal_is_beyond() -> None:
    good = {"gap": {"value": 0.01}, "slope": {"value": 1.0}, "ici": {"value": 0.01}}
    line = {"deals": [good, good], "if_perfect": {"all": 0.9}}
    off = {"deals": [good, good | {"slope": {"value": 1.2}}], "if_perfect": {"all": 0.5}}
    one, other = {"landmarks": {"at_registration": line, "later": line}}, {"landmarks": {"later": off}}
    found = deals.everywhere({"register_1": one, "register_2": other})
    assert found == {"deals": 0.5, "if_perfect": pytest.approx(0.9 * 0.9 * 0.5)}


def test_a_ratio_to_the_reference_is_that_of_a_test_part_and_a_person_tested_twice_tells_no_more() -> None:
    rng = np.random.default_rng(4)
    score = rng.uniform(0.1, 0.9, 500)
    said = Predictions(365.0, score + rng.normal(0, 0.2, 500), rng.random(500) < score, np.ones(500), np.arange(500))
    stage = np.arange(500) % 2
    one = deals.to_reference([deals.Dealt(said, stage, score)])
    here = said[stage == 0]
    expected = plain(run.ratio(here, replace(here, score=score[stage == 0])))
    assert {name: one[name] for name in expected} == pytest.approx(expected)
    twice = deals.to_reference([deals.Dealt(said, stage, score)] * 2)
    assert {name: twice[name] for name in expected} == pytest.approx(expected)
    assert twice["deals"] == [one["value"]] * 2
