"""The mitigation experiment on a small register: who is judged, what is printed, and what is kept."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.fits import Coded, at_landmark, coded
from experiments.mitigation import run
from experiments.mitigation.methods import AS_IT_IS, BOUNDS, BY_GROUP, DROPPED, REWEIGHED, THRESHOLDS, without
from experiments.mitigation.people import deal, groups_of
from experiments.mitigation.picture import HIGHEST, LINE_HEIGHT, LOWEST, apart, draw
from experiments.mitigation.proxies import strongest
from experiments.mitigation.words import gap, per_thousand, show
from ml.contracts import Cohort
from ml.errors import DataError
from ml.models.encode import fit_encoder
from ml.models.split import split
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

NAMES = {AS_IT_IS, *THRESHOLDS.values(), BY_GROUP, REWEIGHED, *BOUNDS, *map(without, DROPPED)}


@pytest.fixture(scope="module")
def cohort(helsinki: Path) -> Cohort:
    return build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)


def test_everybody_is_judged_once_at_registration_and_in_one_set_alone(cohort: Cohort) -> None:
    parts, outcome = split(cohort, 1), cohort.contract.outcome
    sets = deal(parts, outcome, np.random.default_rng(1))
    for each in sets:
        assert len(np.unique(each.known.person)) == len(each.rows) > 50
        assert (cohort.entry[each.rows] < outcome.horizons[0]).all()
        assert (cohort.person[each.rows] == each.known.person).all()
        np.testing.assert_array_equal(each.known.outcome, cohort.duration[each.rows] >= outcome.horizon)
    learners, choosers, test = (set(each.known.person) for each in sets)
    assert not learners & choosers
    assert not (learners | choosers) & test
    assert not (learners | choosers | test) & set(parts.train.person)
    here = parts.test[at_landmark(parts.test, outcome, 0)]
    assert test == set(here.person)


def test_a_group_is_what_the_cohort_says_and_a_missing_value_is_one(cohort: Cohort) -> None:
    rows = np.arange(len(cohort))
    names, reference = groups_of(cohort, "work_ability_limited", rows)
    known = cohort.protected["work_ability_limited"]
    assert reference == "not limited"
    assert set(names[known.isna().to_numpy()]) <= {"missing"}
    assert (names[known.notna().to_numpy()] == known.dropna().astype(str)).all()
    with pytest.raises(DataError, match="--attribute shoe_size: no such protected column; name one of age, gender"):
        groups_of(cohort, "shoe_size", rows)


def test_the_strongest_proxy_is_the_planted_one(cohort: Cohort, rng: np.random.Generator) -> None:
    """An input that is the attribute itself, but for one in ten, must come first, at an AUC of about 0.9."""
    inputs = coded(cohort.features, cohort.contract.inputs, split(cohort, 1))
    rows = np.flatnonzero(~np.isnan(inputs.codes).all(axis=1))
    group = np.where(rng.random(len(rows)) < 0.4, "b", "a")
    place = next(place for place, each in enumerate(inputs.encoder.inputs) if not each.is_category)
    column = inputs.encoder.inputs[place].column
    codes = inputs.codes.copy()
    codes[rows, place] = (group == "b") ^ (rng.random(len(rows)) < 0.1)
    planted = fit_encoder(pd.DataFrame({column.name: codes[rows, place]}), [column]).inputs[0]
    encoder = type(inputs.encoder)(
        tuple(planted if number == place else each for number, each in enumerate(inputs.encoder.inputs))
    )
    found = strongest(Coded(encoder, codes), rows, np.arange(len(rows)), group, rng)
    assert found[0][0] == column.name
    assert found[0][1] == pytest.approx(0.9, abs=0.04)
    assert max(auc for _, auc in found[1:]) < 0.6
    assert len(found) == len(inputs.encoder.names)


def test_every_mitigation_is_told_drawn_and_tracked(
    helsinki: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--cohort", str(helsinki), "--attribute", "gender", "--home", str(home), "--json"]
    run.main([*options, "--picture", str(tmp_path / "mitigation.png")])
    found = json.loads(capsys.readouterr().out)["attributes"]["gender"]
    assert {point["name"] for point in found["points"]} == NAMES
    assert {point["name"] for point in found["chosen_by"]} == NAMES
    for point in found["points"]:
        assert point["flagged_share"] == pytest.approx(0.25, abs=0.06)
        ranks = point["name"] not in THRESHOLDS.values()
        assert (point["auc"] is not None) == ranks
        scoring = point["name"] in {*THRESHOLDS.values(), BY_GROUP}
        assert point["uses"] == ("never" if point["name"] == AS_IT_IS else "scoring" if scoring else "training")
    assert found["points"][0]["found_change"]["value"] == 0
    assert set(found["choice"]["refused"]) == NAMES - {AS_IT_IS, found["choice"]["name"]}
    assert (tmp_path / "mitigation.png").stat().st_size > 10_000
    kept = list((home / "mlflow" / "artifacts" / "mitigation").rglob("mitigation.*"))
    assert {path.suffix for path in kept} == {".json", ".png"}
    show({"gender": found})
    told = capsys.readouterr().out
    for words in (*NAMES, "legal basis of its own", "section 8", "per 1,000 people"):
        assert words in told


def test_an_attribute_that_is_none_is_told_before_any_work(helsinki: Path) -> None:
    with pytest.raises(DataError, match="--attribute shoe_size"):
        run.main(["--cohort", str(helsinki), "--attribute", "gender", "shoe_size"])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=14))
@settings(deadline=None)
def test_labels_standapart_in_the_order_of_their_points(wanted: list[float]) -> None:
    placed = apart(sorted(wanted))
    assert all(later - earlier > 0.8 * LINE_HEIGHT for earlier, later in pairwise(placed))
    assert all(LOWEST - 0.2 < each < HIGHEST + 0.2 for each in placed)


def test_what_is_not_known_is_told_as_such() -> None:
    assert gap(None) == per_thousand(None) == "too few people to say"
    unbounded = {"group": "b", "times": {"value": None, "low": 3.0, "high": None}, "ratio": {"value": 0.0}}
    assert gap(unbounded) == "without bound (b)"
    assert per_thousand({"value": -0.2, "low": -12.4, "high": 12.0}) == "+0 (-12 to +12)"
    nothing = {"name": AS_IT_IS, "gap": None, "uses": "never"}
    figures = {"gender": {"reference": "men", "points": [nothing], "undominated": [], "choice": None}}
    (panel,) = draw(figures).axes[:1]
    assert [text.get_text() for text in panel.texts] == ["too few people to say"]
