"""Censoring-weighted logistic regression: the simplest model that uses all inputs."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from ml.contracts import Floats, Rows, Spells
from ml.models.encode import Encoder
from ml.models.scorers import LinearScorer

from .weighted import Weighted, weighted

INVERSE_RIDGE = 1.0  # scikit-learn's C: the variance that a coefficient is expected to have
INVERSE_RIDGES = (1.0, 0.1, 0.03, 0.01, 0.003, 0.001)
TOLERANCE = 1e-6
FOLDS = 3
MOST_ROWS = 30_000  # a variance does not depend on how many rows it is seen in


def fit_line(
    encoder: Encoder,
    codes: Floats,
    spells: Spells,
    horizons: tuple[float, ...],
    times: Rows | None = None,
    inverse_ridge: float = INVERSE_RIDGE,
) -> LinearScorer:
    """Return one line a horizon on the encoder's design columns.

    times  (n,) how often a bootstrap drew each row; None: once each
    """
    design = encoder.sparse_design(codes)
    lines = [_line(weighted(design, spells, horizon, times), inverse_ridge) for horizon in horizons]
    return LinearScorer(
        encoder,
        weights=np.vstack([line.coef_[0] for line in lines]),
        base=np.array([line.intercept_[0] for line in lines]),
        mean=np.asarray(design.mean(axis=0)).ravel(),
    )


def choose_ridge(
    encoder: Encoder, codes: Floats, spells: Spells, horizon: float, person: Rows, rng: np.random.Generator
) -> float:
    """Return the strength of the ridge, as scikit-learn's C, that predicts other people best: smallest log loss.

    Persons are dealt to three folds, with all their rows; of a large part some of the persons serve.
    """
    persons, place = np.unique(person, return_inverse=True)
    few = len(persons) * min(1.0, MOST_ROWS / len(person))
    fold = np.where(rng.permutation(len(persons)) < few, rng.integers(0, FOLDS, len(persons)), -1)[place]
    design = encoder.sparse_design(codes)
    loss = np.zeros(len(INVERSE_RIDGES))
    for out in range(FOLDS):
        learn = weighted(design, spells, horizon, ((fold != out) & (fold >= 0)).astype(np.int64))
        judge = weighted(design, spells, horizon, (fold == out).astype(np.int64))
        if len(np.unique(learn.outcome)) > 1 and len(judge.outcome):  # of five who stayed, all may be of one fold
            loss += [_loss(_line(learn, inverse_ridge), judge) for inverse_ridge in INVERSE_RIDGES]
    return INVERSE_RIDGES[int(np.argmin(loss))]


def _line(known: Weighted[csr_array], inverse_ridge: float) -> LogisticRegression:
    # Newton's method: exact in a handful of steps, where lbfgs stops short of it after a hundred.
    machine = LogisticRegression(C=inverse_ridge, solver="newton-cholesky", tol=TOLERANCE)
    return machine.fit(known.matrix, known.outcome, sample_weight=known.weight)


def _loss(line: LogisticRegression, judge: Weighted[csr_array]) -> float:
    margin = judge.matrix @ line.coef_[0] + line.intercept_[0]
    return float(np.average(np.logaddexp(0, margin) - judge.outcome * margin, weights=judge.weight))
