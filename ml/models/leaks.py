"""Inputs that know too much: a column that alone tells the outcome was probably recorded after it."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Predictions, Rows, Spells
from ml.measures.censoring import KnownOutcome, outcome_at
from ml.measures.ranking import auc_influence

from .encode import Encoder, Input

SMOOTHING = 20.0  # spells of the average outcome that each category starts from
HALVES = 20261130  # seed of the halves that categories learn from each other


def leak_suspects(
    encoder: Encoder, codes: Floats, spells: Spells, horizon: float, limit: float, person: Rows | None = None
) -> dict[str, float]:
    """Return the inputs that alone reach an AUC over the limit, either way round, with that AUC.

    person  (n,) rows of one person share a number; None: each row is a person of its own
    """
    known = outcome_at(spells, horizon)
    half = _halves(np.arange(len(codes)) if person is None else person)
    found = {}
    for place, each in enumerate(encoder.inputs):
        reached = max(_separation(ranking, known) for ranking in _rankings(each, codes[:, place], known, half))
        if reached > limit:
            found[each.column.name] = reached
    return found


def _separation(ranking: Floats, known: KnownOutcome) -> float:
    value, _ = auc_influence(Predictions(0.0, ranking, known.outcome, known.weight))
    return max(value, 1 - value)


def _halves(person: Rows) -> Rows:
    """Return 0 or 1 for each row, (n,); the rows of a person stand in one half, for they share outcomes.

    Dealt at random (and the same each time): a file may alternate between outcomes.
    """
    persons, place = np.unique(person, return_inverse=True)
    return np.asarray(np.random.default_rng(HALVES).permutation(len(persons))[place] % 2)


def _rankings(each: Input, values: Floats, known: KnownOutcome, half: Rows) -> list[Floats]:
    """Return the ways to rank spells by one input: missing values lowest and highest; categories by outcome."""
    missing = np.isnan(values)
    if not each.is_category:
        low, high = np.where(missing, -np.inf, values), np.where(missing, np.inf, values)
        return [low, high] if missing.any() else [low]
    return [_by_outcome_of_others(np.where(missing, -1, values).astype(np.int64) + 1, known, half)]


def _by_outcome_of_others(category: Rows, known: KnownOutcome, half: Rows) -> Floats:
    """Return each category's share, learnt on the other half, so that many rare categories do not look like a leak."""
    ranking = np.empty(len(category))
    for side in (0, 1):
        learn = (half != side) * known.weight
        mean = np.average(known.outcome, weights=learn)
        total = np.bincount(category, weights=learn, minlength=category.max() + 1)
        still = np.bincount(category, weights=learn * known.outcome, minlength=category.max() + 1)
        ranking[half == side] = ((still + SMOOTHING * mean) / (total + SMOOTHING))[category[half == side]]
    return ranking
