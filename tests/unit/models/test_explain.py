"""Contributions against Shapley's own definition and shap, and the few of them that become reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import Any, ClassVar

import lightgbm as lgb
import numpy as np
import pytest
import shap

from ml.contracts import Cohort, Column, ColumnType, Floats, Role
from ml.errors import GateError
from ml.models import explain
from ml.models.calibrate import Calibrator
from ml.models.encode import Encoder, Input
from ml.models.explain import importance, reasons
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.scorers import LinearScorer
from ml.models.split import spells_of
from ml.models.train import Trained
from ml.models.trained import TrainedModel

# ---------------------------------------------------------------- trees


def expectation(node: Mapping[str, Any], row: Floats, known: frozenset[int]) -> float:
    """Return what a tree says when only some inputs are known: unknown splits by how training rows went."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expectation(left if goes_left(node, row[node["split_feature"]]) else right, row, known)
    counts = [child.get("leaf_count", child.get("internal_count")) for child in (left, right)]
    return float(np.average([expectation(child, row, known) for child in (left, right)], weights=counts))


def goes_left(node: Mapping[str, Any], value: float) -> bool:
    if node["decision_type"] == "==":
        return not np.isnan(value) and str(int(value)) in node["threshold"].split("||")
    if np.isnan(value):
        return bool(node["default_left"]) if node["missing_type"] == "NaN" else node["threshold"] >= 0.0
    return bool(value <= node["threshold"])


def by_definition(booster: lgb.Booster, row: Floats) -> Floats:
    """Return Shapley values over all subsets of the inputs, and the base (Lundberg & al. 2020, path-dependent)."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    inputs = range(len(row))
    worth = {
        known: sum(expectation(tree, row, known) for tree in trees)
        for size in range(len(row) + 1)
        for known in map(frozenset, combinations(inputs, size))
    }
    shares = np.zeros(len(row) + 1)
    for each in inputs:
        for known in worth:
            if each not in known:
                weight = factorial(len(known)) * factorial(len(row) - len(known) - 1) / factorial(len(row))
                shares[each] += weight * (worth[known | {each}] - worth[known])
    shares[-1] = worth[frozenset()]
    return shares


def test_contributions_of_trees_are_shapley_values_by_definition(crossed_world: Cohort, crossed: Trained) -> None:
    """Of numbers, categories and missing values alike."""
    codes = crossed.model.encoder.frame(crossed_world.features)[:40:8]
    codes[0, 2] = codes[1, 0] = np.nan
    for place in (0, 2):
        found = crossed.model.scorer.contributions(codes, place)
        oracle = [by_definition(crossed.model.scorer.boosters[place], row) for row in codes]
        np.testing.assert_allclose(found, oracle, atol=1e-9)


def test_contributions_of_trees_are_those_of_shap(crossed_world: Cohort, crossed: Trained) -> None:
    """On numbers: shap's own algorithm, not LightGBM's, to which it would hand the work over."""
    contract = replace(crossed_world.contract, columns=dict(list(crossed_world.contract.columns.items())[:2]))
    encoder = Encoder(crossed.model.encoder.inputs[:2])
    codes = encoder.frame(crossed_world.features)
    assert encoder.names == tuple(contract.columns)
    scorer = fit_trees(codes, spells_of(crossed_world, np.arange(len(codes))), (6.0,), 1, TreeSettings())
    explainer = shap.TreeExplainer(scorer.boosters[0], feature_perturbation="tree_path_dependent")
    explainer.model.model_type = "internal"
    found = scorer.contributions(codes[:200], 0)
    np.testing.assert_allclose(found[:, :-1], explainer.shap_values(codes[:200]), atol=1e-6)
    np.testing.assert_allclose(found[:, -1], np.ravel(explainer.expected_value)[-1], atol=1e-6)


# ---------------------------------------------------------------- the line


def test_contributions_of_the_line_are_those_of_shap(straight_world: Cohort, straight: Trained) -> None:
    """An input's part is that of its design columns together; measured from the average training spell."""
    scorer, encoder = straight.model.scorer, straight.model.encoder
    assert isinstance(scorer, LinearScorer)
    codes = encoder.frame(straight_world.features)
    design = encoder.design(codes)
    for place in range(3):
        explainer = shap.LinearExplainer((scorer.weights[place], scorer.base[place]), scorer.mean[None, :])
        columns = np.cumsum([each.width for each in encoder.inputs])[:-1]
        oracle = [part.sum(axis=1) for part in np.split(explainer.shap_values(design), columns, axis=1)]
        found = scorer.contributions(codes, place)
        np.testing.assert_allclose(found[:, :-1], np.column_stack(oracle), atol=1e-9)
        np.testing.assert_allclose(found[:, -1], explainer.expected_value, atol=1e-9)


@pytest.mark.parametrize("world", ["straight", "crossed"])
def test_contributions_sum_to_the_margin(world: str, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(world).model
    codes = model.encoder.frame(request.getfixturevalue(f"{world}_world").features)
    margins = model.scorer.margins(codes)
    for place in range(3):
        np.testing.assert_allclose(model.scorer.contributions(codes, place).sum(axis=1), margins[:, place], atol=1e-9)


# ---------------------------------------------------------------- reasons


@dataclass(frozen=True)
class Stated:
    """A scorer that contributes what it is told, at the second horizon; `missing` is what it leaves out."""

    parts: tuple[float, ...]
    missing: float = 0.0
    kind: ClassVar[str] = "stated"

    def margins(self, codes: Floats) -> Floats:
        total = sum(self.parts) + 0.5 + self.missing
        return np.tile([-99.0, total, 99.0], (len(codes), 1))

    def contributions(self, codes: Floats, place: int) -> Floats:
        assert place == 1, "the main horizon"
        return np.tile([*self.parts, 0.5], (len(codes), 1))


@pytest.fixture
def stating(crossed: Trained) -> Iterator[Any]:
    """Return a maker of models of inputs a, b, c … that contribute what they are told."""

    def make(*parts: float, missing: float = 0.0, slope: float = 1.0) -> TrainedModel:
        inputs = tuple(
            Input(Column(name, ColumnType.NUMBER, Role.FEATURE), (), 0.0, 9.0, 0.0, 1.0, True)
            for name in "abcdefghij"[: len(parts)]
        )
        calibrators = tuple(Calibrator(0.0, each, ((0.0, 0.0), (0.0, 0.0))) for each in (9.0, slope, 9.0))
        return replace(crossed.model, encoder=Encoder(inputs), scorer=Stated(parts, missing), calibrators=calibrators)

    return make


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # contributions of a, b, c …            reasons: longer first, then shorter, each strongest first
        ((0.1, 0.3, 0.2), "+b +c +a"),
        ((-0.1, -0.3, -0.2), "-b -c -a"),
        ((0.1, -0.9, 0.2, -0.3), "+c +a -b -d"),
        ((0.1, 0.2, 0.3, 0.4, 0.5), "+e +d +c"),
        ((0.1, 0.2, 0.3, 0.4, -0.1, -0.2, -0.3, -0.4), "+d +c +b -h -g -f"),
        ((0.05, 0.0499, -0.05, -0.0499), "+a -c"),  # less than 0.05 is not worth words
        ((0.0, 0.0), ""),
    ],
)
def test_at_most_three_reasons_each_way(stating: Any, parts: tuple[float, ...], expected: str) -> None:
    found = reasons(stating(*parts), {})
    assert " ".join(("+" if each.raises else "-") + each.column.name for each in found) == expected
    for each in found:
        assert each.contribution == parts["abcdefghij".index(each.column.name)]


def test_a_reason_is_in_calibrated_log_odds_and_holds_the_value(stating: Any) -> None:
    longer, shorter = reasons(stating(0.2, -0.4, 0.06, slope=0.5), {"a": 7.0})
    assert (longer.column.name, longer.value, longer.contribution) == ("a", 7.0, 0.1)
    assert (shorter.column.name, shorter.value, shorter.contribution) == ("b", None, -0.2)


def test_a_model_that_knows_only_the_share_has_no_reasons(stating: Any) -> None:
    assert reasons(stating(0.2, -0.4, slope=0.0), {}) == ()


@pytest.mark.parametrize("missing", [0.3, -0.3, 2e-6])
def test_an_explanation_that_is_not_exact_is_not_given(stating: Any, missing: float) -> None:
    with pytest.raises(GateError, match="misses the model's margin"):
        reasons(stating(0.2, 0.1, missing=missing), {})


def test_an_input_that_takes_no_part_is_never_a_reason(straight: Trained) -> None:
    row = {"age": 60.0, "gap": 0.0, "skill": "nurse", "noise": 0.0}
    found = {each.column.name: each for each in reasons(straight.model, row)}
    assert {"age", "skill"} <= {name for name, each in found.items() if each.raises}
    assert found["age"].value == 60.0
    assert {each.column.name for each in reasons(straight.model, row | {"age": 20.0}) if not each.raises} == {"age"}


# ---------------------------------------------------------------- importance


@dataclass(frozen=True)
class Codes(Stated):
    """A scorer whose codes are their own contributions."""

    def contributions(self, codes: Floats, place: int) -> Floats:
        return np.column_stack([codes, np.full(len(codes), 100.0)])


def test_importance_is_the_mean_size_of_a_contribution(stating: Any) -> None:
    model = replace(stating(0.0, 0.0, 0.0), scorer=Codes(()))
    found = importance(model, np.array([[1.0, -4.0, 0.0], [-1.0, 2.0, 0.5]]))
    assert list(found.items()) == [("b", 3.0), ("a", 1.0), ("c", 0.25)]


def test_importance_of_many_rows_is_of_some_of_them_the_same_each_time(
    stating: Any, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(explain, "MOST_ROWS", 400)
    model = replace(stating(0.0, 0.0, 0.0), scorer=Codes(()))
    codes = rng.normal(size=(3000, 3)) * [1, 3, 2]
    found = importance(model, codes)
    assert list(found) == ["b", "c", "a"]
    assert found == importance(model, codes)
    assert found["b"] != np.abs(codes[:, 1]).mean() == pytest.approx(found["b"], rel=0.15)


def test_what_makes_the_world_is_what_matters(crossed_world: Cohort, crossed: Trained) -> None:
    found = importance(crossed.model, crossed.model.encoder.frame(crossed_world.features))
    assert set(list(found)[:2]) == {"north", "east"}
