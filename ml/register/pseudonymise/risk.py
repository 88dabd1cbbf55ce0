"""What risk of recognition remains in pseudonymised data, measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.disclosure import redact
from ml.register.pseudonymise.generalise import count_persons
from ml.register.pseudonymise.ladder import Numbers

_STIR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Risk:
    """The remaining risk; shares are of people, from counts as they may be shown.

    combinations      how many combinations of recognisable facts the output holds
    smallest          people of the rarest combination, rounded; None when under 5 (a smaller k was asked for)
    mean              mean number of people a combination
    prosecutor_max    highest chance to pick a known person's row by one row of facts: 1 / k
    prosecutor_mean   mean of that chance over people's rows
    versions_under_k  share of people whose successive facts, joined by the pseudonym, fewer than k people share
    unique_histories  share of people with employment codes whose sequence of first days nobody else has
    """

    combinations: int
    smallest: int | None
    mean: float
    prosecutor_max: float
    prosecutor_mean: float
    versions_under_k: float | None
    unique_histories: float | None


def remaining_risk(classes: Numbers, persons: Numbers, valid_from: Numbers, history: Risky, k: int) -> Risk:
    """Return the risk that remains in the output.

    classes, persons, valid_from  of each row of jobseekers; days since 1970
    history                       persons and first days of each employment code
    """
    people = count_persons(classes, persons)
    pairs = float(people.sum())
    alike = _sharing(persons, valid_from, classes)
    unique = _sharing(history.persons, history.days, history.days)
    return Risk(
        combinations=len(people),
        smallest=redact(int(people.min())),
        mean=round(float(people.mean()), 1),
        prosecutor_max=round(1 / k, 4),
        prosecutor_mean=round(len(people) / pairs, 4),
        versions_under_k=shown_share(int((alike < k).sum()), len(alike)),
        unique_histories=shown_share(int((unique == 1).sum()), len(unique)),
    )


@dataclass(frozen=True)
class Risky:
    """Events that stay exact: whose, and on which day since 1970."""

    persons: Numbers
    days: Numbers


def shown_share(count: int, total: int) -> float | None:
    """Return a share of people as it may be shown, of counts as they may be shown; None when one may not."""
    part, whole = redact(count), redact(total)
    return None if part is None or not whole else round(min(part / whole, 1), 4)


def _sharing(persons: Numbers, order: Numbers, values: Numbers) -> Numbers:
    """Return for each person that has rows how many people have the same sequence of values, in that order."""
    if not len(persons):
        return np.zeros(0, dtype=np.int64)
    sort = np.lexsort((values, order, persons))
    owner = persons[sort]
    first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    place = np.arange(len(owner)) - np.repeat(first, np.diff(np.r_[first, len(owner)]))
    sequence = np.add.reduceat(_stirred(_stirred(values[sort].astype(np.uint64)) + place.astype(np.uint64)), first)
    _, which, count = np.unique(sequence, return_inverse=True, return_counts=True)
    return np.asarray(count[which], dtype=np.int64)


def _stirred(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 64-bit numbers mixed so well that sums of them tell sequences apart (Steele et al. 2014, SplitMix64)."""
    mixed = numbers + _STIR
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
