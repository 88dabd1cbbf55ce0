"""How much each input matters to a model, over many people."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Rows
from ml.models.trained import TrainedModel

from .people import contributions

MOST_ROWS = 5000  # of which an importance is the mean: more rows would not change its order
SAMPLE = 20261130  # seed of the rows chosen


def importance(model: TrainedModel, codes: Floats) -> dict[str, float]:
    """Return the mean absolute contribution of each input at the main horizon, largest first.

    Of at most 5,000 rows, drawn at random and the same each time. Raises GateError when contributions do not sum to
    the margin.
    """
    parts = np.abs(contributions(model, codes[some(len(codes), MOST_ROWS)])).mean(axis=0)
    ranked = sorted(zip(model.encoder.names, parts, strict=True), key=lambda pair: -pair[1])
    return {name: float(part) for name, part in ranked}


def some(count: int, most: int) -> Rows:
    """Return at most so many of the rows, drawn at random and the same each time."""
    if count <= most:
        return np.arange(count)
    return np.random.default_rng(SAMPLE).choice(count, most, replace=False)
