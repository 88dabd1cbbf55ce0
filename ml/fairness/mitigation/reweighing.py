"""Weights of training rows that make group and outcome independent (Kamiran & Calders 2012)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import Bools, Floats, Rows


def reweigh(outcome: Bools, weight: Floats, group: NDArray[np.str_], within: Rows | None = None) -> Floats:
    """Return weights under which each group has the outcome as often as all have, (n,).

    outcome  (n,)
    weight   (n,) of each row before, such as its censoring weight; rows of weight 0 keep 0
    group    (n,) names
    within   (n,) a stratum, such as the landmark, inside which both are made independent; None: one for all

    A row of group g and outcome y is multiplied by P(g) P(y) / P(g, y). Each group and each outcome keeps its total
    weight in its stratum, unless a group has one outcome only: what it lacks cannot be weighed up.
    """
    strata = np.zeros(len(outcome), dtype=np.int64) if within is None else within
    rows = pd.DataFrame({"stratum": strata, "group": group, "outcome": outcome, "weight": weight})

    def total(*names: str) -> Floats:
        return rows.groupby(list(names))["weight"].transform("sum").to_numpy(dtype=np.float64)

    expected = total("stratum", "group") * total("stratum", "outcome")
    seen = total("stratum", "group", "outcome") * total("stratum")
    return np.asarray(weight * np.divide(expected, seen, out=np.zeros(len(rows)), where=seen > 0))
