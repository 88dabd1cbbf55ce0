"""A tree of two levels of tests as tables: the leaf for each way in which they come out, and what its inputs add.

What an input adds is path-dependent TreeSHAP (Lundberg et al. 2020) by its definition, as LightGBM has it: the Shapley
value, where a test of an input that is not known goes both ways, by how many training rows went there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import permutations

from .forest import Forest

FIRST, OF_LEFT, OF_RIGHT = TESTS = range(3)  # the first test, and the one on either side of it
LEAVES = 4  # left and right of the test on the left, left and right of the one on the right
WAYS = 2 ** len(TESTS)  # in which the tests may come out: bit i is set where test i goes left
CATEGORY, DEFAULT_LEFT, MISSING_ZERO, MISSING_NAN = 1, 2, 4, 8  # bits of LightGBM's decision_type
AS_ZERO, LEFT, RIGHT = range(3)  # where a missing value goes: as 0, or one way whatever the threshold is


class UnlikeError(Exception):
    """A tree is of a sort that is left to LightGBM."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a tree adds to the margin; `rows`: of the training part that came here."""

    value: float
    rows: int


@dataclass(frozen=True, slots=True)
class Fork:
    """A test of an input: not above the threshold goes left; `missing`: AS_ZERO, LEFT or RIGHT."""

    input: int
    threshold: float
    missing: int
    rows: int
    left: Fork | Leaf
    right: Fork | Leaf


@dataclass(frozen=True, slots=True)
class SmallTree:
    """At most a test, and a test on either side of it."""

    top: Fork | Leaf

    def tests(self) -> tuple[Fork | None, Fork | None, Fork | None]:
        """Return the tests by their place in TESTS; None: there is none, and whatever it said leads to the same."""
        if isinstance(self.top, Leaf):
            return None, None, None
        sides = [each if isinstance(each, Fork) else None for each in (self.top.left, self.top.right)]
        return self.top, sides[0], sides[1]

    def leaves(self) -> list[float]:
        """Return the values of the leaves, (LEAVES,)."""
        sides = [self.top] * 2 if isinstance(self.top, Leaf) else [self.top.left, self.top.right]
        ends = [[each] * 2 if isinstance(each, Leaf) else [each.left, each.right] for each in sides]
        return [each.value for two in ends for each in two if isinstance(each, Leaf)]

    def base(self) -> float:
        """Return the mean of the training part."""
        return _mean(self.top, FIRST, 0, frozenset())

    def shares(self) -> tuple[list[int], list[list[float]]]:
        """Return the inputs that the tests are of, and what each adds on each way, (WAYS, inputs of the tests)."""
        inputs = sorted({each.input for each in self.tests() if each is not None})
        orders = list(permutations(inputs))

        def of_way(way: int) -> list[float]:
            mean = cache(lambda known: _mean(self.top, FIRST, way, known))
            added = dict.fromkeys(inputs, 0.0)
            for order in orders:
                known: frozenset[int] = frozenset()
                for each in order:
                    added[each] += mean(known | {each}) - mean(known)
                    known |= {each}
            return [added[each] / len(orders) for each in inputs]

        return inputs, [of_way(way) for way in range(WAYS)]


def small_trees(forest: Forest) -> list[SmallTree]:
    """Return the trees of a text. Raises UnlikeError at one that is not small, or not of numbers alone."""
    body, _, _ = forest.text.partition("\nend of trees")
    blocks = body.split("\nTree=")[1:]
    said = [dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line) for block in blocks]
    return [_tree(each, forest.inputs) for each in said]


def _mean(at: Fork | Leaf, place: int, way: int, known: frozenset[int]) -> float:
    """Return the mean of a tree from a test on, where the tests of some inputs come out that way."""
    if isinstance(at, Leaf):
        return at.value
    if at.input in known:
        return _mean(at.left, OF_LEFT, way, known) if way >> place & 1 else _mean(at.right, OF_RIGHT, way, known)
    left, right = _mean(at.left, OF_LEFT, way, known), _mean(at.right, OF_RIGHT, way, known)
    return (at.left.rows * left + at.right.rows * right) / at.rows


def _tree(said: Mapping[str, str], inputs: int) -> SmallTree:
    if int(said["num_leaves"]) > LEAVES or said["num_cat"] != "0":
        raise UnlikeError
    values, rows = said["leaf_value"].split(), said.get("leaf_count", "0").split()
    leaves = [Leaf(float(value), int(count)) for value, count in zip(values, rows, strict=True)]
    names = ("split_feature", "threshold", "decision_type", "internal_count", "left_child", "right_child")
    tests = list(zip(*(said.get(name, "").split() for name in names), strict=True))

    def at(place: int, above: int) -> Fork | Leaf:
        if place < 0:  # LightGBM's word for leaf ~place
            return leaves[~place]
        if above == 2:
            raise UnlikeError
        input, threshold, kind, count, left, right = tests[place]
        if not 0 <= int(input) < inputs:  # LightGBM reads such a text
            raise UnlikeError
        sides = at(int(left), above + 1), at(int(right), above + 1)
        return Fork(int(input), float(threshold), _missing(int(kind)), int(count), *sides)

    return SmallTree(at(0 if tests else -1, 0))


def _missing(kind: int) -> int:
    """Return where a test sends a missing value."""
    if kind & (CATEGORY | MISSING_ZERO):
        raise UnlikeError
    if not kind & MISSING_NAN:
        return AS_ZERO
    return LEFT if kind & DEFAULT_LEFT else RIGHT
