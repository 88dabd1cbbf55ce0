"""How well scores rank: the censoring-weighted AUC, with the interval of its influence function.

DeLong's interval, with weights, summed over the rows of a person: no resampling, no seed, one sort. Weights are taken
as given. Oracles in the tests: scikit-survival's cumulative/dynamic AUC and a plain bootstrap of persons.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit

from ml.contracts import Floats, Interval, Predictions, Rows

from .clusters import by_person, standard_error
from .shares import Z95, plain_interval


def auc(predictions: Predictions) -> Interval:
    """Return the chance that someone still unemployed had the higher score than someone who was not.

    Ties count one half. The interval is on the log-odds scale, so that it stays within 0 and 1.
    """
    return mean_auc([predictions])


def mean_auc(turns: Sequence[Predictions]) -> Interval:
    """Return the mean AUC of what was said in turns, each time of other people."""
    value, influence = _mean_influence(turns)
    error = float(np.sqrt(np.sum(by_person(influence, _persons(turns)) ** 2)))
    if not 0 < value < 1:
        return Interval(value, value, value)
    spread = Z95 * error / (value * (1 - value))
    middle = float(logit(value))
    return Interval(value, float(expit(middle - spread)), float(expit(middle + spread)))


def auc_influence(predictions: Predictions) -> tuple[float, Floats]:
    """Return the AUC and what each spell moves it by, (n,); the squares of the latter sum to its variance."""
    cases = np.where(predictions.outcome, predictions.weight, 0.0)
    controls = np.where(predictions.outcome, 0.0, predictions.weight)
    above = _share_below(predictions.score, controls)  # of the controls, how many each spell beats
    below = 1 - _share_below(predictions.score, cases)
    value = float(np.clip(np.sum(cases * above) / cases.sum(), 0, 1))  # sums are rounded: 1 may come out above 1
    return value, cases * (above - value) / cases.sum() + controls * (below - value) / controls.sum()


def _share_below(score: Floats, weight: Floats) -> Floats:
    """Return for each score which share of the weight lies below it, ties one half."""
    values, place = np.unique(score, return_inverse=True)
    mass = np.bincount(place, weights=weight, minlength=len(values))
    return np.asarray(((np.cumsum(mass) - mass / 2) / mass.sum())[place])


def auc_gain(one: Predictions, other: Predictions) -> Interval:
    """Return by how much the AUC of `one` is higher than of `other`, paired over the same spells."""
    return mean_auc_gain([one], [other])


def mean_auc_gain(one: Sequence[Predictions], other: Sequence[Predictions]) -> Interval:
    """Return by how much the mean AUC of `one` is higher than of `other`, paired over the same spells of each turn."""
    (of_one, by_one), (of_other, by_other) = _mean_influence(one), _mean_influence(other)
    return plain_interval(of_one - of_other, float(standard_error(by_one - by_other, _persons(one))))


def _mean_influence(turns: Sequence[Predictions]) -> tuple[float, Floats]:
    """Return the mean AUC, and what each spell of all turns moves it by, (n,)."""
    values, influences = zip(*(auc_influence(each) for each in turns), strict=True)
    return float(np.mean(values)), np.concatenate(influences) / len(turns)


def _persons(turns: Sequence[Predictions]) -> Rows:
    return np.concatenate([each.person for each in turns])
