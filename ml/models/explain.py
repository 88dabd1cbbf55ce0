"""Why a model says what it says: exact additive contributions, and the few of them worth words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.contracts import Column, Floats
from ml.errors import GateError

from .trained import TrainedModel

MOST_EACH_WAY = 3
WORTH_WORDS = 0.05  # log-odds; less than about one point at a share of one in three
ADDITIVITY = 1e-6
MOST_ROWS = 5000  # of which an importance is the mean: more rows would not change its order
SAMPLE = 20261130  # seed of the rows chosen


@dataclass(frozen=True)
class Reason:
    """One input that goes together with a longer or a shorter spell, for one person."""

    column: Column
    value: object  # None: missing
    raises: bool
    contribution: float  # log-odds, at the horizon that was asked for


def reasons(model: TrainedModel, row: Mapping[str, object], place: int | None = None) -> tuple[Reason, ...]:
    """Return at most three inputs for and three against, strongest first.

    place  which of the horizons the reasons are of; None: the main one

    Raises GateError when contributions do not sum to the margin: an explanation that is not exact is not given.
    """
    place = model.place if place is None else place
    codes = model.encoder.rows([row])
    parts = model.scorer.contributions(codes, place)[0]
    margin = model.scorer.margins(codes)[0, place]
    if abs(parts.sum() - margin) > ADDITIVITY:
        raise GateError(
            f"the explanation misses the model's margin by {abs(parts.sum() - margin):.2g}; no advice is given"
        )
    strength = parts[:-1] * model.calibrators[place].slope
    found = [
        Reason(each.column, row.get(each.column.name), bool(part > 0), float(part))
        for each, part in zip(model.encoder.inputs, strength, strict=True)
        if abs(part) >= WORTH_WORDS
    ]
    found.sort(key=lambda reason: -abs(reason.contribution))
    raising = [reason for reason in found if reason.raises][:MOST_EACH_WAY]
    lowering = [reason for reason in found if not reason.raises][:MOST_EACH_WAY]
    return (*raising, *lowering)


def importance(model: TrainedModel, codes: Floats) -> dict[str, float]:
    """Return the mean absolute contribution of each input at the main horizon, largest first.

    Of at most 5,000 rows, drawn at random and the same each time.
    """
    if len(codes) > MOST_ROWS:
        codes = codes[np.random.default_rng(SAMPLE).choice(len(codes), MOST_ROWS, replace=False)]
    parts = np.abs(model.scorer.contributions(codes, model.place)[:, :-1]).mean(axis=0)
    ranked = sorted(zip(model.encoder.names, parts, strict=True), key=lambda pair: -pair[1])
    return {name: float(part) for name, part in ranked}
