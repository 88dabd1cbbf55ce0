"""Rows of one person are not independent: what they add to a figure is summed before it is squared."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Rows


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
