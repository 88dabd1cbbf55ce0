"""Decision curves: what looking at people from a chance on is worth, false alarms counted at the threshold's odds.

Net benefit of a threshold t is the share of true positives minus t / (1 - t) times that of false positives (Vickers &
Elkin 2006): whoever looks at people from t on holds a false alarm to cost that much of a true one. A rule that ranks
gives no chances, and has no threshold: it is shown looking at as many people as the model does there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Floats, Interval, NetBenefit, Predictions

from .capacity import Look, rank
from .clusters import standard_error
from .shares import plain_interval

THRESHOLDS = tuple(round(step / 40, 3) for step in range(1, 40))


@dataclass(frozen=True)
class _Worth:
    """What each row is worth when it is looked at, (n,), divided by the mean weight."""

    worth: Floats
    weight: Floats  # (n,), divided by its mean

    def by(self, taken: Look) -> tuple[float, Floats]:
        """Return net benefit and influence, (n,), before division by n."""
        value, influence = taken.mean(self.worth)
        return value, influence - value * (self.weight - 1)


def decision_curve(
    predictions: Predictions, rule: Floats | None = None, thresholds: tuple[float, ...] = THRESHOLDS
) -> tuple[NetBenefit, ...]:
    """Return net benefit at each threshold, with intervals of influence functions, summed by person.

    rule  (n,) a ranking without a model, highest first, NaN last
    """
    n = len(predictions.score)
    weight = predictions.weight / predictions.weight.mean()
    ranking = None if rule is None else rank(rule)
    values, influences = [], []
    for threshold in thresholds:
        worth = _Worth(weight * np.where(predictions.outcome, 1.0, -threshold / (1 - threshold)), weight)
        taken = (predictions.score >= threshold).astype(np.float64)
        nothing_drawn = np.zeros(n)  # a threshold is given: no cut is drawn
        looks = [Look(taken, nothing_drawn, 0.0), Look(np.ones(n), nothing_drawn, 0.0)]
        if ranking is not None:
            looks.append(Look(ranking.looked_at(taken.mean()), ranking.at_cut(taken.mean()), taken))
        found = [worth.by(each) for each in looks]
        values.append([value for value, _ in found])
        influences.append(np.column_stack([influence for _, influence in found]))
    errors = standard_error(np.hstack(influences) / n, predictions.person).reshape(len(thresholds), -1)
    return tuple(
        NetBenefit(threshold, float((predictions.score >= threshold).mean()), *_intervals(value, error))
        for threshold, value, error in zip(thresholds, values, errors, strict=True)
    )


def _intervals(values: list[float], errors: Floats) -> list[Interval]:
    return [plain_interval(value, float(error)) for value, error in zip(values, errors, strict=True)]
