"""Contributions against Shapley's own definition and shap; whatever the model and the row, they add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import shap
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Cohort, Floats
from ml.models.encode import Encoder
from ml.models.forest import Forest
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.scorers import LinearScorer, TreeScorer
from ml.models.split import spells_of
from ml.models.train import Trained


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


@given(seed=st.integers(0, 2**32 - 1), inputs=st.integers(1, 6), rounds=st.integers(1, 8), leaves=st.integers(2, 12))
@settings(max_examples=40, deadline=None)
def test_trees_of_any_kind_add_up_on_any_row(seed: int, inputs: int, rounds: int, leaves: int) -> None:
    """Rows unlike those of training among them: missing where nothing was, and far away."""
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(120, inputs)).round(1)
    codes[:, 0][rng.random(120) < 0.3] = np.nan
    data = lgb.Dataset(codes, rng.random(120) < 0.4, weight=rng.exponential(size=120), free_raw_data=False)
    settings_ = {"objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 3, "num_threads": 1, "verbosity": -1,
                 "seed": seed % 2**31, "deterministic": True, "force_row_wise": True}  # fmt: skip
    scorer = TreeScorer((Forest(lgb.train(settings_, data, rounds).model_to_string()),))
    rows = rng.normal(size=(50, inputs)) * rng.choice([1, 1e6], (50, inputs))
    rows[rng.random(rows.shape) < 0.2] = np.nan
    np.testing.assert_allclose(scorer.contributions(rows, 0).sum(axis=1), scorer.margins(rows)[:, 0], atol=1e-9)


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
