"""A rate of people, as it may be shown, and what each of them moves it by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Bools, Floats, Interval, Predictions
from ml.disclosure import ROUNDING, THRESHOLD
from ml.measures.clusters import effective_persons, standard_error
from ml.measures.shares import plain_interval, share_interval

Names = NDArray[np.str_]


@dataclass(frozen=True)
class Judged:
    """The people on whom mitigations are compared, a row each.

    people     what came true, with weights; the score is not asked
    group      (n,) names of one attribute's groups
    reference  the group that others are compared with
    fewest     people with the outcome in question, in a group and in the reference, below which nothing is said
    """

    people: Predictions
    group: Names
    reference: str
    fewest: int


@dataclass(frozen=True)
class Rate:
    """A rate, with what each row moves it by, and the people it is of.

    value  as rounded counts give it
    hits   people who count towards it, of `of`, unweighted; effective: people of equal weight who would say as much
    """

    value: float
    influence: Floats
    hits: int
    of: int
    effective: float

    @property
    def rounding(self) -> float:
        """Return by how much rounding may have moved the value."""
        return ROUNDING / 2 / self.of if self.of else 0.0

    @property
    def showable(self) -> bool:
        """Whether it gives away no count from one to four, of hits or of the others."""
        return all(count == 0 or count >= THRESHOLD for count in (self.hits, self.of - self.hits))


def rate_of(judged: Judged, hit: Bools, among: Bools) -> Rate:
    """Return the weighted share of hits among some rows whose outcome is known."""
    weight = np.where(among, judged.people.weight, 0.0)
    among = weight > 0
    total = float(weight.sum())
    if total == 0:
        return Rate(np.nan, np.full(len(hit), np.nan), 0, 0, 0.0)
    value = float(np.sum(weight * hit) / total)
    effective = effective_persons(weight, judged.people.person)
    of = int(among.sum())
    return Rate(rounded(value, of), weight * (hit - value) / total, int(np.sum(hit & among)), of, effective)


def rounded(share: float, of: int) -> float:
    """Return a share of so many people as rounded counts give it."""
    steps = max(round(of / ROUNDING), 1)
    return min(round(share * of / ROUNDING) / steps, 1.0)


def interval_of(rate: Rate, people: Predictions) -> Interval:
    """Return a rate with its 95 % interval."""
    return share_interval(rate.value, float(standard_error(rate.influence, people.person)), rate.effective)


def difference(value: float, influence: Floats, rounding: float, people: Predictions) -> Interval:
    """Return a paired difference of rounded figures; where nobody is treated otherwise it is none, and sure."""
    if not influence.any():
        return Interval(value, value, value)
    plain = plain_interval(value, float(standard_error(influence, people.person)))
    return Interval(value, plain.low - rounding, plain.high + rounding)
