"""Whether groups differ where they should be alike: outcomes at equal predicted risk, chances at equal outcome.

Outcomes at equal risk tell whether a chance means the same for everyone (sufficiency). Chances at equal outcome tell
who among those that fared alike was scored higher (separation). Where groups fare differently, no model that can err
holds both (Chouldechova 2017, Big Data 5:153; Kleinberg et al. 2017): a difference of either kind is to be
understood, and is no verdict.

People of one fifth of predicted risk are not of equal risk yet: in the highest, one group may stand higher than
another. Within each fifth the outcome is therefore regressed on the group and on the predicted risk, with a line of
its own (Frisch & Waugh 1933), so that no scale of the chances has to be right. Over all fifths, with one coefficient
of the group, that is the risk difference of Mantel and Haenszel where risks within a fifth are equal. Standard errors
are of the influence of each row, summed by person; censoring weights are taken as given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.contracts import Bools, Conditional, Floats, Interval, Predictions, Rows
from ml.disclosure import ROUNDING, THRESHOLD
from ml.errors import DataError
from ml.measures.clusters import persons_among, standard_error
from ml.measures.shares import plain_interval

from .groups import REST, Grouping, grouping

FEWEST = 30  # people on either side
OVERLAP = 0.01  # of the group's spread that the predicted risk must leave open: else nobody is of equal risk
DECIMALS = 3


@dataclass(frozen=True)
class Pair:
    """The rows of a group and of its reference whose outcome is known.

    member  (n,) who is of the group
    fifth   (n,) of predicted risk
    """

    people: Predictions
    member: Bools
    fifth: Rows

    def __getitem__(self, rows: Bools) -> Pair:
        """Return some of the rows."""
        return Pair(self.people[rows], self.member[rows], self.fifth[rows])


def equal_risk(
    predictions: Predictions, groups: Grouping, bins: int = 5, fewest: int = FEWEST
) -> tuple[Conditional, ...]:
    """Return each group that is not the reference beside it, at equal predicted risk and at equal outcome.

    bins    equal parts of everyone, by predicted risk; ties are not divided
    fewest  people on either side, below which nothing is said

    Nor is anything said of outcomes where fewer than five people on a side had one of the two. What is said of them
    goes in steps of what five people of the smaller side make of it, as in ml/fairness/shown.py.

    Raises DataError when rows do not match.
    """
    if len(groups.code) != len(predictions.score):
        raise DataError(
            f"equal risk, {groups.attribute!r}: {len(groups.code)} protected rows beside {len(predictions.score)} "
            "predictions; each row needs its own"
        )
    edges = np.unique(np.quantile(predictions.score, np.linspace(0, 1, bins + 1)[1:-1]))
    fifth, known = np.searchsorted(edges, predictions.score, side="right"), predictions.weight > 0
    found = []
    for group, name in enumerate(groups.names):
        if group == groups.reference or name == REST or not groups.sizes[group]:
            continue
        rows = known & ((groups.code == group) | (groups.code == groups.reference))
        pair = Pair(predictions[rows], groups.code[rows] == group, fifth[rows])
        outcome = pair.people.outcome
        found.append(
            Conditional(
                groups.attribute,
                name,
                groups.names[groups.reference],
                tuple(_outcomes(pair[pair.fifth == each], fewest) for each in range(bins)),
                _outcomes(pair, fewest),
                _chances(pair[outcome], fewest),
                _chances(pair[~outcome], fewest),
            )
        )
    return tuple(found)


def of_each_attribute(
    predictions: Predictions, protected: pd.DataFrame, references: Mapping[str, str | None], fewest: int
) -> tuple[Conditional, ...]:
    """Return the same for the groups of every attribute; references as the audit's."""
    groupings = (grouping(protected[name], references.get(str(name))) for name in protected.columns)
    return tuple(each for groups in groupings for each in equal_risk(predictions, groups, fewest=fewest))


def _outcomes(pair: Pair, fewest: int) -> Interval | None:
    """Return by how much the group's share of outcomes is higher at equal risk; None where it cannot be said."""
    people, member = pair.people, pair.member
    sides = (member, ~member)
    counts = [
        persons_among(side & which, people.person) for side in sides for which in (people.outcome, ~people.outcome)
    ]
    fewer = _fewer(pair)
    if min(counts) < THRESHOLD or fewer < fewest:
        return None
    of_group, of_outcome = _beyond_risk(pair, member), _beyond_risk(pair, people.outcome)
    told = float(np.sum(people.weight * of_group**2))
    if told < OVERLAP * float(np.sum(people.weight * (member - np.average(member, weights=people.weight)) ** 2)):
        return None
    value = float(np.sum(people.weight * of_group * of_outcome)) / told
    influence = people.weight * of_group * (of_outcome - value * of_group) / told
    return _in_steps(value, float(standard_error(influence, people.person)), fewer)


def _beyond_risk(pair: Pair, values: Bools) -> Floats:
    """Return what the predicted risk leaves open of values, (n,): less a line in each fifth."""
    left = values.astype(np.float64)
    for each in np.unique(pair.fifth):
        rows = pair.fifth == each
        weight, score, value = pair.people.weight[rows], pair.people.score[rows], left[rows]
        risk, value = (figure - np.average(figure, weights=weight) for figure in (score, value))
        spread = float(np.sum(weight * risk**2))
        slope = float(np.sum(weight * risk * value)) / spread if np.ptp(score) > 0 and spread > 0 else 0.0
        left[rows] = value - slope * risk
    return left


def _chances(pair: Pair, fewest: int) -> Interval | None:
    """Return by how much the group's mean chance is higher; None where too few people are on a side.

    A mean of chances that are mostly alike is a count of people: of fewer different ones than people asked for nothing
    is said.
    """
    if _fewer(pair) < fewest or len(np.unique(pair.people.score)) < fewest:
        return None
    people, means, influence = pair.people, [], np.zeros(len(pair.member))
    for side, sign in ((pair.member, 1.0), (~pair.member, -1.0)):
        weight, score = people.weight[side], people.score[side]
        means.append(sign * float(np.average(score, weights=weight)))
        influence[side] = sign * weight * (score - abs(means[-1])) / weight.sum()
    return _rounded(plain_interval(sum(means), float(standard_error(influence, people.person))))


def _fewer(pair: Pair) -> int:
    """Return the number of people on the smaller side."""
    return min(persons_among(side, pair.people.person) for side in (pair.member, ~pair.member))


def _in_steps(value: float, error: float, people: int) -> Interval:
    """Return an interval that does not tell the exact number of people whose outcomes made it.

    Steps are of what ROUNDING people make of a share. The variance goes up to the next: rounding is one more doubt.
    """
    size = ROUNDING * round(people / ROUNDING)
    step = ROUNDING / size
    told = plain_interval(step * round(value / step), math.sqrt(math.ceil(error**2 * size / step) * step / size))
    return _rounded(Interval(*(min(max(end, -1.0), 1.0) for end in (told.value, told.low, told.high))))


def _rounded(interval: Interval) -> Interval:
    return Interval(*(round(end, DECIMALS) for end in (interval.value, interval.low, interval.high)))
