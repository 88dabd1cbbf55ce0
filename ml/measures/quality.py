"""All figures of predictions at once."""

from __future__ import annotations

import numpy as np

from ml.contracts import CoreFigures, Coverage, Predictions, Scores

from .brier import brier
from .calibration import calibration, calibration_intervals
from .clusters import by_person, persons_among
from .ranking import auc
from .shares import log_log_interval, plain_interval, share_interval, weighted_mean

FEWEST_PERSONS = 20  # with each outcome; below, no figure is worth its interval


def scores(predictions: Predictions) -> Scores:
    """Return AUC, Brier score and calibration of predictions."""
    return Scores(auc(predictions), brier(predictions), calibration(predictions))


def too_few(predictions: Predictions) -> str:
    """Return why figures of these rows would say nothing, in English; "" where there are enough."""
    known = predictions.weight > 0
    for outcome, words in ((predictions.outcome, "still unemployed"), (~predictions.outcome, "no longer unemployed")):
        if persons_among(known & outcome, predictions.person) < FEWEST_PERSONS:
            return f"fewer than {FEWEST_PERSONS} people known to be {words}"
    return ""


def core_figures(predictions: Predictions, rng: np.random.Generator, coverage: Coverage | None = None) -> CoreFigures:
    """Return shares, AUC, Brier score and calibration of predictions, each with its interval.

    Ask `too_few` first: figures of rows without one of the outcomes do not exist.
    """
    known = predictions[predictions.weight > 0]
    observed, error = weighted_mean(known.outcome, known.weight, known.person)
    everyone = np.ones(len(predictions.score))
    predicted, of_predicted = weighted_mean(predictions.score, everyone, predictions.person)
    gap, of_gap = weighted_mean(known.score - known.outcome, known.weight, known.person)
    return CoreFigures(
        observed=log_log_interval(observed, error / observed),
        predicted=share_interval(predicted, of_predicted, len(by_person(everyone, predictions.person))),
        gap=plain_interval(gap, of_gap),
        auc=auc(predictions),
        brier=brier(predictions),
        calibration=calibration_intervals(predictions, rng),
        coverage=coverage,
    )
