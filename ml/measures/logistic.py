"""Weighted logistic regression with few columns, exactly: for calibration, not for models."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from ml.contracts import Floats, Rows

from .clusters import by_person

STEPS = 50
TOLERANCE = 1e-10


def fit_logistic(design: Floats, target: Floats, weight: Floats, offset: Floats | float = 0.0) -> Floats:
    """Return the coefficients that maximise the weighted likelihood (Newton with halving)."""
    beta = np.zeros(design.shape[1])
    loss = _loss(design @ beta + offset, target, weight)
    for _ in range(STEPS):
        probability = expit(design @ beta + offset)
        gradient = design.T @ (weight * (target - probability))
        curvature = (design * (weight * probability * (1 - probability))[:, None]).T @ design
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        while (after := _loss(design @ (beta + step) + offset, target, weight)) > loss and np.abs(
            step
        ).max() > TOLERANCE:
            step = step / 2
        beta, loss = beta + step, after
        if np.abs(step).max() < TOLERANCE:
            break
    return beta


def robust_covariance(
    design: Floats, target: Floats, weight: Floats, beta: Floats, person: Rows, offset: Floats | float = 0.0
) -> Floats:
    """Return the covariance of the coefficients, (k, k): right when weights are not counts and a person has many rows.

    The sandwich of White (1980), with the scores summed by person (Liang & Zeger 1986); weights are taken as given.
    """
    probability = expit(design @ beta + offset)
    bread = np.linalg.pinv((design * (weight * probability * (1 - probability))[:, None]).T @ design)
    scores = by_person(design * (weight * (target - probability))[:, None], person)
    return np.asarray(bread @ (scores.T @ scores) @ bread)


def _loss(margin: Floats, target: Floats, weight: Floats) -> float:
    return float(np.sum(weight * (np.logaddexp(0, margin) - target * margin)))
