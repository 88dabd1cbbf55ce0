"""From placements to the model that is kept, its candidates, and when it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.contracts import ENTITIES, Floats, Interval, Placements, Rows
from ml.contracts.needs_report import NeedThreshold
from ml.models.encode import fit_encoder
from ml.progress import Say, silent

from .agreement import caseworker_pairs
from .answer import choose_threshold, unlike_training
from .calibrate import VectorScaling, vector_scaling
from .classifier import BaseRate, NeedScorer, fit_base_rate, fit_need_lines, fit_need_trees
from .model import NeedModel
from .proportion import mean
from .split import NeedSplit

SIMPLEST_FIRST = ("base_rate", "logistic", "lightgbm")
NAMES = {"base_rate": "the base rate", "logistic": "logistic regression", "lightgbm": "LightGBM"}


@dataclass(frozen=True)
class TrainedNeeds:
    """The model that is kept, and all candidates, calibrated."""

    model: NeedModel
    candidates: Mapping[str, NeedModel]
    threshold: NeedThreshold
    why_kept: str
    codes: Floats  # the inputs of every placement as the model reads them, (n, inputs)


def train_model(name: str, placements: Placements, parts: NeedSplit, *, seed: int, say: Say = silent) -> TrainedNeeds:
    """Return the model that is kept: the simplest candidate unless a later one's log loss is lower beyond noise.

    Candidates meet on the calibration part; the test part stays unseen. Protected attributes are not read.
    """
    encoder = fit_encoder(placements.features.iloc[parts.train.placed], placements.columns)
    codes = encoder.frame(placements.features)
    learnt, entity = codes[parts.train.placed], entity_codes(placements, parts.train.placed)
    say("fitting candidates")
    scorers: tuple[NeedScorer, ...] = (
        fit_base_rate(entity), fit_need_lines(encoder, learnt, entity), fit_need_trees(learnt, entity, seed),
    )  # fmt: skip
    rows = parts.calibration.placed
    placed, person = entity_codes(placements, rows), placements.person[rows]
    say("calibrating")
    calibrations = {each.kind: vector_scaling(each.margins(codes[rows]), placed, person) for each in scorers}
    losses = {each.kind: log_loss(_probability(each, calibrations, codes[rows]), placed) for each in scorers}
    kept, why = choose(losses, person)
    scorer = next(each for each in scorers if each.kind == kept)
    pairs = caseworker_pairs(placements, parts.before_test)
    unlike = unlike_training(encoder, placements.features.iloc[rows])
    threshold = choose_threshold(_probability(scorer, calibrations, codes[rows]), unlike, placed, person,
                                 placements, pairs)  # fmt: skip
    if isinstance(scorer, BaseRate):
        why = f"{why}; the inputs do not tell which entity caseworkers choose"
    candidates = {
        each.kind: NeedModel(name, encoder, each, calibrations[each.kind], threshold.value) for each in scorers
    }
    return TrainedNeeds(candidates[kept], candidates, threshold, why, codes)


def entity_codes(placements: Placements, rows: Rows) -> Rows:
    """Return the place in ENTITIES of what caseworkers chose, (rows,)."""
    place = {entity: number for number, entity in enumerate(ENTITIES)}
    return np.array([place[str(each)] for each in placements.entity[rows]], dtype=np.int64)


def log_loss(probability: Floats, entity: Rows) -> Floats:
    """Return each row's logarithmic loss, (n,)."""
    return np.asarray(-np.log(np.maximum(probability[np.arange(len(entity)), entity], 1e-12)))


def choose(losses: Mapping[str, Floats], person: Rows) -> tuple[str, str]:
    """Return which candidate is kept and why, from its losses, (n,) each, on the same rows."""
    kept, why = SIMPLEST_FIRST[0], "nothing beats the base rate beyond noise"
    for name in SIMPLEST_FIRST[1:]:
        gain = mean(losses[kept] - losses[name], person)
        if gain.low > 0:
            kept, why = name, f"{NAMES[name]} beats {NAMES[kept]} on the calibration part: {_gain(gain)}"
        elif kept != SIMPLEST_FIRST[0]:
            why += f"; {NAMES[name]} is not better beyond noise: {_gain(gain)}"
    return kept, why


def _gain(gain: Interval) -> str:
    return f"log loss lower by {gain.value:.4f} (95 % interval {gain.low:.4f} to {gain.high:.4f})"


def _probability(scorer: NeedScorer, calibrations: Mapping[str, VectorScaling], codes: Floats) -> Floats:
    return calibrations[scorer.kind].probability(scorer.margins(codes))
