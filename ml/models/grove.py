"""Many forests of small trees as arrays, asked together about one row: a kept model's and those of all its refits.

LightGBM walks ten thousand small trees in the time that their memory takes to come, each tree from places of its own.
Here every test of every tree is made at once, side by side in memory (QuickScorer; Lucchese et al. 2015): a test that
fails strikes out the leaves on its left, and the leftmost leaf that is left is the tree's. Margins are summed in
LightGBM's order, and so equal LightGBM's to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Floats, Rows

from .forest import Forest

MOST_LEAVES = 16
CATEGORY, DEFAULT_LEFT, MISSING_ZERO, MISSING_NAN = 1, 2, 4, 8  # bits of LightGBM's decision_type
AS_ZERO, LEFT, RIGHT = range(3)  # where a missing value goes: as 0, or one way whatever the threshold is
ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold: what is no farther from 0 is 0
MISSING = np.array([[0.0], [-np.inf], [np.nan]])  # NaN is not above anything, but not below either: it goes right


@dataclass(frozen=True)
class Tree:
    """Tests of a tree: a value at `reads` goes left when it is not above the threshold, else leaves are struck out."""

    reads: tuple[int, ...]  # place of the input among AS_ZERO, LEFT and RIGHT, inputs each
    threshold: tuple[float, ...]
    struck: tuple[int, ...]  # bits of the leaves on the left
    leaves: tuple[float, ...]  # from left to right


NO_TREE = Tree((), (), (), (0.0,))


@dataclass(frozen=True)
class Grove:
    """Trees of forests side by side; the first of each forest, then the second of each, and so on.

    reads, threshold, kept  (tests, trees); `kept` holds the leaves that a test that fails leaves
    start                   (trees,) first leaf of each
    leaves                  all leaves
    """

    forests: int
    inputs: int
    reads: Rows
    threshold: Floats
    kept: NDArray[np.uint16]
    start: Rows
    leaves: Floats

    def margins(self, codes: Floats) -> Floats:
        """Return raw scores of one row, (forests,); codes (1, inputs)."""
        if codes.shape != (1, self.inputs):
            raise ValueError(f"the trees read one row of {self.inputs} inputs, given were {codes.shape}")
        values = np.where(np.isnan(codes), MISSING, np.where(np.abs(codes) > ZERO, codes, 0.0)).ravel()
        holds = values.take(self.reads, mode="clip") <= self.threshold  # nothing to clip: it spares a look at each
        left = np.bitwise_and.reduce(self.kept | -holds.astype(self.kept.dtype), axis=0)
        found = self.leaves.take(self.start + _leftmost(self.kept.itemsize).take(left, mode="clip"), mode="clip")
        return np.asarray(found.reshape(-1, self.forests).sum(axis=0))  # row by row: in the order of the trees


def grove(forests: Sequence[Forest]) -> Grove | None:
    """Return forests of one output as arrays; None where a tree is large, or of a sort that training does not make."""
    inputs = forests[0].inputs
    if any((each.outputs, each.inputs) != (1, inputs) for each in forests):
        return None
    try:
        of_forests = [list(_trees(each)) for each in forests]
    except UnlikeError:
        return None
    trees = [tree for rank in zip_longest(*of_forests, fillvalue=NO_TREE) for tree in rank]
    shape = (max(len(each.reads) for each in trees), len(trees))
    size = max(len(each.leaves) for each in trees)
    full = 2 ** (8 if size <= 8 else MOST_LEAVES) - 1
    # A tree with fewer tests than others has some that hold whatever the row is.
    reads, threshold = np.zeros(shape, dtype=np.int64), np.full(shape, np.inf)
    kept = np.full(shape, full, dtype=np.uint8 if size <= 8 else np.uint16)
    leaves = np.zeros((len(trees), size))
    for place, tree in enumerate(trees):
        tests = len(tree.reads)
        reads[:tests, place], threshold[:tests, place] = tree.reads, tree.threshold
        kept[:tests, place] = [full & ~each for each in tree.struck]
        leaves[place, : len(tree.leaves)] = tree.leaves
    start = np.arange(len(trees), dtype=np.int64) * size
    return Grove(len(forests), inputs, reads, threshold, kept, start, leaves.ravel())


class UnlikeError(Exception):
    """A tree is of a sort that is left to LightGBM."""


def _trees(forest: Forest) -> Iterator[Tree]:
    """Yield the trees of a text. Raises UnlikeError at one that is not small, or not of numbers alone."""
    body, _, _ = forest.text.partition("\nend of trees")
    for block in body.split("\nTree=")[1:]:
        said = dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)
        if int(said["num_leaves"]) > MOST_LEAVES or said["num_cat"] != "0":
            raise UnlikeError
        yield _tree(said, forest.inputs)


def _tree(said: Mapping[str, str], inputs: int) -> Tree:
    order, struck = _shape(said.get("left_child", ""), said.get("right_child", ""))
    kinds, features = said.get("decision_type", "").split(), said.get("split_feature", "").split()
    values = said["leaf_value"].split()
    return Tree(
        tuple(_way(int(kind)) * inputs + int(feature) for kind, feature in zip(kinds, features, strict=True)),
        tuple(map(float, said.get("threshold", "").split())),
        struck,
        tuple(float(values[leaf]) for leaf in order),
    )


def _way(kind: int) -> int:
    """Return where a test sends a missing value."""
    if kind & (CATEGORY | MISSING_ZERO):
        raise UnlikeError
    if not kind & MISSING_NAN:
        return AS_ZERO
    return LEFT if kind & DEFAULT_LEFT else RIGHT


@lru_cache(maxsize=1024)
def _shape(left_child: str, right_child: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a tree's leaves from left to right, and for each test the bits of the leaves on its left."""
    left, right = ([int(each) for each in text.split()] for text in (left_child, right_child))
    if not left:
        return (0,), ()
    order: list[int] = []
    struck = [0] * len(left)

    def walk(node: int) -> None:
        if node < 0:  # LightGBM's word for leaf ~node
            order.append(~node)
            return
        first = len(order)
        walk(left[node])
        struck[node] = 2 ** len(order) - 2**first
        walk(right[node])

    walk(0)
    return tuple(order), tuple(struck)


@lru_cache
def _leftmost(size_bytes: int) -> Rows:
    """Return the place of the lowest bit set of each number of so many bytes."""
    numbers = np.arange(2 ** (8 * size_bytes), dtype=np.int64)
    return np.log2(np.maximum(numbers & -numbers, 1)).astype(np.int64)
