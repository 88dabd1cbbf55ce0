"""Whether the intervals of hints hold what came true.

What an interval promises is the share still unemployed among people in a like situation, not anybody's own fate: that
is yes or no, and lies outside any interval within 0 and 1. So people are put into bins of like chance, landmark by
landmark, and the interval of the bin (mean low to mean high) is held against the bin's observed share.

That share is noisy itself. If the interval is right, its side (prediction to end) is 1.96 standard errors of what the
model does not know; the bin's noise is independent of it, as the bins are of people the model has not seen; so in 95 %
of bins the observed share lies within sqrt(side² + (1.96 × the bin's standard error)²) of the prediction. That is
`covered`. An allowance for noise hides faults that are smaller than it: width and noise are told beside it, and so is
`plain`, without any allowance.
"""

from __future__ import annotations

import numpy as np

from ml.contracts import Coverage, Floats, Predictions, Rows

from .clusters import effective_persons, persons_among
from .shares import Z95, weighted_mean

MOST_BINS = 20
FEWEST_PERSONS = 50  # of a bin: with fewer, its own noise says nothing


def coverage(low: Floats, high: Floats, predictions: Predictions, stage: Rows) -> Coverage | None:
    """Return how often intervals hold the observed share of people in a like situation; None with too few people.

    low, high  (n,) ends of the 95 % interval of each row
    stage      (n,) bins are of rows of the same stage: the landmark
    """
    bins = [rows for each in np.unique(stage) for rows in _bins(predictions, np.flatnonzero(stage == each))]
    if not bins:
        return None
    found = np.array([_held(low[rows], high[rows], predictions[rows]) for rows in bins])
    people = np.array([len(rows) for rows in bins])
    covered, plain, width, noise = np.average(found, axis=0, weights=people)
    return Coverage(float(covered), float(plain), len(bins), float(width), float(noise))


def _bins(predictions: Predictions, rows: Rows) -> list[Rows]:
    """Return the rows of each bin, by rising prediction: at most 20, and as few as leave enough people in each."""
    known = rows[predictions.weight[rows] > 0]
    persons = persons_among(predictions.weight[rows] > 0, predictions.person[rows])
    number = min(MOST_BINS, persons // FEWEST_PERSONS)
    if number == 0:
        return []
    order = known[np.argsort(predictions.score[known], kind="stable")]
    return np.array_split(order, number)


def _held(low: Floats, high: Floats, predictions: Predictions) -> tuple[bool, bool, float, float]:
    """Return whether a bin is covered, whether without allowance, the interval's width and the noise's half-width."""
    weight, person = predictions.weight, predictions.person
    observed, error = weighted_mean(predictions.outcome, weight, person)
    expected, lowest, highest = (float(np.average(each, weights=weight)) for each in (predictions.score, low, high))
    if not 0 < observed < 1:  # all alike: the sample shows no noise, and has it
        error = np.sqrt(expected * (1 - expected) / effective_persons(weight, person))
    noise = Z95 * error
    side = highest - expected if observed >= expected else expected - lowest
    covered = abs(observed - expected) <= np.hypot(max(side, 0.0), noise)
    return bool(covered), lowest <= observed <= highest, highest - lowest, float(noise)
