"""Which inputs a model reads together: SHAP interaction values of trees on numeric codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shap

from ml.contracts import Floats
from ml.errors import GateError
from ml.models.encode import Encoder
from ml.models.scorers import Scorer, TreeScorer
from ml.models.trained import TrainedModel

from .inputs import some
from .people import ADDITIVITY, contributions

MOST_ROWS = 1000  # the time goes with rows × inputs; a mean of more changes no order that an eye can see


@dataclass(frozen=True)
class Interactions:
    """What a model reads in pairs, at the main horizon.

    strength  (inputs, inputs), log-odds: mean size of what a pair adds beyond either alone, 0 on the diagonal
    alone     (inputs,) log-odds: mean size of what an input adds alone
    """

    names: tuple[str, ...]
    strength: Floats
    alone: Floats
    rows: int

    def strongest(self, most: int) -> list[tuple[int, int]]:
        """Return the places of the strongest pairs, strongest first; pairs that add nothing are left out."""
        pairs = zip(*np.triu_indices(len(self.names), k=1), strict=True)
        ranked = sorted(((int(a), int(b)) for a, b in pairs), key=lambda pair: -self.strength[pair])
        return [pair for pair in ranked if self.strength[pair] > 0][:most]


def why_none(scorer: Scorer) -> str | None:
    """Return why a model reads no inputs together, None when it may."""
    if isinstance(scorer, TreeScorer):
        return None
    return f"a model of kind {scorer.kind} is a sum of what each input says alone: it has no interactions"


def interactions(model: TrainedModel, codes: Floats) -> Interactions:
    """Return how strongly pairs of inputs interact, on at most 1,000 rows drawn the same each time.

    codes  (n, inputs). Rows that lack what training never lacked are left out: of them shap and LightGBM, rightly
           both, say different things, as nothing was learnt of where to send them.

    Raises GateError when the values do not sum to the SHAP values, ValueError for a model that has none (`why_none`).
    """
    scorer = model.scorer
    if not isinstance(scorer, TreeScorer):
        raise ValueError(why_none(scorer))
    codes = _learnt(model.encoder, codes)
    chosen = codes[some(len(codes), MOST_ROWS)]
    # Right because our trees know numbers only: of LightGBM's own categories shap 0.51 gives wrong values.
    explainer = shap.TreeExplainer(scorer.boosters[model.place], feature_perturbation="tree_path_dependent")
    values = np.asarray(explainer.shap_interaction_values(chosen), dtype=np.float64)
    gap = np.abs(values.sum(axis=2) - contributions(model, chosen)).max(initial=0.0)
    if not gap <= ADDITIVITY:
        raise GateError(f"interactions miss the contributions by {gap:.2g}; no picture of them is given")
    alone = np.abs(np.diagonal(values, axis1=1, axis2=2)).mean(axis=0)
    strength = 2 * np.abs(values).mean(axis=0)  # a pair's effect is halved between its two places
    np.fill_diagonal(strength, 0.0)
    return Interactions(model.encoder.names, strength, alone, len(chosen))


def _learnt(encoder: Encoder, codes: Floats) -> Floats:
    never_missing = np.array([not each.missing_seen for each in encoder.inputs])
    return codes[~np.isnan(codes[:, never_missing]).any(axis=1)]
