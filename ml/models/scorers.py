"""The two kinds of model that can be kept: trees and a line, each a margin (log-odds) a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import lightgbm as lgb
import numpy as np

from ml.contracts import Floats

from .encode import Encoder


class Scorer(Protocol):
    """Margins, and what each input adds to them, from codes."""

    kind: ClassVar[str]

    def margins(self, codes: Floats) -> Floats:
        """Return log-odds of being still unemployed, (n, horizons), before calibration."""
        ...

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return what each input adds at one horizon, (n, inputs + 1); the last column is the base.

        Additive: a row sums to its margin.
        """
        ...


@dataclass(frozen=True)
class TreeScorer:
    """One LightGBM booster a horizon; contributions are path-dependent TreeSHAP, exact."""

    boosters: tuple[lgb.Booster, ...]
    kind: ClassVar[str] = "lightgbm"

    def margins(self, codes: Floats) -> Floats:
        """Return log-odds, (n, horizons)."""
        columns = [booster.predict(codes, raw_score=True, num_threads=threads(codes)) for booster in self.boosters]
        return np.column_stack(columns)

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return TreeSHAP values and the base, (n, inputs + 1)."""
        booster = self.boosters[place]
        return np.asarray(booster.predict(codes, pred_contrib=True, num_threads=threads(codes)))


@dataclass(frozen=True)
class LinearScorer:
    """Logistic regression a horizon on the encoder's design columns.

    weights  (horizons, design columns)
    base     (horizons,) intercepts
    mean     (design columns,) of the training part: a contribution is measured from the average spell
    """

    encoder: Encoder
    weights: Floats
    base: Floats
    mean: Floats
    kind: ClassVar[str] = "logistic"

    def margins(self, codes: Floats) -> Floats:
        """Return log-odds, (n, horizons)."""
        return np.asarray(self.encoder.sparse_design(codes) @ self.weights.T + self.base)

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return linear SHAP values and the base, (n, inputs + 1)."""
        weights = self.weights[place]
        columns, filled = self.encoder.filled(codes)
        of_average = np.add.reduceat(self.mean * weights, self.encoder.starts)
        each = filled * weights[columns] - of_average
        base = np.full(len(codes), self.base[place] + self.mean @ weights)
        return np.column_stack([each, base])


def threads(codes: Floats) -> int:
    """Return 1 for a few rows, where starting threads costs more than scoring; 0 lets LightGBM choose."""
    return 1 if len(codes) < 1000 else 0
