"""Rows of one person are not independent: what they add to a figure is summed before it is squared."""

from __future__ import annotations

import numpy as np

from ml.contracts import Bools, Floats, Rows


def by_person(influence: Floats, person: Rows) -> Floats:
    """Return the sums of the rows of each person, (persons,) or (persons, k); rows as they are where none share one.

    influence  (n,) or (n, k), what each row adds to one figure or to several
    person     (n,) rows of one person share a number

    The squares of the sums make the variance that holds when persons, not rows, are drawn (Liang & Zeger 1986).
    """
    persons, place = np.unique(person, return_inverse=True)
    if len(persons) == len(person):
        return influence
    if influence.ndim == 1:
        return np.bincount(place, weights=influence).astype(np.float64)
    return np.column_stack([np.bincount(place, weights=column) for column in influence.T])


def standard_error(influence: Floats, person: Rows) -> Floats:
    """Return the standard error of a figure, or of k figures: () or (k,); influences are as in `by_person`."""
    return np.asarray(np.sqrt(np.sum(by_person(influence, person) ** 2, axis=0)))


def effective_persons(weight: Floats, person: Rows) -> float:
    """Return how many persons of equal weight would say as much (Kish 1965); 0 where nothing weighs."""
    total = by_person(weight, person)
    return float(total.sum() ** 2 / np.sum(total**2)) if total.any() else 0.0


def persons_among(rows: Bools, person: Rows) -> int:
    """Return how many persons have one of the rows."""
    return len(np.unique(person[rows]))
