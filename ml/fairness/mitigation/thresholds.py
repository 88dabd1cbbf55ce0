"""A threshold for each group (Hardt, Price & Srebro 2016), by fairlearn's ThresholdOptimizer, at a given capacity.

The library finds, for a parity and an objective, the best thresholds; it knows neither weights nor capacities. Weights
become repeated rows. Which share is flagged follows from how much a person missed counts beside a false alarm: the
price is sought which flags the capacity. Shares go in steps, and of the two steps beside the capacity one holds for
each person, by lot: both have the parity, so their mixture has it. The outcomes of those who are flagged are not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from fairlearn.postprocessing import ThresholdOptimizer
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ml.contracts import Floats, Predictions
from ml.measures.clusters import persons_among

Names = NDArray[np.str_]
PARITIES = ("false_positive_rate_parity", "equalized_odds")
GRID = 1000  # steps of the false-positive rate, as the library has it
PARTS = 10  # a row of weight 1 is repeated so often: weights and prices are rounded to a tenth
HIGHEST_PRICE = 64.0
STEPS = 12  # of bisection, on the logarithm of the price
FEWEST = 20  # people of each outcome; a group of fewer has the thresholds of the largest


@dataclass(frozen=True)
class Thresholds:
    """Who is flagged, by group and score.

    rules   fairlearn's, group → two thresholds, and how often each is asked
    others  the group whose thresholds hold for groups that have none
    """

    rules: Mapping[str, Any]
    others: str

    def chance_of_flag(self, score: Floats, group: Names) -> Floats:
        """Return how likely each person is to be flagged, (n,): 0 or 1, but where a lot decides."""
        found = np.zeros(len(score))
        for name in np.unique(group):
            rule = self.rules.get(name, self.rules[self.others])
            rows = group == name
            chance = rule.p0 * rule.operation0(score[rows]) + rule.p1 * rule.operation1(score[rows])
            ignored = rule.get("p_ignore", 0.0)
            found[rows] = ignored * rule.get("prediction_constant", 0.0) + (1 - ignored) * chance
        return found


def flag_at(
    learnt: Predictions, group: Names, parity: str, capacity: float, score: Floats, group_of_score: Names
) -> Floats:
    """Return how likely each person is to be flagged, (m,), with the capacity as their mean.

    learnt  people whose outcome is known, other than those to be flagged; group (n,) of each
    parity  one of PARITIES
    score, group_of_score   (m,) of the people to be flagged

    Where no price flags as many, or as few, the nearest.
    """

    def flagged(price: float) -> Floats:
        return fit_thresholds(learnt, group, parity, price).chance_of_flag(score, group_of_score)

    low, high = 1 / HIGHEST_PRICE, HIGHEST_PRICE
    fewer, more = flagged(low), flagged(high)
    for _ in range(STEPS):
        price = float(np.sqrt(low * high))
        found = flagged(price)
        if found.mean() < capacity:
            low, fewer = price, found
        else:
            high, more = price, found
    step = float(more.mean() - fewer.mean())
    share = float(np.clip((capacity - fewer.mean()) / step, 0, 1)) if step > 0 else 1.0
    return (1 - share) * fewer + share * more


def fit_thresholds(learnt: Predictions, group: Names, parity: str, price: float) -> Thresholds:
    """Return fairlearn's thresholds, where missing a person is as bad as `price` false alarms."""
    merged, others = _merged(learnt, group)
    times = learnt.weight * np.where(learnt.outcome, np.sqrt(price), 1 / np.sqrt(price))
    repeats = np.round(PARTS * times).astype(np.int64)
    score, outcome, names = (np.repeat(each, repeats) for each in (learnt.score, learnt.outcome, merged))
    machine = ThresholdOptimizer(
        estimator=_AsScored(), constraints=parity, objective="accuracy_score", grid_size=GRID, prefit=True,
        predict_method="predict",
    )  # fmt: skip
    machine.fit(score[:, None], outcome.astype(np.int64), sensitive_features=names)
    return Thresholds(machine.interpolated_thresholder_.interpolation_dict, others)


def _merged(learnt: Predictions, group: Names) -> tuple[Names, str]:
    """Return groups with the small ones counted to the largest, and the name of the largest."""
    names, counts = np.unique(group[learnt.weight > 0], return_counts=True)
    largest = str(names[counts.argmax()])
    known = learnt.weight > 0
    small = [
        name
        for name in np.unique(group)
        if min(persons_among(known & each & (group == name), learnt.person) for each in
               (learnt.outcome, ~learnt.outcome)) < FEWEST
    ]  # fmt: skip
    return np.where(np.isin(group, small), largest, group), largest


class _AsScored(BaseEstimator):  # type: ignore[misc]
    """Gives the score back that it is given: fairlearn wants a model."""

    def fit(self, scores: Floats, outcome: Any = None) -> _AsScored:
        """Return itself: there is nothing to learn."""
        return self

    def predict(self, scores: Floats) -> Floats:
        """Return the scores, (n,)."""
        return np.asarray(scores)[:, 0]

    def __sklearn_is_fitted__(self) -> bool:
        return True
