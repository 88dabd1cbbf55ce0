"""Training: the risk of still being unemployed, one model a horizon.

Nothing here has a parameter that could receive a protected attribute: training sees codes of inputs and the
follow-up of spells.
"""

from __future__ import annotations

from typing import TypeVar

import lightgbm as lgb
import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from ml.contracts import Floats, Spells

from .censoring import outcome_at
from .encode import Encoder
from .scorers import LinearScorer, TreeScorer

ROUNDS = 150
TREES = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "cat_smooth": 20.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
FEW_ROWS = 50_000  # below, a second thread gains nothing and waits for ever on a busy machine
INVERSE_RIDGE = 1.0  # scikit-learn's C
Matrix = TypeVar("Matrix", Floats, csr_array)


def fit_trees(encoder: Encoder, codes: Floats, spells: Spells, horizons: tuple[float, ...], seed: int) -> TreeScorer:
    """Return censoring-weighted LightGBM, one booster a horizon; the same inputs and seed give the same text."""
    boosters = []
    for horizon in horizons:
        known_codes, outcome, weight = _weighted(codes, spells, horizon)
        data = lgb.Dataset(
            known_codes,
            outcome,
            weight=weight,
            feature_name=[f"f{i}" for i in range(codes.shape[1])],
            categorical_feature=encoder.categorical,
            free_raw_data=True,
        )
        boosters.append(lgb.train(tree_parameters(len(known_codes), seed), data, num_boost_round=ROUNDS))
    return TreeScorer(tuple(boosters))


def tree_parameters(rows: int, seed: int) -> dict[str, object]:
    """Return LightGBM's parameters for a training part of so many rows; the trees do not depend on the threads."""
    return {**TREES, "seed": seed, "num_threads": 1 if rows < FEW_ROWS else 0}


def fit_line(encoder: Encoder, codes: Floats, spells: Spells, horizons: tuple[float, ...]) -> LinearScorer:
    """Return censoring-weighted logistic regression, one line a horizon."""
    design = encoder.sparse_design(codes)
    lines = []
    for horizon in horizons:
        known_design, outcome, weight = _weighted(design, spells, horizon)
        lines.append(
            LogisticRegression(C=INVERSE_RIDGE, max_iter=1000).fit(known_design, outcome, sample_weight=weight)
        )
    return LinearScorer(
        encoder,
        weights=np.vstack([line.coef_[0] for line in lines]),
        base=np.array([line.intercept_[0] for line in lines]),
        mean=np.asarray(design.mean(axis=0)).ravel(),
    )


def _weighted(matrix: Matrix, spells: Spells, horizon: float) -> tuple[Matrix, Floats, Floats]:
    """Return rows, outcomes and weights (mean 1) of the spells whose outcome is known at the horizon.

    Rows of weight 0 add nothing to a weighted loss: their mass is in the weights of the others, or the horizon is
    no question for them any more.
    """
    known = outcome_at(spells, horizon)
    weight = known.weight[known.known]
    return matrix[known.known], known.outcome[known.known].astype(np.float64), weight / weight.mean()
