"""Kinds of model that can be kept: trees and a line, each a margin (log-odds) a horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from ml.contracts import Floats

from .encode import Encoder
from .forest import Forest, margins_of_row

if TYPE_CHECKING:
    import lightgbm as lgb


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
    """One forest a horizon; contributions are path-dependent TreeSHAP, exact."""

    forests: tuple[Forest, ...]
    kind: ClassVar[str] = "lightgbm"

    @property
    def boosters(self) -> tuple[lgb.Booster, ...]:
        """Return LightGBM's own objects, made anew, for whoever looks at the trees themselves."""
        import lightgbm as lgb  # half a second, and a server never asks

        return tuple(lgb.Booster(model_str=each.text) for each in self.forests)

    def margins(self, codes: Floats) -> Floats:
        """Return log-odds, (n, horizons)."""
        if len(codes) == 1:
            return margins_of_row(self.forests, codes)[None, :]
        return np.column_stack([each.margins(codes)[:, 0] for each in self.forests])

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return TreeSHAP values and the base, (n, inputs + 1)."""
        return self.forests[place].contributions(codes)


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
        return self.encoder.design_times(codes, self._columns) + self.base

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return linear SHAP values and the base, (n, inputs + 1)."""
        columns, filled = self.encoder.filled(codes)
        found = np.empty((len(codes), columns.shape[1] + 1))
        found[:, :-1] = filled * self.weights[place][columns] - self._of_average[place]
        found[:, -1] = self._average[place]
        return found

    @cached_property
    def _columns(self) -> Floats:
        return np.ascontiguousarray(self.weights.T)

    @cached_property
    def _of_average(self) -> Floats:
        """Return what each input adds for the average spell, (horizons, inputs)."""
        starts = self.encoder.starts
        return np.array([np.add.reduceat(self.mean * weights, starts) for weights in self.weights])

    @cached_property
    def _average(self) -> Floats:
        """Return the margin of the average spell, (horizons,)."""
        return np.array([base + self.mean @ weights for base, weights in zip(self.base, self.weights, strict=True)])


def joined(lines: Sequence[LinearScorer]) -> LinearScorer:
    """Return one line with the horizons of all, one after the other; they share an encoder."""
    weights, base = np.concatenate([each.weights for each in lines]), np.concatenate([each.base for each in lines])
    return LinearScorer(lines[0].encoder, weights, base, lines[0].mean)
