"""How good predictions were, on spells the model has not seen, with censoring weights and intervals.

All intervals are of the influence function (for the AUC: DeLong's, with weights), summed over the rows of a person:
no resampling, no seed, one sort. Weights are taken as given. Oracles in the tests: scikit-survival's
cumulative/dynamic AUC, scikit-learn, and a plain bootstrap, of persons where they have several rows.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from ml.contracts import Bools, Calibration, Floats, Interval, Part, Predictions, Rows, Scores

from .calibrate import fit_logistic
from .censoring import Z95, log_log_interval, outcome_at, share_unemployed
from .clusters import by_person

EDGE = 1e-6  # probabilities are kept this far from 0 and 1 where their log-odds are needed
LOESS_SPAN = 0.75  # of the rows, as in Austin & Steyerberg (2019) on the ICI
LOESS_POINTS = 101


def scores(predictions: Predictions) -> Scores:
    """Return AUC, Brier score and calibration of predictions."""
    return Scores(auc(predictions), brier(predictions), calibration(predictions))


def observed_share(part: Part, horizon: float) -> Interval:
    """Return the share still unemployed at the horizon among the rows for which it is a question.

    Without delayed entry the Kaplan–Meier share. With it the weighted mean of the outcome: what Kaplan and Meier
    then estimate is the share of all spells from their beginning, which is not what the rows were asked.
    """
    if not part.spells.entry.any():
        return share_unemployed(part.spells, horizon)
    known = outcome_at(part.spells, horizon)
    share, error = _mean(known.outcome[known.known], known.weight[known.known], part.person[known.known])
    return log_log_interval(share, error / share) if share else Interval(share, share, share)


def auc(predictions: Predictions) -> Interval:
    """Return the chance that someone still unemployed had the higher score than someone who was not.

    Ties count one half. The interval is on the log-odds scale, so that it stays within 0 and 1.
    """
    value, influence = auc_influence(predictions)
    error = float(np.sqrt(np.sum(by_person(influence, predictions.person) ** 2)))
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


def brier(predictions: Predictions) -> Interval:
    """Return the mean squared distance between probability and outcome."""
    known = predictions.weight > 0
    value, error = _mean(brier_loss(predictions)[known], predictions.weight[known], predictions.person[known])
    return Interval(value, max(value - Z95 * error, 0.0), value + Z95 * error)


def brier_loss(predictions: Predictions) -> Floats:
    """Return the squared distance of each spell, (n,); it means nothing where the weight is 0."""
    return np.asarray((predictions.outcome - predictions.score) ** 2)


def calibration(predictions: Predictions) -> Calibration:
    """Return intercept (at slope 1), slope and the integrated calibration index."""
    known = predictions.weight > 0
    margin = logit(np.clip(predictions.score[known], EDGE, 1 - EDGE))
    outcome, weight = predictions.outcome[known].astype(np.float64), predictions.weight[known]
    ones = np.ones((len(margin), 1))
    intercept = fit_logistic(ones, outcome, weight, offset=margin)[0]
    varies = np.ptp(margin) > EDGE
    slope = fit_logistic(np.column_stack([ones, margin]), outcome, weight)[1] if varies else 0.0
    smooth = smooth_observed(predictions)
    ici = float(np.mean(np.abs(predictions.score - smooth)))
    return Calibration(float(intercept), float(slope), ici)


def smooth_observed(predictions: Predictions) -> Floats:
    """Return the smoothed share still unemployed at each prediction, (n,): weighted local lines (loess)."""
    known = predictions.weight > 0
    score = predictions.score[known]
    outcome, weight = predictions.outcome[known].astype(np.float64), predictions.weight[known]
    points = np.unique(np.quantile(predictions.score, np.linspace(0, 1, LOESS_POINTS)))
    reach = max(int(np.ceil(LOESS_SPAN * len(score))), 2)
    smooth = [_local_line(point, score, outcome, weight, reach) for point in points]
    return np.asarray(np.clip(np.interp(predictions.score, points, smooth), 0, 1))


def better(one: Predictions, other: Predictions) -> Interval:
    """Return by how much the Brier score of `one` is lower than of `other`, paired over the same spells.

    Above 0 in its whole interval: `one` is better beyond noise.
    """
    known = one.weight > 0
    difference = (brier_loss(other) - brier_loss(one))[known]
    value, error = _mean(difference, one.weight[known], one.person[known])
    return Interval(value, value - Z95 * error, value + Z95 * error)


def _mean(values: Floats | Bools, weight: Floats, person: Rows) -> tuple[float, float]:
    """Return the weighted mean and its standard error; all (n,)."""
    value = float(np.average(values, weights=weight))
    influence = by_person(np.asarray(weight * (values - value)), person)
    return value, float(np.sqrt(np.sum(influence**2)) / weight.sum())


def _share_below(score: Floats, weight: Floats) -> Floats:
    """Return for each score which share of the weight lies below it, ties one half."""
    values, place = np.unique(score, return_inverse=True)
    mass = np.bincount(place, weights=weight, minlength=len(values))
    return np.asarray(((np.cumsum(mass) - mass / 2) / mass.sum())[place])


def _local_line(point: float, score: Floats, outcome: Floats, weight: Floats, reach: int) -> float:
    distance = np.abs(score - point)
    width = np.partition(distance, reach - 1)[reach - 1]
    near: Bools = distance <= width
    kernel = weight[near] * (1 - (distance[near] / width) ** 3) ** 3 if width > 0 else weight[near]
    x, y = score[near] - point, outcome[near]
    total = kernel.sum()
    if total <= 0:
        return float(np.average(y, weights=weight[near]))
    x_mean, y_mean = np.average(x, weights=kernel), np.average(y, weights=kernel)
    spread = np.average((x - x_mean) ** 2, weights=kernel)
    slope = np.average((x - x_mean) * (y - y_mean), weights=kernel) / spread if spread > 1e-12 else 0.0
    return float(y_mean - slope * x_mean)
