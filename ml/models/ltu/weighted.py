"""What a fit at one horizon learns from: the rows whose outcome is known, with their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy.sparse import csr_array

from ml.contracts import Floats, Rows, Spells
from ml.measures.censoring import outcome_at

Matrix = TypeVar("Matrix", Floats, csr_array)


@dataclass(frozen=True)
class Weighted(Generic[Matrix]):
    """Rows, outcomes (1: still unemployed) and censoring weights, each (known rows, …).

    Weights have mean 1 over all known rows, drawn or not: a penalty is as strong for a bootstrap as for the whole.
    """

    matrix: Matrix
    outcome: Floats
    weight: Floats


def weighted(matrix: Matrix, spells: Spells, horizon: float, times: Rows | None = None) -> Weighted[Matrix]:
    """Return what is known at the horizon.

    times  (n,) how often a bootstrap drew each row; None: once each

    Rows of weight 0 add nothing to a weighted loss: their mass is in the weights of the others, or the horizon is
    no question for them any more.
    """
    known = outcome_at(spells, horizon)
    weight = known.weight / known.weight[known.known].mean()
    if times is not None:
        weight = weight * times
    rows = weight > 0
    return Weighted(matrix[rows], known.outcome[rows].astype(np.float64), weight[rows])
