"""Whether probabilities keep their word: logistic recalibration and the integrated calibration index.

Intervals of intercept and slope are robust, with scores summed by person. The index (ICI) is a mean of distances: noise
alone makes it larger than 0, and the more so the fewer people it is of. So it goes with its interval, which takes that
bias off, and with what it would be if the chances were perfect (ml/measures/calibration_noise.py).
"""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from ml.contracts import Bools, Calibration, CalibrationIntervals, Floats, Interval, Predictions

from .calibration_noise import ici_noise
from .logistic import fit_logistic, robust_covariance
from .shares import plain_interval

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


def calibration_intervals(predictions: Predictions, rng: np.random.Generator) -> CalibrationIntervals:
    """Return intercept (at slope 1), slope and the integrated calibration index, each with its interval.

    rng  draws the noise of the index

    The slope of chances that are all equal, or that part the outcomes wholly, is not a number.
    """
    known = predictions.weight > 0
    margin = logit(np.clip(predictions.score[known], EDGE, 1 - EDGE))
    outcome, weight = predictions.outcome[known].astype(np.float64), predictions.weight[known]
    person, ones = predictions.person[known], np.ones((len(margin), 1))
    shift = fit_logistic(ones, outcome, weight, offset=margin)
    of_intercept = robust_covariance(ones, outcome, weight, shift, person, margin)[0, 0]
    slope = Interval(np.nan, np.nan, np.nan)
    if np.ptp(margin) > EDGE:
        design = np.column_stack([ones, margin])
        line = fit_logistic(design, outcome, weight)
        of_slope = robust_covariance(design, outcome, weight, line, person)[1, 1]
        if of_slope > 0:  # chances that part the outcomes wholly have no finite slope, and no error of it
            slope = plain_interval(float(line[1]), float(np.sqrt(of_slope)))
    ici, if_perfect = ici_noise(predictions, smooth_observed(predictions), LOESS_SPAN, rng)
    return CalibrationIntervals(
        intercept=plain_interval(float(shift[0]), float(np.sqrt(of_intercept))),
        slope=slope,
        ici=ici,
        ici_if_perfect=if_perfect,
    )


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
