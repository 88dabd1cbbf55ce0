"""The two loops of a grove, over every tree once; compiled by Numba, for a tree takes a nanosecond or two.

NumPy needs eight steps for them, and writes down what each one found: what it reads and writes is twice what the cache
beside a processor holds, and all that is asked next has to come from memory again.

A place beyond an array is not noticed here: `grove` makes none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import isnan
from typing import Any

import numpy as np

ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold: what is no farther from 0 is 0
MISSING = (0.0, -np.inf, np.nan)  # AS_ZERO, LEFT, RIGHT: NaN is not above anything, nor below either


@dataclass(frozen=True)
class Walk:
    """Both loops, compiled: `ask` and `add` below."""

    ask: Callable[..., None]
    add: Callable[..., None]


@cache
def walk() -> Walk:
    """Return the loops, compiled for arrays as `Grove` has them: for the first to ask in a process it takes a while."""
    from numba import njit  # slow to load, and large: for those alone who have trees

    return Walk(
        njit("void(f8[::1], i8[:, ::1], f8[::1], u4[:, ::1], f8[:, ::1], u1[::1], f8[::1])")(ask),
        njit("void(u1[::1], u4[:, ::1], i8, i8, i8[:, ::1], f8[:, :, ::1], f8[::1])")(add),
    )


def ask(codes: Any, tests_of: Any, threshold: Any, asked: Any, leaves: Any, left: Any, margins: Any) -> None:
    """Fill in which tests go left, (tests,), and the sum of the leaves of each forest, (forests,).

    All else as `Grove` has it; codes (inputs,). Leaves are summed in LightGBM's order, to the last bit.
    """
    test = 0
    for sort in range(len(MISSING)):
        for place in range(len(codes)):
            code = codes[place]
            value = MISSING[sort] if isnan(code) else code if abs(code) > ZERO else 0.0
            for _ in range(tests_of[sort, place]):
                left[test] = value <= threshold[test]
                test += 1
    margins[:] = 0.0
    tree = 0
    while tree < len(asked):
        for forest in range(len(margins)):
            first, of_left, of_right = left[asked[tree, 0]], left[asked[tree, 1]], left[asked[tree, 2]]
            # first ? 1 - of_left : 3 - of_right, without a branch: which way a test goes, no processor foresees.
            margins[forest] += leaves[tree, 3 - of_right - first * (2 + of_left - of_right)]
            tree += 1


def add(left: Any, asked: Any, forest: int, forests: int, inputs: Any, shares: Any, added: Any) -> None:
    """Fill in what each input adds to the margin of a forest, (inputs + 1,); the last is what no input does.

    left    which tests go left, as `ask` found it
    inputs  (trees, TESTS), shares (trees, WAYS, TESTS) of the forest, as `Shares` has them
    """
    added[:] = 0.0
    for rank in range(len(inputs)):
        tree = rank * forests + forest
        way = left[asked[tree, 0]] + 2 * left[asked[tree, 1]] + 4 * left[asked[tree, 2]]
        for each in range(inputs.shape[1]):
            added[inputs[rank, each]] += shares[rank, way, each]
