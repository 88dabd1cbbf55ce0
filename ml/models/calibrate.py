"""Margins → probabilities that keep their word: weighted logistic calibration on its own part.

Two parameters, so that a small calibration part serves; the intercept makes the mean prediction equal the
Kaplan–Meier share of the part (Platt 1999, with his smoothed targets against separation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from ml.contracts import Bools, Floats, Rows
from ml.measures.censoring import KnownOutcome
from ml.measures.clusters import by_person
from ml.measures.logistic import fit_logistic
from ml.measures.shares import Z95


@dataclass(frozen=True)
class Calibrator:
    """probability = expit(intercept + slope × margin); covariance of the two, 2 × 2."""

    intercept: float
    slope: float
    covariance: tuple[tuple[float, float], tuple[float, float]]

    def probability(self, margin: Floats) -> Floats:
        """Return calibrated probabilities."""
        return np.asarray(expit(self.intercept + self.slope * margin))

    def interval(self, margin: Floats) -> tuple[Floats, Floats]:
        """Return the 95 % interval of the share among people with this margin."""
        (a, b), (_, c) = self.covariance
        spread = Z95 * np.sqrt(np.maximum(a + 2 * b * margin + c * margin**2, 0))
        middle = self.intercept + self.slope * margin
        return np.asarray(expit(middle - spread)), np.asarray(expit(middle + spread))


def calibrate(margin: Floats, outcome: KnownOutcome, person: Rows | None = None) -> Calibrator:
    """Return the calibrator of one horizon.

    person  (n,) rows of one person share a number; None: each row is a person of its own

    A model whose margin does not rise with the outcome gets slope 0: it says the share, and nothing more.
    """
    known = outcome.known
    target, weight = smoothed(outcome.outcome[known]), outcome.weight[known]
    whose = (np.arange(len(margin)) if person is None else person)[known]
    design = np.column_stack([np.ones(int(known.sum())), margin[known]])
    beta = fit_logistic(design, target, weight)
    if not np.isfinite(beta).all() or beta[1] <= 0:
        share = float(np.average(target, weights=weight))
        beta = np.array([logit(share), 0.0])
        influence = by_person(weight * (target - share), whose)
        variance = np.sum(influence**2) / (weight.sum() * share * (1 - share)) ** 2
        return Calibrator(float(beta[0]), 0.0, ((float(variance), 0.0), (0.0, 0.0)))
    return Calibrator(float(beta[0]), float(beta[1]), _sandwich(design, target, weight, beta, whose))


def smoothed(outcome: Bools) -> Floats:
    """Return Platt's targets: just inside 0 and 1, by one spell of each."""
    high, low = (outcome.sum() + 1) / (outcome.sum() + 2), 1 / ((~outcome).sum() + 2)
    return np.asarray(np.where(outcome, high, low))


def _sandwich(
    design: Floats, target: Floats, weight: Floats, beta: Floats, person: Rows
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the robust covariance, which stays right when the weights are not counts and a person has many rows."""
    probability = expit(design @ beta)
    bread = np.linalg.pinv((design * (weight * probability * (1 - probability))[:, None]).T @ design)
    scores = by_person(design * (weight * (target - probability))[:, None], person)
    covariance = bread @ (scores.T @ scores) @ bread
    return (
        (float(covariance[0, 0]), float(covariance[0, 1])),
        (float(covariance[1, 0]), float(covariance[1, 1])),
    )
