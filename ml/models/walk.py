"""The two loops of a grove, over every tree once; compiled by Numba, for a tree takes a nanosecond or two.

NumPy needs eight steps for them, and writes down what each one found: what it reads and writes is twice what the cache
beside a processor holds, and all that is asked next has to come from memory again.
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
    """Return the loops. The first call of each takes a fifth of a second, so a model asks once when it is loaded."""
    from numba import njit  # it takes 60 MB: nobody has it who has no trees

    return Walk(njit(ask), njit(add))


def ask(codes: Any, reads: Any, threshold: Any, asked: Any, leaves: Any, left: Any, margins: Any) -> None:
    """Fill in which tests go left, (tests,), and the sum of the leaves of each forest, (forests,).

    All else as `Grove` has it; codes (inputs,). Leaves are summed in LightGBM's order, to the last bit.
    """
    test = 0
    for place in range(len(reads)):
        code = codes[place % len(codes)]
        value = MISSING[place // len(codes)] if isnan(code) else code if abs(code) > ZERO else 0.0
        for _ in range(reads[place]):
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
    inputs  (ranks, tests), shares (ranks, WAYS, tests) of the forest, as `Shares` has them
    """
    added[:] = 0.0
    for rank in range(len(inputs)):
        tree = rank * forests + forest
        way = left[asked[tree, 0]] + 2 * left[asked[tree, 1]] + 4 * left[asked[tree, 2]]
        for each in range(inputs.shape[1]):
            added[inputs[rank, each]] += shares[rank, way, each]
