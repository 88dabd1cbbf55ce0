"""What a capacity finds: precision, recall, people missed, and lift over a rule that ranks people without a model.

A capacity is a share of people, whatever is known of their outcomes. The cut is exactly that share: people who tie
there are looked at in part, as if drawn among themselves. Intervals are of influence functions, summed by person; that
of a mean over those looked at counts that the cut, too, was drawn:

    d mean(v s) = v s - mean(v s) - m (s - c),    m = E[v | at the cut]

s being 1 above the cut, 0 below and a share at ties, and c the capacity. The density of scores at the cut, which a
derivative would need, has cancelled out. Oracles in the tests: scikit-learn, and a plain bootstrap of persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import AtCapacity, Floats, Predictions, Rows

from .clusters import effective_persons, standard_error
from .shares import plain_interval, ratio_interval, share_interval

CAPACITIES = (0.05, 0.10, 0.25)
BESIDE = 0.02  # of people, either side of the cut: those who stand for the ones at it
FEWEST_BESIDE = 25


@dataclass(frozen=True)
class Ranking:
    """People by score, highest first; those who tie share a place.

    place   (n,) of each row among the distinct scores
    above   (k,) rows with a higher score
    tied    (k,) rows with this score
    """

    place: Rows
    above: Floats
    tied: Floats

    def looked_at(self, capacity: float) -> Floats:
        """Return which part of each row is looked at, (n,) within 0–1; the sum is the capacity times n."""
        part = np.clip((capacity * len(self.place) - self.above) / self.tied, 0, 1)
        return np.asarray(part[self.place])

    def at_cut(self, capacity: float) -> Floats:
        """Return how much each row stands for those at the cut, (n,), a sum of 1: the tied, or those beside it."""
        aside = max(BESIDE, FEWEST_BESIDE / len(self.place))
        near = self.looked_at(min(capacity + aside, 1.0)) - self.looked_at(max(capacity - aside, 0.0))
        return np.asarray(near / near.sum())


@dataclass(frozen=True)
class Look:
    """Who is looked at, and how that was drawn.

    part    (n,) which part of each row is looked at
    at_cut  (n,) how much each row stands for those at the cut; all 0 where no cut was drawn
    share   the capacity; (n,) where it is itself the mean of something that each row has
    """

    part: Floats
    at_cut: Floats
    share: Floats | float

    def mean(self, values: Floats) -> tuple[float, Floats]:
        """Return the mean over all rows of values × part, and what each row moves it by, (n,), before division by n."""
        taken = values * self.part
        mean = float(taken.mean())
        return mean, taken - mean - float(self.at_cut @ values) * (self.part - self.share)


def rank(score: Floats) -> Ranking:
    """Return the ranking of scores, highest first; a missing score (NaN) stands below all others."""
    _, place, tied = np.unique(np.where(np.isnan(score), -np.inf, score), return_inverse=True, return_counts=True)
    above = len(place) - np.cumsum(tied)
    return Ranking(place.astype(np.int64), above.astype(np.float64), tied.astype(np.float64))


def look(ranking: Ranking, capacity: float) -> Look:
    """Return who a capacity looks at."""
    return Look(ranking.looked_at(capacity), ranking.at_cut(capacity), capacity)


def at_capacity(predictions: Predictions, capacity: float, rule: Floats | None = None) -> AtCapacity:
    """Return what looking at the highest-scored share of people finds.

    rule  (n,) a ranking without a model, highest first, NaN last
    """
    weight, person, n = predictions.weight, predictions.person, len(predictions.score)
    case = np.where(predictions.outcome, weight, 0.0)
    taken = look(rank(predictions.score), capacity)
    cases, weights = _mean(case), _mean(weight)
    precision, recall = _ratio(taken.mean(case), taken.mean(weight)), _ratio(taken.mean(case), cases)
    found = taken.mean(case)
    missed = _ratio((cases[0] - found[0], cases[1] - found[1]), weights)
    errors = standard_error(np.column_stack([precision[1], recall[1], missed[1]]) / n, person)
    looked_at, still = effective_persons(weight * taken.part, person), effective_persons(case, person)
    model = AtCapacity(
        capacity,
        share_interval(precision[0], float(errors[0]), looked_at),
        share_interval(recall[0], float(errors[1]), still),
        plain_interval(1000 * missed[0], 1000 * float(errors[2])),
    )
    return model if rule is None else _beside(model, precision, look(rank(rule), capacity), predictions)


def _beside(model: AtCapacity, precision: tuple[float, Floats], taken: Look, predictions: Predictions) -> AtCapacity:
    """Return the figures of the model beside those of the rule."""
    weight, person, n = predictions.weight, predictions.person, len(predictions.score)
    case = np.where(predictions.outcome, weight, 0.0)
    by_rule, recall = _ratio(taken.mean(case), taken.mean(weight)), _ratio(taken.mean(case), _mean(case))
    errors = standard_error(np.column_stack([by_rule[1], recall[1]]) / n, person)
    lift = None
    if by_rule[0] > 0 and precision[0] > 0:
        relative = precision[1] / precision[0] - by_rule[1] / by_rule[0]
        lift = ratio_interval(precision[0] / by_rule[0], float(standard_error(relative / n, person)))
    return AtCapacity(
        model.capacity,
        model.precision,
        model.recall,
        model.missed_per_1000,
        share_interval(by_rule[0], float(errors[0]), effective_persons(weight * taken.part, person)),
        share_interval(recall[0], float(errors[1]), effective_persons(case, person)),
        lift,
    )


def _mean(values: Floats) -> tuple[float, Floats]:
    mean = float(values.mean())
    return mean, values - mean


def _ratio(top: tuple[float, Floats], bottom: tuple[float, Floats]) -> tuple[float, Floats]:
    """Return a ratio of two means and its influence; NaN where nobody whose outcome is known is looked at."""
    if bottom[0] <= 0:
        return float("nan"), np.full(len(top[1]), np.nan)
    ratio = min(top[0] / bottom[0], 1.0)  # sums are rounded: 1 may come out above 1
    return ratio, (top[1] - ratio * bottom[1]) / bottom[0]
