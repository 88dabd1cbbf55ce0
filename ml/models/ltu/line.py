"""Censoring-weighted logistic regression: the simplest model that uses all inputs."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from ml.contracts import Floats, Rows, Spells
from ml.models.encode import Encoder
from ml.models.scorers import LinearScorer

from .weighted import weighted

INVERSE_RIDGE = 1.0  # scikit-learn's C


def fit_line(
    encoder: Encoder, codes: Floats, spells: Spells, horizons: tuple[float, ...], times: Rows | None = None
) -> LinearScorer:
    """Return one line a horizon on the encoder's design columns.

    times  (n,) how often a bootstrap drew each row; None: once each
    """
    design = encoder.sparse_design(codes)
    lines = []
    for horizon in horizons:
        known = weighted(design, spells, horizon, times)
        lines.append(
            LogisticRegression(C=INVERSE_RIDGE, max_iter=1000).fit(
                known.matrix, known.outcome, sample_weight=known.weight
            )
        )
    return LinearScorer(
        encoder,
        weights=np.vstack([line.coef_[0] for line in lines]),
        base=np.array([line.intercept_[0] for line in lines]),
        mean=np.asarray(design.mean(axis=0)).ravel(),
    )
