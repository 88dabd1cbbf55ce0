"""Brier scores: how far probabilities are from what came true, and which of two models is nearer."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Interval, Predictions

from .shares import Z95, weighted_mean


def brier(predictions: Predictions) -> Interval:
    """Return the mean squared distance between probability and outcome."""
    known = predictions.weight > 0
    value, error = weighted_mean(brier_loss(predictions)[known], predictions.weight[known], predictions.person[known])
    return Interval(value, max(value - Z95 * error, 0.0), value + Z95 * error)


def brier_loss(predictions: Predictions) -> Floats:
    """Return the squared distance of each spell, (n,); it means nothing where the weight is 0."""
    return np.asarray((predictions.outcome - predictions.score) ** 2)


def better(one: Predictions, other: Predictions) -> Interval:
    """Return by how much the Brier score of `one` is lower than of `other`, paired over the same spells.

    Above 0 in its whole interval: `one` is better beyond noise.
    """
    known = one.weight > 0
    difference = (brier_loss(other) - brier_loss(one))[known]
    value, error = weighted_mean(difference, one.weight[known], one.person[known])
    return Interval(value, value - Z95 * error, value + Z95 * error)
