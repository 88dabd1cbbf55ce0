"""Training under a bound on the gap (Agarwal et al. 2018), by fairlearn's exponentiated gradient.

The library bounds the false-positive rate of what is flagged at one half. So that this is what a capacity flags, a
false alarm costs the chance at the capacity's cut, and a person missed the rest. It mixes a few models, one drawn by
lot for each person; here their chances are averaged instead: one ranking, in which nobody's place is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from fairlearn.reductions import ErrorRate, ExponentiatedGradient, FalsePositiveRateParity
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ml.contracts import Bools, Floats

Names = NDArray[np.str_]
ROUNDS = 30


def fit_reduction(
    design: Floats,
    outcome: Bools,
    weight: Floats,
    group: Names,
    *,
    bound: float,
    cut: float,
    inverse_ridge: float,
    most_rows: int,
    rng: np.random.Generator,
) -> Callable[[Floats], Floats]:
    """Return what scores people by their inputs alone, design → (n,).

    design   (n, columns) inputs as numbers, without gaps
    weight   (n,) censoring weights: rows are drawn by them, `most_rows` at most; the library takes none
    bound    false-positive rates may differ by as much from that of all
    cut      the chance from which on a capacity flags
    """
    rows = rng.choice(len(design), size=min(most_rows, len(design)), p=weight / weight.sum())
    machine = ExponentiatedGradient(
        LogisticRegression(C=inverse_ridge, solver="newton-cholesky"),
        FalsePositiveRateParity(difference_bound=bound),
        objective=ErrorRate(costs={"fp": cut, "fn": 1 - cut}),
        max_iter=ROUNDS,
    )
    with warnings.catch_warnings():
        # fairlearn 0.15 sets values in a way that pandas 3 finds old.
        warnings.filterwarnings("ignore", "Setting an? (value|item)", DeprecationWarning)
        machine.fit(design[rows], outcome[rows].astype(np.int64), sensitive_features=group[rows])
    mixed = [(float(share), machine.predictors_[place]) for place, share in machine.weights_.items() if share > 0]

    def score(design: Floats) -> Floats:
        return np.asarray(sum(share * _chance(each, design) for share, each in mixed))

    return score


def _chance(model: LogisticRegression, design: Floats) -> Floats:
    """Return the chance of the outcome; a model that was shown one outcome alone knows no other."""
    if 1 not in model.classes_:
        return np.zeros(len(design))
    return np.asarray(model.predict_proba(design)[:, list(model.classes_).index(1)])
