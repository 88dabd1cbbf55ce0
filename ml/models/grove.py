"""Many forests of small trees as arrays, asked together about one row: a kept model's and those of all its refits.

LightGBM walks ten thousand small trees in the time that their memory takes to come, each tree from places of its own.
Here every test is made once, however many trees ask it; how the tests of a tree came out is the place of its leaf in
one table, and of what its inputs add in another (`walk.py`). Margins are summed in LightGBM's order, and so equal
LightGBM's to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Floats, Rows

from .forest import Forest
from .small_tree import TESTS, WAYS, Leaf, SmallTree, UnlikeError, small_trees
from .walk import MISSING, walk

NO_TREE = SmallTree(Leaf(0.0, 1))
NO_TEST = (0, np.inf)


@dataclass(frozen=True)
class Answered:
    """What the trees say of one row.

    margins  (forests,) raw scores
    left     (tests,) 1 where a test goes left
    """

    margins: Floats
    left: NDArray[np.uint8]


@dataclass(frozen=True)
class Shares:
    """What the inputs of a forest's trees add, on each way.

    inputs  (trees, TESTS) whose the columns of `added` are; beyond the last: of none
    added   (trees, WAYS, TESTS)
    base    mean margin of the training part
    """

    inputs: Rows
    added: Floats
    base: float


@dataclass(frozen=True)
class Grove:
    """Trees of forests side by side; the first of each forest, then the second of each, and so on.

    tests_of   (MISSING, inputs) how many tests read each input, for each sort of missing value
    threshold  (tests,) each test once, in that order
    asked      (trees, TESTS) which of them a tree asks
    leaves     (trees, LEAVES)
    shares     of the forests that are explained, from the first on
    """

    forests: int
    inputs: int
    tests_of: Rows
    threshold: Floats
    asked: NDArray[np.uint32]
    leaves: Floats
    shares: tuple[Shares, ...]

    def ask(self, codes: Floats) -> Answered:
        """Return what the trees say of one row; codes (1, inputs)."""
        if codes.shape != (1, self.inputs):
            raise ValueError(f"the trees read one row of {self.inputs} inputs, given were {codes.shape}")
        left, margins = np.empty(len(self.threshold), dtype=np.uint8), np.empty(self.forests)
        row = np.array(codes[0], dtype=np.float64)  # of our own, as the loop was compiled for
        walk().ask(row, self.tests_of, self.threshold, self.asked, self.leaves, left, margins)
        return Answered(margins, left)

    def contributions(self, answered: Answered, forest: int) -> Floats:
        """Return what each input adds to the margin of a forest, and the base, (inputs + 1,)."""
        shares, added = self.shares[forest], np.empty(self.inputs + 1)
        walk().add(answered.left, self.asked, forest, self.forests, shares.inputs, shares.added, added)
        added[-1] = shares.base
        return added


def grove(forests: Sequence[Forest], explained: int) -> Grove | None:
    """Return forests of one output as arrays; None where a tree is large, or of a sort that training does not make.

    explained  how many of the forests, from the first on, are asked for contributions

    Afterwards nobody who asks waits for a compiler.
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
    asked = np.array([[place.get(test, 0) for test in of_tree] for of_tree in by_tree], dtype=np.uint32)
    reads, threshold = zip(*tests, strict=True)
    walk()
    return Grove(
        len(forests),
        inputs,
        np.bincount(reads, minlength=len(MISSING) * inputs).reshape(len(MISSING), inputs),
        np.array(threshold),
        asked,
        np.array([tree.leaves() for tree in trees]),
        tuple(_shares(each, len(trees) // len(forests), inputs) for each in of_forests[:explained]),
    )


def _shares(trees: Sequence[SmallTree], ranks: int, inputs: int) -> Shares:
    """Return the shares of a forest that stands among others of so many ranks of trees."""
    of, added = np.full((ranks, len(TESTS)), inputs, dtype=np.int64), np.zeros((ranks, WAYS, len(TESTS)))
    for place, tree in enumerate(trees):
        names, shares = tree.shares()
        of[place, : len(names)], added[place, :, : len(names)] = names, shares
    return Shares(of, added, sum(each.base() for each in trees))
