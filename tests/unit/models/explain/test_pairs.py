"""Interactions against their definition over all subsets, and only where a model can have any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from ml.contracts import Cohort, Floats
from ml.errors import GateError
from ml.models.explain.pairs import Interactions, interactions, why_none
from ml.models.scorers import TreeScorer
from ml.models.train import Trained


def expectation(node: Mapping[str, Any], row: Floats, known: frozenset[int]) -> float:
    """Return what a tree of numbers says when only some inputs are known."""
    if "leaf_value" in node:
        return float(node["leaf_value"])
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        goes_left = bool(row[node["split_feature"]] <= node["threshold"])
        return expectation(left if goes_left else right, row, known)
    counts = [child.get("leaf_count", child.get("internal_count")) for child in (left, right)]
    return float(np.average([expectation(child, row, known) for child in (left, right)], weights=counts))


def by_definition(booster: lgb.Booster, row: Floats, pair: tuple[int, int]) -> float:
    """Return what a pair adds beyond its two inputs (Lundberg & al. 2020: Shapley interaction index)."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    m, others = len(row), [each for each in range(len(row)) if each not in pair]
    total = 0.0
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(m - size - 2) / factorial(m - 1)
        for known in map(frozenset, combinations(others, size)):
            worth = [
                sum(expectation(tree, row, known | added) for tree in trees)
                for added in (frozenset(pair), frozenset(pair[:1]), frozenset(pair[1:]), frozenset[int]())
            ]
            total += weight * (worth[0] - worth[1] - worth[2] + worth[3])
    return total


def test_interactions_are_those_of_the_definition(crossed_world: Cohort, crossed: Trained) -> None:
    model = crossed.model
    codes = model.encoder.frame(crossed_world.features)
    codes = codes[~np.isnan(codes).any(axis=1)][:6]
    found = interactions(model, codes)
    for pair in ((0, 1), (0, 2), (1, 2)):
        oracle = np.mean([abs(by_definition(model.scorer.boosters[model.place], row, pair)) for row in codes])
        assert found.strength[pair] == pytest.approx(oracle, abs=1e-9)
        assert found.strength[pair[::-1]] == pytest.approx(found.strength[pair], rel=1e-12)
    assert found.rows == 6
    assert (np.diagonal(found.strength) == 0).all()


def test_the_pair_that_makes_the_world_is_the_strongest(crossed_world: Cohort, crossed: Trained) -> None:
    """Exclusive or of north and east: together they say what neither says alone."""
    found = interactions(crossed.model, crossed.model.encoder.frame(crossed_world.features))
    assert [found.names[place] for place in found.strongest(1)[0]] == ["north", "east"]
    assert found.strength[0, 1] > 3 * found.alone[:2].max()


def test_of_strongest_pairs_none_is_told_that_adds_nothing() -> None:
    strength = np.array([[0.0, 0.1, 0.0], [0.1, 0.0, 0.3], [0.0, 0.3, 0.0]])
    found = Interactions(("a", "b", "c"), strength, np.zeros(3), 9)
    assert found.strongest(9) == [(1, 2), (0, 1)]
    assert found.strongest(1) == [(1, 2)]


def test_a_line_has_none_and_says_why(straight_world: Cohort, straight: Trained) -> None:
    reason = why_none(straight.model.scorer)
    assert reason == "a model of kind logistic is a sum of what each input says alone: it has no interactions"
    with pytest.raises(ValueError, match="has no interactions"):
        interactions(straight.model, straight.model.encoder.frame(straight_world.features))


def test_trees_may_have_some(crossed: Trained) -> None:
    assert why_none(crossed.model.scorer) is None


def test_rows_that_lack_what_training_never_lacked_are_left_out(crossed_world: Cohort, crossed: Trained) -> None:
    codes = crossed.model.encoder.frame(crossed_world.features)[:40]
    codes[:7, 0] = np.nan
    assert not crossed.model.encoder.inputs[0].missing_seen
    assert crossed.model.encoder.inputs[2].missing_seen
    assert interactions(crossed.model, codes).rows == 33


@dataclass(frozen=True)
class Other(TreeScorer):
    """Trees beside which another booster explains and scores."""

    other: TreeScorer | None = None

    def margins(self, codes: Floats) -> Floats:
        assert self.other is not None
        return self.other.margins(codes)

    def contributions(self, codes: Floats, place: int) -> Floats:
        assert self.other is not None
        return self.other.contributions(codes, place)


def test_interactions_that_do_not_sum_to_the_contributions_are_not_given(
    crossed_world: Cohort, crossed: Trained
) -> None:
    scorer = crossed.model.scorer
    assert isinstance(scorer, TreeScorer)
    codes = crossed.model.encoder.frame(crossed_world.features)[:20]
    off = Other(scorer.forests[::-1] if crossed.model.place != 1 else (*scorer.forests[1:], scorer.forests[0]), scorer)
    with pytest.raises(GateError, match="interactions miss the contributions"):
        interactions(replace(crossed.model, scorer=off), codes)
