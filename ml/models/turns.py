"""Which kind of model does best where each fifth of the people is the test part in turn: for files without times.

Where time is known the newest part is the test, and there is one. Where it is not, the parts are drawn, and a single
test part is the luck of a draw: 670 spells put models 0.02 of AUC apart that are alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.contracts import Cohort, InTurns, Predictions, Split
from ml.measures.brier import better, brier
from ml.measures.ranking import mean_auc, mean_auc_gain

from .ltu.trees import TreeSettings
from .train import Trained, tried


def in_turns(
    cohort: Cohort, trained: Trained, turns: Sequence[Split], *, seed: int, settings: TreeSettings
) -> tuple[InTurns, ...]:
    """Return each kind of model over all turns, the kept one first; () where there are none, for time is known.

    trained  learnt from the first turn, `split` of the same seed: what it said is not asked again
    turns    the further ones, `further_turns` of the same seed
    """
    if not turns:
        return ()
    contract = cohort.contract
    further = [
        tried(cohort.features, contract.inputs, contract.outcome, parts, seed=seed, settings=settings)
        for parts in turns
    ]
    said = {kind: [first, *(turn[kind] for turn in further)] for kind, first in trained.said.items()}
    kind = trained.model.scorer.kind
    kept = said.pop(kind)
    itself = InTurns(kind, mean_auc(kept), None, brier(_together(kept)), None)
    return itself, *(_beside(name, kept, each) for name, each in said.items())


def _beside(name: str, kept: Sequence[Predictions], other: Sequence[Predictions]) -> InTurns:
    all_kept, all_other = _together(kept), _together(other)
    return InTurns(name, mean_auc(other), mean_auc_gain(kept, other), brier(all_other), better(all_kept, all_other))


def _together(turns: Sequence[Predictions]) -> Predictions:
    """Return what was said in all turns; for chances, which mean the same in each, unlike ranks."""
    columns = ("score", "outcome", "weight", "person")
    return Predictions(turns[0].horizon, *(np.concatenate([getattr(each, name) for each in turns]) for name in columns))
