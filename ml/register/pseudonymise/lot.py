"""Companions: who keeps a coarser value so that the few who must are not recognised by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def companions(classes: Numbers, child: Numbers, people: Numbers, lot: Numbers, gains: Flags, k: int) -> Flags:
    """Return the rows that could gain detail and do not, so that the rest of each class has at least k people.

    classes  number of each row's class before the split
    child    number of each row's (class, value) after it
    people   people of each child
    lot      number of each row's person; the smallest are drawn first
    gains    rows whose value at least k people of the class share
    """
    kept = np.zeros(len(classes), dtype=bool)
    rest = _rest(classes, lot, gains)
    short = (rest > 0) & (rest < k)
    if not short.any():
        return kept
    most, least = _extremes(classes, child, people, gains, len(rest))
    lacking = np.where(short, k - rest, 0)
    whole = short & (people[most] < k + lacking)  # drawing some would leave fewer than k behind
    kept |= gains & whole[classes] & (child == least[classes])
    drawn = short & ~whole
    candidates = np.flatnonzero(gains & drawn[classes] & (child == most[classes]))
    kept[_drawn(candidates, classes, lot, gains, lacking)] = True
    return kept


def _rest(classes: Numbers, lot: Numbers, gains: Flags) -> Numbers:
    """Return how many people of each class do not gain."""
    pairs = np.unique(_pairs(classes, lot)[~gains])
    return np.bincount(pairs // _width(lot), minlength=int(classes.max()) + 1)


def _extremes(classes: Numbers, child: Numbers, people: Numbers, gains: Flags, count: int) -> tuple[Numbers, Numbers]:
    """Return for each class the child with most and that with fewest people, of those that gain.

    Of equals the one with the lower number: that of the text that sorts first.
    """
    numbers, first = np.unique(child[gains], return_index=True)
    of_class = classes[gains][first]
    most, least = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    rising = np.lexsort((-numbers, people[numbers]))
    most[of_class[rising]] = numbers[rising]  # the last one written stays
    falling = np.lexsort((-numbers, -people[numbers]))
    least[of_class[falling]] = numbers[falling]
    return most, least


def _drawn(candidates: Numbers, classes: Numbers, lot: Numbers, gains: Flags, lacking: Numbers) -> Numbers:
    """Return the candidates whose person is among the first of its class by lot, as many people as are lacking."""
    pairs = _pairs(classes, lot)
    candidates = candidates[~np.isin(pairs[candidates], pairs[~gains])]  # who is in the rest already adds nobody
    distinct, person = np.unique(pairs[candidates], return_inverse=True)
    of_class = distinct // _width(lot)
    place = np.arange(len(distinct)) - np.searchsorted(of_class, of_class)
    return candidates[(place < lacking[of_class])[person]]


def _pairs(classes: Numbers, lot: Numbers) -> Numbers:
    return classes * _width(lot) + lot


def _width(lot: Numbers) -> int:
    return int(lot.max(initial=0)) + 1
