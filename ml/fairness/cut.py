"""Where the line is drawn between those a capacity reaches and the others; ties cannot be divided."""

from __future__ import annotations

import math

import numpy as np

from ml.contracts import Floats
from ml.errors import DataError


def cut(score: Floats, capacity: float) -> float:
    """Return the lowest score that is selected; selected are all rows with `score >= cut`.

    People with the same score are selected together or not at all, so that the share selected can differ from
    the capacity. Of the two lines beside the capacity, with the tied and without, the nearer one counts; at
    equal distance the one within capacity. At least one row is always selected.

    score     (n,) probabilities
    capacity  share of the rows that help can reach, 0–1

    Raises DataError without rows, and when a score is missing or outside 0–1.
    """
    check_scores(score)
    wanted = round(capacity * len(score), 9)  # 0.07 × 100 is to be 7
    values, counts = np.unique(score, return_counts=True)
    reached = np.cumsum(counts[::-1])  # rows selected when the line is at the 1st, 2nd, … highest score
    place = min(max(math.ceil(wanted), 1), len(score))
    tied = int(np.searchsorted(reached, place))  # the line that reaches the capacity, with its tied rows
    without = tied - 1
    if without >= 0 and wanted - reached[without] <= reached[tied] - wanted:
        return float(values[::-1][without])
    return float(values[::-1][tied])


def check_scores(score: Floats) -> None:
    """Raise DataError without rows, and when a score is missing or outside 0–1."""
    if len(score) == 0:
        raise DataError("predictions: there are no rows; an audit needs a test part that is not empty")
    wrong = ~((score >= 0) & (score <= 1))  # also true of NaN
    if wrong.any():
        raise DataError(
            f"predictions: {int(wrong.sum())} of {len(score)} scores are missing or outside 0–1, the first "
            f"in row {int(np.argmax(wrong))} (from 0); a score must be a probability"
        )
