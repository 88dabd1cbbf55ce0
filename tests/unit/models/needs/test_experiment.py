"""The experiment on inputs: every variant is judged on the same placements, and a telling column shows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from experiments.service_needs.run import measure, variants
from ml.contracts import Column, ColumnType, Placements, Role


@pytest.fixture(scope="module")
def leaking(placements: Placements) -> Placements:
    """Return the town with a protected column that tells the entity in half of the rows."""
    told = placements.entity.astype(object).copy()
    told[::2] = "missing"
    return replace(
        placements,
        protected=placements.protected.assign(telling=told),
        protected_columns=(*placements.protected_columns, Column("telling", ColumnType.CATEGORY, Role.PROTECTED)),
    )


def test_variants_add_one_protected_column_each_and_all(leaking: Placements) -> None:
    made = dict(variants(leaking))
    assert list(made) == ["inputs", "and gender", "and telling", "and all protected"]
    inputs = [column.name for column in leaking.columns]
    assert [column.name for column in made["and all protected"].columns] == [*inputs, "gender", "telling"]
    assert [column.name for column in made["inputs"].columns] == inputs


def test_a_telling_column_gains_and_an_idle_one_does_not(leaking: Placements) -> None:
    figures = json.loads(json.dumps(measure(leaking, 1)))
    gains = {name: line["gain"] for name, line in figures["variants"].items()}
    assert gains["inputs"] == {"value": 0, "low": 0, "high": 0}
    assert gains["and telling"]["low"] > 0.05
    assert abs(gains["and gender"]["value"]) < 0.02
    assert figures["variants"]["inputs"]["log_loss"]["value"] == pytest.approx(
        figures["candidates"][figures["variants"]["inputs"]["kept"]]["value"]
    )
    assert figures["caseworkers"]["two caseworkers"]["pairs"] == figures["caseworkers"]["model and caseworker"]["pairs"]
