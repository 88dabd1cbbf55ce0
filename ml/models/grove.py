"""Many forests of small trees as arrays, asked together about one row: a kept model's and those of all its refits.

LightGBM walks ten thousand small trees in the time that their memory takes to come, each tree from places of its own.
Here every test is made once, however many trees ask it; how the tests of a tree came out is the place of its leaf in
one table, and of what its inputs add in another. Margins are summed in LightGBM's order, and so equal LightGBM's to the
last bit. What one row costs is the memory that must come: a megabyte here is most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Floats, Rows

from .forest import Forest
from .small_tree import LEAVES, TESTS, WAYS, Leaf, SmallTree, UnlikeError, small_trees

ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold: what is no farther from 0 is 0
MISSING = np.array([[0.0], [-np.inf], [np.nan]])  # AS_ZERO, LEFT, RIGHT: NaN is not above anything, nor below either
NO_TREE = SmallTree(Leaf(0.0, 1))
NO_TEST = (0, np.inf)
BITS = np.array([1 << each for each in TESTS], dtype=np.uint8)


@dataclass(frozen=True)
class Answered:
    """What the trees say of one row.

    margins  (forests,) raw scores
    left     (tests, trees) 1 where a test of a tree goes left
    """

    margins: Floats
    left: NDArray[np.uint8]


@dataclass(frozen=True)
class Shares:
    """What the inputs of a forest's trees add, on each way.

    inputs  (trees × tests,) whose the columns of `added` are, tree by tree; beyond the last: of none
    added   (trees × WAYS, tests)
    first   (trees,) first row of each
    base    mean margin of the training part
    """

    inputs: Rows
    added: Floats
    first: Rows
    base: float


@dataclass(frozen=True)
class Grove:
    """Trees of forests side by side; the first of each forest, then the second of each, and so on.

    reads, threshold  (tests,) each test once; `reads`: place among the inputs, for each sort of missing value
    asked             (tests, trees) which of them a tree asks
    leaves            (trees × LEAVES,)
    first             (trees,) first leaf of each
    shares            of the forests that are explained, from the first on
    """

    forests: int
    inputs: int
    reads: Rows
    threshold: Floats
    asked: Rows
    leaves: Floats
    first: Rows
    shares: tuple[Shares, ...]

    def ask(self, codes: Floats) -> Answered:
        """Return what the trees say of one row; codes (1, inputs)."""
        if codes.shape != (1, self.inputs):
            raise ValueError(f"the trees read one row of {self.inputs} inputs, given were {codes.shape}")
        values = np.where(np.isnan(codes), MISSING, np.where(np.abs(codes) > ZERO, codes, 0.0)).ravel()
        # There is nothing to clip: it spares a look at each place.
        goes_left = (values.take(self.reads, mode="clip") <= self.threshold).view(np.uint8)
        left = goes_left.take(self.asked, mode="clip")
        first, of_left, of_right = left
        # first ? 1 - of_left : 3 - of_right, without a branch: which way a test goes, no processor foresees.
        leaf = 3 - of_right - first * (2 + of_left - of_right)
        found = self.leaves.take(self.first + leaf, mode="clip").reshape(-1, self.forests)
        return Answered(np.asarray(found.sum(axis=0)), left)  # row by row: in the order of the trees

    def contributions(self, answered: Answered, forest: int) -> Floats:
        """Return what each input adds to the margin of a forest, and the base, (inputs + 1,)."""
        shares = self.shares[forest]
        ways = BITS @ answered.left[:, forest :: self.forests]
        added = shares.added.take(shares.first + ways, axis=0, mode="clip")
        found: Floats = np.asarray(np.bincount(shares.inputs, added.ravel(), self.inputs + 1), dtype=np.float64)
        found[-1] = shares.base
        return found


def grove(forests: Sequence[Forest], explained: int) -> Grove | None:
    """Return forests of one output as arrays; None where a tree is large, or of a sort that training does not make.

    explained  how many of the forests, from the first on, are asked for contributions
    """
    inputs = forests[0].inputs
    if any((each.outputs, each.inputs) != (1, inputs) for each in forests):
        return None
    try:
        of_forests = [small_trees(each) for each in forests]
    except UnlikeError:
        return None
    trees: list[SmallTree] = [tree for rank in zip_longest(*of_forests, fillvalue=NO_TREE) for tree in rank]
    by_tree = [
        [None if test is None else (test.missing * inputs + test.input, test.threshold) for test in tree.tests()]
        for tree in trees
    ]
    tests = sorted({test for of_tree in by_tree for test in of_tree if test is not None} or {NO_TEST})
    place: dict[tuple[int, float] | None, int] = {test: place for place, test in enumerate(tests)}
    # Where there is no test, either way leads to the same leaf.
    asked = np.array([[place.get(test, 0) for test in of_tree] for of_tree in by_tree], dtype=np.int64).T
    reads, threshold = zip(*tests, strict=True)
    return Grove(
        len(forests),
        inputs,
        np.array(reads, dtype=np.int64),
        np.array(threshold),
        np.ascontiguousarray(asked),
        np.array([tree.leaves() for tree in trees]).ravel(),
        _first(len(trees), LEAVES),
        tuple(_shares(each, len(trees) // len(forests), inputs) for each in of_forests[:explained]),
    )


def _shares(trees: Sequence[SmallTree], ranks: int, inputs: int) -> Shares:
    """Return the shares of a forest that stands among others of so many ranks of trees."""
    of, added = np.full((ranks, len(TESTS)), inputs, dtype=np.int64), np.zeros((ranks, WAYS, len(TESTS)))
    for place, tree in enumerate(trees):
        names, shares = tree.shares()
        of[place, : len(names)], added[place, :, : len(names)] = names, shares
    return Shares(of.ravel(), added.reshape(-1, len(TESTS)), _first(ranks, WAYS), sum(each.base() for each in trees))


def _first(trees: int, each: int) -> Rows:
    return np.arange(trees, dtype=np.int64) * each
