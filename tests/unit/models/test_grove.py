"""All trees at once against LightGBM, margins to the last bit; what is not ours to walk is left to it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher

from ml.contracts import Floats
from ml.models.forest import Forest
from ml.models.grove import grove
from ml.models.small_tree import LEAVES
from ml.models.train import Trained
from ml.models.walk import walk

INPUTS = 4


def forest(rng: np.random.Generator, missing: float = 0.3, rounds: int = 6, **more: Any) -> Forest:
    codes = rng.normal(size=(300, INPUTS)).round(1) * rng.choice([1, 100], INPUTS)
    codes[rng.random(codes.shape) < missing] = np.nan
    parameters = {"objective": "binary", "min_data_in_leaf": 3, "num_threads": 1, "verbosity": -1, "num_leaves": 4,
                  "max_depth": 2, "seed": int(rng.integers(2**31)), **more}  # fmt: skip
    data = lgb.Dataset(codes, rng.random(300) < 0.4, params={"verbosity": -1})
    return Forest(lgb.train(parameters, data, rounds).model_to_string())


def rows(rng: np.random.Generator, count: int = 40) -> Floats:
    codes = rng.normal(size=(count, INPUTS)) * rng.choice([0, 1, 100, 1e9], (count, INPUTS))
    codes[rng.random(codes.shape) < 0.4] = np.nan
    codes[0] = np.nan
    return codes


def assert_same(forests: list[Forest], codes: Floats) -> None:
    """Margins, and what each input adds: with a base, as LightGBM's own TreeSHAP has it."""
    found = grove(forests, len(forests))
    assert found is not None
    answered = [found.ask(codes[place : place + 1]) for place in range(len(codes))]
    expected = np.column_stack([each.margins(codes)[:, 0] for each in forests])
    np.testing.assert_array_equal(np.array([each.margins for each in answered]), expected)
    for place, one in enumerate(forests):
        adds = np.array([found.contributions(each, place) for each in answered])
        np.testing.assert_allclose(adds, one.contributions(codes), rtol=0, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    leaves=st.lists(st.integers(2, LEAVES), min_size=1, max_size=4),
    missing=st.sampled_from([0.0, 0.3, 0.95]),
)
def test_a_grove_says_what_lightgbm_says(seed: int, leaves: list[int], missing: float) -> None:
    """Of forests of different sizes; of tests that send missing values left, right, and nowhere of their own."""
    rng = np.random.default_rng(seed)
    forests = [forest(rng, missing, int(rng.integers(1, 9)), num_leaves=each) for each in leaves]
    assert_same(forests, rows(rng))


def test_a_value_at_a_threshold_goes_left() -> None:
    rng = np.random.default_rng(3)
    forests = [forest(rng, num_leaves=4), forest(rng, num_leaves=3)]
    said = [line for each in forests for line in each.text.splitlines() if line.startswith("threshold=")]
    at = {float(each) for line in said for each in line.removeprefix("threshold=").split()}
    codes = np.array([[each] * INPUTS for each in sorted(at) if np.isfinite(each)])
    assert len(codes) > 15
    assert_same(forests, np.concatenate([codes, np.nextafter(codes, np.inf), np.nextafter(codes, -np.inf)]))


def test_trees_of_a_single_leaf() -> None:
    """Where nothing can be split LightGBM makes a tree that says the share to all."""
    rng = np.random.default_rng(4)
    assert_same([forest(rng, min_data_in_leaf=299), forest(rng)], rows(rng))


def test_the_kept_model_and_its_refits(small_trees: Trained) -> None:
    scorers = [small_trees.model.scorer, *(each.scorer for each in small_trees.model.refits)]
    codes = small_trees.codes[:60].copy()
    codes[:20, 0], codes[10:30, 2] = np.nan, np.nan
    assert_same([each for scorer in scorers for each in scorer.forests], codes)


@pytest.mark.parametrize(
    "other",
    [
        lambda rng: forest(rng, num_leaves=LEAVES + 1, max_depth=3, min_data_in_leaf=1, rounds=40),
        lambda rng: forest(rng, num_leaves=LEAVES, max_depth=3, min_data_in_leaf=1, rounds=40),
        lambda rng: forest(rng, zero_as_missing=True),
        lambda rng: Forest(re.sub(r"(?m)^split_feature=\d", f"split_feature={INPUTS}", forest(rng).text)),
    ],
    ids=["large", "deep", "zero is missing", "of an input that there is not"],
)
def test_trees_of_other_sorts_are_left_to_lightgbm(other: Callable[[np.random.Generator], Forest]) -> None:
    rng = np.random.default_rng(5)
    assert grove([forest(rng), other(rng)], 1) is None


def test_nobody_who_asks_waits_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    walk.cache_clear()
    found = grove([forest(np.random.default_rng(7))], 1)
    assert found is not None
    row = np.zeros((1, INPUTS))
    row.setflags(write=False)

    def compiled(*_: Any) -> None:
        raise AssertionError("compiled while somebody asks")

    monkeypatch.setattr(Dispatcher, "compile", compiled)
    for codes in (np.zeros((1, INPUTS)), np.asfortranarray(np.zeros((2, INPUTS)))[:1], row):
        found.contributions(found.ask(codes), 0)


def test_who_has_no_trees_loads_no_compiler() -> None:
    code = "import sys, serving.app, ml.models.grove; print('numba' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_a_row_of_another_width_is_refused() -> None:
    found = grove([forest(np.random.default_rng(6))], 1)
    assert found is not None
    for codes in (np.zeros((1, INPUTS + 1)), np.zeros((2, INPUTS))):
        with pytest.raises(ValueError, match="the trees read one row of 4 inputs"):
            found.ask(codes)
