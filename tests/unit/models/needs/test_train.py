"""Which candidate is kept, from whose placements it learns, and what it never sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.contracts import INTERVIEW_FIRST, Column, ColumnType, Placements, Role
from ml.models.needs import artefact
from ml.models.needs.split import NeedSplit, split_placements
from ml.models.needs.train import TrainedNeeds, choose, train_model

Town = Callable[..., Placements]


def bytes_of(trained: TrainedNeeds, folder: Path) -> str:
    return artefact.save(trained.model, folder)


def test_a_line_is_kept_where_the_truth_is_one(trained: TrainedNeeds) -> None:
    assert trained.model.scorer.kind == "logistic"
    assert "logistic regression beats the base rate" in trained.why_kept
    assert "LightGBM is not better beyond noise" in trained.why_kept
    assert set(trained.candidates) == {"base_rate", "logistic", "lightgbm"}


def test_the_base_rate_is_kept_where_inputs_say_nothing(town: Town) -> None:
    placements = town(2500, 2, clarity=0.0)
    trained = train_model("service-need", placements, split_placements(placements, 1), seed=1)
    assert trained.model.scorer.kind == "base_rate"
    assert "the inputs do not tell which entity caseworkers choose" in trained.why_kept
    said = trained.model.answers(placements.features.iloc[:100])
    assert np.ptp(said.probability, axis=0).max() < 1e-9


def test_trees_are_kept_where_no_line_will_do(town: Town) -> None:
    placements = town(6000, 3)
    crossed = np.sign((placements.features["months"] - 18) * (placements.features["ability"].fillna(6) - 6))
    entity = np.where(placements.entity == INTERVIEW_FIRST, INTERVIEW_FIRST,
                      np.where(crossed > 0, "rehabilitation", placements.entity))  # fmt: skip
    placements = replace(placements, entity=np.where(placements.plan_in_force, "integration", entity))
    trained = train_model("service-need", placements, split_placements(placements, 1), seed=1)
    assert trained.model.scorer.kind == "lightgbm"


@pytest.mark.parametrize(
    ("logistic", "lightgbm", "kept"),
    [(-0.1, -0.3, "lightgbm"), (-0.1, -0.1, "logistic"), (-0.1, 0.1, "logistic"), (0.1, 0.1, "base_rate"),
     (0.0, -0.2, "lightgbm"), (0.1, 0.0, "base_rate")],
)  # fmt: skip
def test_the_simplest_that_nothing_beats_is_kept(logistic: float, lightgbm: float, kept: str) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (3, 400))
    losses = {"base_rate": 1 + noise[0], "logistic": 1 + logistic + noise[1], "lightgbm": 1 + lightgbm + noise[2]}
    assert choose(losses, np.arange(400))[0] == kept


def test_a_gain_of_few_people_seen_often_is_no_gain() -> None:
    """Ten people, forty rows each: the rows would say that trees are better, the people do not."""
    rng = np.random.default_rng(2)
    person = np.repeat(np.arange(10), 40)
    better = 0.1 + np.repeat(rng.normal(0, 0.5, 10), 40)
    losses = {"base_rate": np.full(400, 1.0), "logistic": 1 - better, "lightgbm": np.full(400, 2.0)}
    assert choose(losses, np.arange(400))[0] == "logistic"
    assert choose(losses, person)[0] == "base_rate"


def test_only_placements_of_caseworkers_in_an_entity_teach(
    placements: Placements, parts: NeedSplit, trained: TrainedNeeds, tmp_path: Path
) -> None:
    """Whatever stands in the rows by rule and in those answered "interview first", the model is the same."""
    others = np.flatnonzero(placements.plan_in_force)
    features = placements.features.copy()
    features.loc[np.concatenate([others, parts.train.interview]), "months"] = 30.0
    changed = train_model("service-need", replace(placements, features=features), parts, seed=1)
    assert bytes_of(changed, tmp_path / "changed") == bytes_of(trained, tmp_path / "as it was")


def test_protected_attributes_are_not_read(
    placements: Placements, parts: NeedSplit, trained: TrainedNeeds, tmp_path: Path
) -> None:
    """A protected column that equals the outcome changes no byte of the model, and is no input."""
    leak = Column("leak", ColumnType.CATEGORY, Role.PROTECTED)
    leaking = replace(placements, protected=pd.DataFrame({"leak": placements.entity}), protected_columns=(leak,))
    changed = train_model("service-need", leaking, parts, seed=1)
    assert bytes_of(changed, tmp_path / "changed") == bytes_of(trained, tmp_path / "as it was")
    text = (tmp_path / "changed" / "model.json").read_text(encoding="utf-8")
    assert [each["column"]["name"] for each in json.loads(text)["inputs"]] == [c.name for c in placements.columns]


def test_the_test_part_changes_nothing(
    placements: Placements, parts: NeedSplit, trained: TrainedNeeds, tmp_path: Path
) -> None:
    entity, features = placements.entity.copy(), placements.features.copy()
    entity[parts.test.placed] = "rehabilitation"
    features.loc[parts.test.rows, "months"] = 1.0
    changed = train_model("service-need", replace(placements, entity=entity, features=features), parts, seed=1)
    assert bytes_of(changed, tmp_path / "changed") == bytes_of(trained, tmp_path / "as it was")
