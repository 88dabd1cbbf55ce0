"""Whether probabilities keep their word: logistic recalibration and the integrated calibration index."""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from ml.contracts import Bools, Calibration, Floats, Predictions

from .logistic import fit_logistic

EDGE = 1e-6  # probabilities are kept this far from 0 and 1 where their log-odds are needed
LOESS_SPAN = 0.75  # of the rows, as in Austin & Steyerberg (2019) on the ICI
LOESS_POINTS = 101


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
