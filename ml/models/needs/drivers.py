"""Why an entity is likely: exact additive contributions to its log-odds against the other two, the few worth words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.contracts import ENTITIES, Column, Floats, Reason, Rows
from ml.errors import GateError
from ml.models.explain.people import ADDITIVITY, NOBODY, Strongest, strongest

from .model import NeedModel

MOST_ROWS = 5000  # of which an importance is the mean: more rows would not change its order
SAMPLE = 20261124  # seed of the rows chosen


@dataclass(frozen=True)
class Driver:
    """One reason that goes together with an entity being likelier, or less likely, for one person.

    column        of its inputs the one that contributes most that way
    value         of that input; None: missing
    contribution  of all its inputs: calibrated log-odds of the entity against the mean of the others
    """

    reason: Reason
    column: Column
    value: object
    speaks_for: bool
    contribution: float


def contrasts(parts: Floats) -> Floats:
    """Return contributions to each entity against the mean of the others, (n, entities, inputs + 1), as given.

    Margins mean something only beside each other: what adds the same to all entities moves none.
    """
    others = (parts.sum(axis=1, keepdims=True) - parts) / (parts.shape[1] - 1)
    return np.asarray(parts - others)


def drivers(model: NeedModel, row: Mapping[str, object], entity: str) -> tuple[Driver, ...]:
    """Return at most three reasons for the entity, then at most three against it, strongest first.

    Raises GateError when contributions do not sum to the margins: an explanation that is not exact is not given.
    """
    codes = model.encoder.rows([row])
    reasons, found = model.encoder.grouping.reasons, explain_needs(model, codes, np.array([ENTITIES.index(entity)]))
    return tuple(
        Driver(reasons[reason], column, row.get(column.name), speaks_for, float(contribution))
        for speaks_for, way in zip((True, False), found, strict=True)
        for reason, member, contribution in zip(way.reason[0], way.member[0], way.contribution[0], strict=True)
        if reason != NOBODY
        for column in [model.encoder.inputs[member].column]
    )


def explain_needs(
    model: NeedModel, codes: Floats, entity: Rows, margins: Floats | None = None
) -> tuple[Strongest, Strongest]:
    """Return the strongest reasons for an entity, and those against it, of every row of codes, (n, inputs).

    entity   (n,) which, by its place in ENTITIES
    margins  (n, entities) that the scorer gave the codes; None: it is asked

    Raises GateError when contributions do not sum to the margins: an explanation that is not exact is not given.
    """
    parts = model.scorer.contributions(codes)
    margins = model.scorer.margins(codes) if margins is None else margins
    missed = float(np.abs(parts.sum(axis=2) - margins).max(initial=0.0))
    if not missed <= ADDITIVITY:  # and so nan is refused, too
        raise GateError(f"the explanation misses the model's margin by {missed:.2g}; no advice is given")
    strength = model.calibration.slope * contrasts(parts)[np.arange(len(codes)), entity, :-1]
    groups = model.encoder.grouping
    sums = groups.sums(strength)
    return strongest(groups, strength, sums, 1), strongest(groups, strength, sums, -1)


def importance(model: NeedModel, codes: Floats) -> dict[str, dict[str, float]]:
    """Return each input's mean absolute contribution to each entity, largest of all entities first.

    Of at most 5,000 rows, drawn at random and the same each time.
    """
    if len(codes) > MOST_ROWS:
        codes = codes[np.random.default_rng(SAMPLE).choice(len(codes), MOST_ROWS, replace=False)]
    strength = np.abs(model.calibration.slope * contrasts(model.scorer.contributions(codes))[:, :, :-1]).mean(axis=0)
    ranked = sorted(zip(model.encoder.names, strength.T, strict=True), key=lambda pair: -float(pair[1].max()))
    return {name: dict(zip(ENTITIES, map(float, parts), strict=True)) for name, parts in ranked}
