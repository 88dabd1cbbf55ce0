"""Detail for those who share it with enough others: k-anonymity by local recoding from the top.

Everybody starts in one class in which every attribute is suppressed. Step by step (`attributes.STEPS`, what is needed
most first) each class is split by the values of one attribute at one level. A value that at least k people of the
class share becomes a class of its own; the rest keep the coarser value. Should the rest be fewer than k, companions
join it: just as many people of the most common value as are lacking, drawn by lot, or, where that would leave too
few behind, all people of the rarest value that has its own class. So each class holds at least k people after every
step, which is k-anonymity (Samarati and Sweeney 1998), and nothing is ever given out and taken back.

People are counted, not rows: several versions of one person's facts are one person. The lot does not depend on the
key of pseudonyms nor on the order of rows, so that data of another key differs in nothing but pseudonyms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.errors import DataError
from ml.register.pseudonymise.attributes import STEPS, Step
from ml.register.pseudonymise.ladder import Ladder, Numbers
from ml.register.pseudonymise.lot import companions

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Generalised:
    """How much detail each row may carry.

    levels   attribute → level a row; 0 is suppressed
    classes  number of a row's class, 0 … classes - 1: all rows of one class carry the same texts
    """

    levels: dict[str, NDArray[np.int8]]
    classes: Numbers


def generalise(
    ladders: Sequence[Ladder], persons: Numbers, k: int, rng: np.random.Generator, steps: Sequence[Step] = STEPS
) -> Generalised:
    """Return the levels at which every combination of texts is shared by at least k persons.

    persons  number of the person of each row, 0 … n - 1, in an order that tells nothing of pseudonyms or rows

    Raises DataError when there are fewer than k persons.
    """
    there_are = len(np.unique(persons))
    if there_are < k:
        raise DataError(f"jobseekers: fewer than {k} people; no combination of facts can be shared by {k}")
    by_name = {ladder.name: ladder for ladder in ladders}
    levels = {name: np.zeros(len(persons), dtype=np.int8) for name in by_name}
    classes = np.zeros(len(persons), dtype=np.int64)
    lot = rng.permutation(int(persons.max()) + 1)[persons]
    for step in steps:
        rows = np.flatnonzero(_ready(step, levels)) if step.attribute in by_name else np.zeros(0, dtype=int)
        if not len(rows):
            continue
        children = by_name[step.attribute].codes[step.level][rows].astype(np.int64)
        gains, child = _split(classes[rows], children, lot[rows], k)
        levels[step.attribute][rows[gains]] = step.level
        classes[rows[gains]] = classes.max() + 1 + child[gains]
        classes = _dense(classes)
    return Generalised(levels, _same_texts(ladders, levels))


def _ready(step: Step, levels: dict[str, NDArray[np.int8]]) -> Flags:
    """Return the rows whose attribute is one level coarser and whose other attribute is fine enough."""
    ready = levels[step.attribute] == step.level - 1
    if step.given and step.given[0] in levels:
        ready &= levels[step.given[0]] >= step.given[1]
    return np.asarray(ready)


def _split(classes: Numbers, children: Numbers, persons: Numbers, k: int) -> tuple[Flags, Numbers]:
    """Return which rows gain the detail, and the number of each row's (class, child)."""
    child = _dense(classes * (int(children.max(initial=0)) + 1) + children)
    people = count_persons(child, persons)
    gains = people[child] >= k
    return gains & ~companions(classes, child, people, persons, gains, k), child


def count_persons(groups: Numbers, persons: Numbers) -> Numbers:
    """Return the number of distinct persons of each group 0 … max."""
    pairs = np.unique(groups * (int(persons.max(initial=0)) + 1) + persons)
    return np.bincount(pairs // (int(persons.max(initial=0)) + 1), minlength=int(groups.max(initial=-1)) + 1)


def _dense(numbers: Numbers) -> Numbers:
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _same_texts(ladders: Sequence[Ladder], levels: dict[str, NDArray[np.int8]]) -> Numbers:
    """Return the classes of rows that carry the same texts, whatever their levels."""
    classes = np.zeros(len(next(iter(levels.values()))), dtype=np.int64)
    for ladder in ladders:
        texts = ladder.codes[levels[ladder.name], np.arange(len(classes))]
        classes = _dense(classes * len(ladder.texts) + texts)
    return classes
