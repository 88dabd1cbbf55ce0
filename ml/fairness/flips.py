"""What a protected attribute that is an input changes, all else held: direct use, person by person.

It tells what the model does with the attribute, and not what the attribute does to people: other inputs stay as they
are, also those that a life with another value would have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import Bools, Flip, Floats, Interval, Rows
from ml.disclosure import THRESHOLD, redact
from ml.errors import DataError
from ml.measures.clusters import persons_among
from ml.measures.shares import plain_interval, share_interval, weighted_mean

from .groups import UNNAMED
from .shown import share_of

DECIMALS = 3
NAN = Interval(np.nan, np.nan, np.nan)

FEW = "too few people"
ALONE = "everyone is of this group"

Chances = Callable[[pd.DataFrame], Floats]


def flips(
    chances: Chances, inputs: pd.DataFrame, protected: pd.DataFrame, cut: float, person: Rows
) -> tuple[Flip, ...]:
    """Return what setting each protected attribute to the other groups' values would change, all else held.

    chances    inputs, n × inputs → the model's chances, (n,)
    protected  n × attributes that are inputs, too, named alike; names of groups. A group's value is the commonest input
               of its people, of numbers their median; nobody is set to "missing" or "suppressed"
    cut        the chance from which people are flagged; it stays where it is
    person     (n,) rows of one person share a number

    Raises DataError when an attribute is no input, and when rows do not match.
    """
    absent = [str(name) for name in protected.columns if name not in inputs.columns]
    if absent:
        raise DataError(f"flips: {', '.join(map(repr, absent))}: no such input; only what a model reads can be changed")
    if len({len(inputs), len(protected), len(person)}) > 1:
        raise DataError(
            f"flips: {len(inputs)} rows of inputs, {len(protected)} protected rows and {len(person)} persons; "
            "each row needs its own"
        )
    own = chances(inputs)
    return tuple(_flip(chances, own, inputs, protected[name].astype(str), cut, person) for name in protected.columns)


def _flip(chances: Chances, own: Floats, inputs: pd.DataFrame, group: pd.Series, cut: float, person: Rows) -> Flip:
    attribute, names = str(group.name), group.to_numpy(dtype=object)
    values = _values(inputs[attribute], names)
    others = np.sum([names != name for name in values], axis=0, initial=0) * np.ones(len(names))
    if not others.any():
        return Flip(attribute, NAN, NAN, ALONE)
    every = [chances(inputs.assign(**{attribute: value})) for value in values.values()]
    given = np.column_stack([np.where(names == name, own, each) for name, each in zip(values, every, strict=True)])
    flags = np.column_stack([own, given]) >= cut
    distance, turns = np.abs(given - own[:, None]).sum(axis=1), np.asarray(flags.any(axis=1) & ~flags.all(axis=1))
    rows = others > 0
    moved = _moved(distance[rows] / others[rows], person[rows])
    flagged = _flagged(turns[rows], person[rows])
    return Flip(attribute, moved or NAN, flagged or NAN, "" if moved and flagged else FEW)


def _values(column: pd.Series, names: NDArray[np.object_]) -> Mapping[str, float | str]:
    """Return group → the input that stands for it; a group whose input is known of nobody has none."""
    found: dict[str, float | str] = {}
    for name in sorted(set(names) - set(UNNAMED)):
        known = column[names == name].dropna()
        if len(known):
            numbers = pd.api.types.is_numeric_dtype(known)
            found[name] = float(known.median()) if numbers else str(known.mode().iloc[0])
    return found


def _moved(distance: Floats, person: Rows) -> Interval | None:
    """Return the mean distance; None where it is of one to four people, or of all but as many."""
    if not _showable(distance > 0, person):
        return None
    value, error = weighted_mean(distance, np.ones(len(distance)), person)
    told = plain_interval(value, error)
    return _rounded(Interval(value, max(told.low, 0.0), told.high))


def _flagged(turns: Bools, person: Rows) -> Interval | None:
    """Return the share of rows that are flagged with one value and not with another; None as in `_moved`.

    All is made from rounded counts (ml/fairness/shown.py), as if rows of one person told the same.
    """
    if not _showable(turns, person):
        return None
    share = share_of(int(turns.sum()), len(turns))
    people = float(redact(len(np.unique(person))) or THRESHOLD)
    return _rounded(share_interval(share, float(np.sqrt(share * (1 - share) / people)), people))


def _showable(those: Bools, person: Rows) -> bool:
    return all(not 0 < persons_among(side, person) < THRESHOLD for side in (those, ~those))


def _rounded(interval: Interval) -> Interval:
    return Interval(*(round(end, DECIMALS) for end in (interval.value, interval.low, interval.high)))
