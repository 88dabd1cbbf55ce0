"""The explainable boosting machine: a step function an input, boosted in turns, no interactions (Lou et al. 2012)."""

from __future__ import annotations

import warnings

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier

from ml.contracts import Floats, Rows, Spells
from ml.models.additive import AdditiveScorer, Step, centred
from ml.models.encode import Encoder

from .weighted import weighted

# A fixed number of rounds: stopping early needs rows set aside, and the library sets aside rows, not persons.
ROUNDS = 200
LEARNING_RATE = 0.05
MOST_STEPS = 64
LEAST_IN_LEAF = 30


def fit_additive(
    encoder: Encoder,
    codes: Floats,
    spells: Spells,
    horizons: tuple[float, ...],
    seed: int,
    times: Rows | None = None,
) -> AdditiveScorer:
    """Return one sum of step functions a horizon; the same inputs and seed give the same numbers.

    codes  (n, inputs), NaN where missing
    times  (n,) how often a bootstrap drew each row; None: once each
    """
    fitted = [_fit(encoder, codes, spells, horizon, seed, times) for horizon in horizons]
    return AdditiveScorer(tuple(base for base, _ in fitted), tuple(steps for _, steps in fitted))


def _fit(
    encoder: Encoder, codes: Floats, spells: Spells, horizon: float, seed: int, times: Rows | None
) -> tuple[float, tuple[Step, ...]]:
    """Return the base and the step functions of one horizon, each centred on all rows of the part."""
    known = weighted(codes, spells, horizon, times)
    varies = [place for place, column in enumerate(known.matrix.T) if _varies(column)]
    steps, base = [Step()] * codes.shape[1], 0.0
    machine = boosted(encoder, known.matrix[:, varies], known.outcome, known.weight, varies, seed)
    for term, place in enumerate(varies):
        categories = len(encoder.inputs[place].categories)
        step = _step(machine.bins_[term][0], machine.term_scores_[term], categories)
        steps[place], mean = centred(step, codes[:, place])
        base += mean
    return base + float(machine.intercept_[0]), tuple(steps)


def boosted(
    encoder: Encoder, matrix: Floats, outcome: Floats, weight: Floats, places: list[int], seed: int
) -> ExplainableBoostingClassifier:
    """Return the library's own machine, fitted to some of the encoder's inputs.

    matrix  (n, len(places)) codes of these inputs
    """
    machine = ExplainableBoostingClassifier(
        feature_types=["nominal" if encoder.inputs[place].is_category else "continuous" for place in places],
        interactions=0,
        outer_bags=1,
        validation_size=0,
        early_stopping_rounds=0,
        max_rounds=ROUNDS,
        smoothing_rounds=0,
        greedy_ratio=0.0,
        learning_rate=LEARNING_RATE,
        max_bins=MOST_STEPS,
        min_samples_leaf=LEAST_IN_LEAF,
        n_jobs=1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # Of its drawings; ours show what is missing as a step of its own.
        warnings.filterwarnings("ignore", "Missing values detected", UserWarning)
        return machine.fit(matrix, outcome, sample_weight=weight)


def _varies(column: Floats) -> bool:
    return len(np.unique(column)) > 1  # NaN counts as one value


def _step(bins: Floats | dict[str, int], scores: Floats, categories: int) -> Step:
    """Return the step function of a term: the library's scores are missing, one a bin, and one for the unseen.

    A category that this horizon's rows do not have adds nothing, as the library has it.
    """
    if not isinstance(bins, dict):
        return Step(tuple(map(float, bins)), tuple(map(float, scores[1:-1])), float(scores[0]))
    places = [bins.get(str(code), len(scores) - 1) for code in range(categories)]
    halves = tuple(code + 0.5 for code in range(categories - 1))
    return Step(halves, tuple(float(scores[place]) for place in places), float(scores[0]))
