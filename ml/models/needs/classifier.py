"""Three candidates for the three entities, simplest first: base rate, multinomial logistic regression, small trees.

Each gives a margin an entity (a logarithm up to a constant of the row: the softmax of a row is its probabilities), and
what each input adds to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from ml.contracts import ENTITIES, Floats, Rows
from ml.models.encode import Encoder
from ml.models.forest import Forest
from ml.models.scorers import LinearScorer

if TYPE_CHECKING:
    import lightgbm as lgb

INVERSE_RIDGE = 1.0  # scikit-learn's C
FEW_ROWS = 50_000  # below, a second thread gains nothing and waits for ever on a busy machine
ROUNDS = 120
TREES: Mapping[str, object] = {
    "objective": "multiclass",
    "num_class": len(ENTITIES),
    "learning_rate": 0.05,
    "num_leaves": 8,
    "max_depth": 4,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class NeedScorer(Protocol):
    """Margins of the entities, and what each input adds to them, from codes."""

    kind: ClassVar[str]

    def margins(self, codes: Floats) -> Floats:
        """Return margins, (n, entities), before calibration."""
        ...

    def contributions(self, codes: Floats) -> Floats:
        """Return what each input adds to each entity, (n, entities, inputs + 1); the last is the base.

        Additive: the inputs and the base of an entity sum to its margin.
        """
        ...


@dataclass(frozen=True)
class BaseRate:
    """The shares of the training part, whoever is asked about; `margin` (entities,) their logarithms."""

    margin: Floats
    kind: ClassVar[str] = "base_rate"

    def margins(self, codes: Floats) -> Floats:
        """Return the same margins in every row, (n, entities)."""
        return np.tile(self.margin, (len(codes), 1))

    def contributions(self, codes: Floats) -> Floats:
        """Return nothing but the base, (n, entities, inputs + 1)."""
        parts = np.zeros((len(codes), len(self.margin), codes.shape[1] + 1))
        parts[:, :, -1] = self.margin
        return parts


@dataclass(frozen=True)
class NeedLines:
    """Multinomial logistic regression on the encoder's design columns.

    weights  (entities, design columns)
    base     (entities,) intercepts
    mean     (design columns,) of the training part: a contribution is measured from the average placement
    """

    encoder: Encoder
    weights: Floats
    base: Floats
    mean: Floats
    kind: ClassVar[str] = "logistic"

    def margins(self, codes: Floats) -> Floats:
        """Return margins, (n, entities)."""
        return self._line.margins(codes)

    def contributions(self, codes: Floats) -> Floats:
        """Return linear SHAP values and the base, (n, entities, inputs + 1)."""
        return np.stack([self._line.contributions(codes, place) for place in range(len(self.base))], axis=1)

    @cached_property
    def _line(self) -> LinearScorer:
        """The same numbers, a line an entity in place of one a horizon."""
        return LinearScorer(self.encoder, self.weights, self.base, self.mean)


@dataclass(frozen=True)
class NeedTrees:
    """LightGBM, multiclass, on numeric codes; contributions are path-dependent TreeSHAP, exact."""

    forest: Forest
    kind: ClassVar[str] = "lightgbm"

    @property
    def booster(self) -> lgb.Booster:
        """Return LightGBM's own object, made anew, for whoever looks at the trees themselves."""
        import lightgbm as lgb  # half a second, and a server never asks

        return lgb.Booster(model_str=self.forest.text)

    def margins(self, codes: Floats) -> Floats:
        """Return margins, (n, entities)."""
        return self.forest.margins(codes)

    def contributions(self, codes: Floats) -> Floats:
        """Return TreeSHAP values and the base, (n, entities, inputs + 1)."""
        return self.forest.contributions(codes).reshape(len(codes), len(ENTITIES), -1)


def fit_base_rate(entity: Rows) -> BaseRate:
    """Return the shares of a training part; entity (n,) by its place in ENTITIES, each there at least once."""
    return BaseRate(np.log(np.bincount(entity, minlength=len(ENTITIES)) / len(entity)))


def fit_need_lines(encoder: Encoder, codes: Floats, entity: Rows) -> NeedLines:
    """Return multinomial logistic regression, all entities in one fit."""
    from sklearn.linear_model import LogisticRegression  # half a second, and a server fits nothing

    design = encoder.sparse_design(codes)
    fitted = LogisticRegression(C=INVERSE_RIDGE, max_iter=2000).fit(design, entity)
    return NeedLines(encoder, fitted.coef_, fitted.intercept_, np.asarray(design.mean(axis=0)).ravel())


def fit_need_trees(codes: Floats, entity: Rows, seed: int) -> NeedTrees:
    """Return small trees; the same inputs and seed give the same text."""
    import lightgbm as lgb

    names = [f"f{place}" for place in range(codes.shape[1])]
    data = lgb.Dataset(codes, entity, feature_name=names, free_raw_data=True)
    parameters = {**TREES, "seed": seed, "num_threads": 1 if len(codes) < FEW_ROWS else 0}
    return NeedTrees(Forest(lgb.train(parameters, data, num_boost_round=ROUNDS).model_to_string()))
