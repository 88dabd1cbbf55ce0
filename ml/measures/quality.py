"""All figures of predictions at once."""

from __future__ import annotations

from ml.contracts import Predictions, Scores

from .brier import brier
from .calibration import calibration
from .ranking import auc


def scores(predictions: Predictions) -> Scores:
    """Return AUC, Brier score and calibration of predictions."""
    return Scores(auc(predictions), brier(predictions), calibration(predictions))
