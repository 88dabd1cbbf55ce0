"""Forests against LightGBM's own package: the same to the last bit, from many threads, for as long as they live."""

from __future__ import annotations

import copy
import gc
from concurrent.futures import ThreadPoolExecutor

import lightgbm as lgb
import numpy as np
import pytest

from ml.contracts import Floats
from ml.models.forest import Forest, margins_of_row

INPUTS = 5


def booster(seed: int, classes: int = 1, rounds: int = 20) -> lgb.Booster:
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(400, INPUTS)).round(1)
    codes[rng.random(codes.shape) < 0.2] = np.nan
    target = rng.integers(0, max(classes, 2), 400)
    objective = {"objective": "binary"} if classes == 1 else {"objective": "multiclass", "num_class": classes}
    settings = {**objective, "num_leaves": 6, "min_data_in_leaf": 3, "num_threads": 1, "verbosity": -1, "seed": seed}
    return lgb.train(settings, lgb.Dataset(codes, target), rounds)


@pytest.fixture(scope="module")
def rows() -> Floats:
    rng = np.random.default_rng(9)
    codes = rng.normal(size=(1500, INPUTS)) * rng.choice([1, 1e6], (1500, INPUTS))
    codes[rng.random(codes.shape) < 0.3] = np.nan
    codes[0], codes[1] = np.nan, 0.0
    return codes


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 999, 1500])
def test_a_forest_says_what_lightgbm_says(classes: int, count: int, rows: Floats) -> None:
    oracle = booster(1, classes)
    forest = Forest(oracle.model_to_string())
    assert (forest.inputs, forest.outputs) == (INPUTS, classes)
    if not count:
        assert forest.margins(rows[:0]).shape == (0, classes)
        assert forest.contributions(rows[:0]).shape == (0, classes * (INPUTS + 1))
        return
    raw = np.reshape(oracle.predict(rows[:count], raw_score=True, num_threads=1), (count, classes))
    np.testing.assert_array_equal(forest.margins(rows[:count]), raw)
    np.testing.assert_array_equal(
        forest.contributions(rows[:count]), oracle.predict(rows[:count], pred_contrib=True, num_threads=1)
    )


def test_one_row_is_told_what_many_are_told(rows: Floats) -> None:
    for forest in (Forest(booster(1).model_to_string()), Forest(booster(2, 3).model_to_string())):
        for ask in (forest.margins, forest.contributions):
            alone = np.concatenate([ask(rows[place : place + 1]) for place in range(200)])
            np.testing.assert_array_equal(alone, ask(rows[:200]))
        columns = np.asfortranarray(rows[:3])  # a row of it is not contiguous
        np.testing.assert_array_equal(forest.margins(columns[1:2]), forest.margins(rows[:3])[1:2])


def test_several_forests_of_one_row(rows: Floats) -> None:
    forests = [Forest(booster(seed, classes).model_to_string()) for seed, classes in ((1, 1), (2, 3), (3, 1))]
    expected = np.concatenate([each.margins(rows[:1])[0] for each in forests])
    np.testing.assert_array_equal(margins_of_row(forests, rows[:1]), expected)


def test_rows_of_another_width_are_refused_before_the_library_reads_beyond_them(rows: Floats) -> None:
    forest = Forest(booster(1).model_to_string())
    for ask in (forest.margins, forest.contributions):
        for count in (1, 2):
            with pytest.raises(ValueError, match="the trees read 5 inputs, given were 4"):
                ask(rows[:count, :4])


@pytest.mark.parametrize("text", ["", "not trees", "tree\nversion=v4\nnum_class=1\n"])
def test_what_is_no_forest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Forest(text)


def test_trees_that_cannot_be_explained_are_refused() -> None:
    codes = np.random.default_rng(1).normal(size=(300, INPUTS))
    settings = {"objective": "binary", "linear_tree": True, "num_threads": 1, "verbosity": -1}
    linear = lgb.train(settings, lgb.Dataset(codes, codes[:, 0] > 0, params=settings), 2)
    with pytest.raises(ValueError, match="not implemented for linear trees"):
        Forest(linear.model_to_string())


def test_forests_are_the_same_when_their_texts_are() -> None:
    text = booster(1).model_to_string()
    assert Forest(text) == Forest(text) != Forest(booster(2).model_to_string())
    assert hash(Forest(text)) == hash(Forest(text))


def test_a_copy_lives_on_its_own(rows: Floats) -> None:
    """The library's memory has one owner: freed twice, or used after it was freed, it would end the process."""
    forest = Forest(booster(1).model_to_string())
    expected = forest.margins(rows[:1])
    for _ in range(20):
        other = copy.deepcopy(forest)
        np.testing.assert_array_equal(other.margins(rows[:1]), expected)
        del other
    gc.collect()
    np.testing.assert_array_equal(forest.margins(rows[:1]), expected)
    assert forest.contributions(rows[:1]).sum() == pytest.approx(expected.sum(), abs=1e-9)


def test_many_threads_ask_at_once(rows: Floats) -> None:
    forest = Forest(booster(1, rounds=100).model_to_string())
    margins, parts = forest.margins(rows), forest.contributions(rows)

    def ask(place: int) -> bool:
        row = slice(place, place + 1)
        return bool(
            (forest.margins(rows[row]) == margins[row]).all() and (forest.contributions(rows[row]) == parts[row]).all()
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, [place % len(rows) for place in range(6000)]))
