"""Censoring-weighted LightGBM on numeric codes, small enough to be explained fast."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb

from ml.contracts import Floats, Rows, Spells
from ml.models.forest import Forest
from ml.models.scorers import TreeScorer

from .weighted import weighted

FEW_ROWS = 50_000  # below, a second thread gains nothing and waits for ever on a busy machine


@dataclass(frozen=True)
class TreeSettings:
    """What tuning may choose. Leaves and depth stay small: explanations are exact, and fast, because they are.

    The values are those that the study of experiments/challengers chose on the synthetic Helsinki.
    """

    rounds: int = 300
    learning_rate: float = 0.05
    leaves: int = 4
    depth: int = 2
    least_in_leaf: int = 50
    ridge: float = 50.0
    share_of_inputs: float = 0.5
    share_of_rows: float = 0.8

    def parameters(self, rows: int, seed: int) -> dict[str, object]:
        """Return LightGBM's parameters for a training part of so many rows; trees do not depend on the threads."""
        return {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "max_depth": self.depth,
            "min_data_in_leaf": self.least_in_leaf,
            "lambda_l2": self.ridge,
            "feature_fraction": self.share_of_inputs,
            "bagging_fraction": self.share_of_rows,
            "bagging_freq": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
            "seed": seed,
            "num_threads": 1 if rows < FEW_ROWS else 0,
        }


def fit_trees(
    codes: Floats,
    spells: Spells,
    horizons: tuple[float, ...],
    seed: int,
    settings: TreeSettings,
    times: Rows | None = None,
) -> TreeScorer:
    """Return one booster a horizon; the same inputs and seed give the same text.

    codes  (n, inputs), categories by their number: shap is right on numbers only (design.md 2.4)
    times  (n,) how often a bootstrap drew each row; None: once each
    """
    forests = []
    for horizon in horizons:
        known = weighted(codes, spells, horizon, times)
        data = lgb.Dataset(
            known.matrix,
            known.outcome,
            weight=known.weight,
            feature_name=[f"f{i}" for i in range(codes.shape[1])],
            free_raw_data=True,
        )
        parameters = settings.parameters(len(known.matrix), seed)
        forests.append(Forest(lgb.train(parameters, data, num_boost_round=settings.rounds).model_to_string()))
    return TreeScorer(tuple(forests))
