"""Why an entity is likely: exact additive contributions to its log-odds against the other two, the few worth words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ml.contracts import ENTITIES, Column, Floats, Reason
from ml.errors import GateError
from ml.models.explain.people import ADDITIVITY, MOST_EACH_WAY, WORTH_WORDS, Grouping, grouping

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
    parts = model.scorer.contributions(codes)
    missed = float(np.abs(parts.sum(axis=2) - model.scorer.margins(codes)).max())
    if not missed <= ADDITIVITY:  # and so nan is refused, too
        raise GateError(f"the explanation misses the model's margin by {missed:.2g}; no advice is given")
    strength = model.calibration.slope * contrasts(parts)[0, ENTITIES.index(entity), :-1]
    groups = grouping(model.encoder)
    return (*_strongest(model, row, groups, strength, 1), *_strongest(model, row, groups, strength, -1))


def _strongest(
    model: NeedModel, row: Mapping[str, object], groups: Grouping, strength: Floats, way: int
) -> Iterator[Driver]:
    """Yield the reasons worth words one way (1 for, −1 against), strongest first; strength (inputs,)."""
    sums = groups.sums(strength[None, :])[0]
    for place in np.argsort(-way * sums, kind="stable")[:MOST_EACH_WAY]:
        if way * sums[place] >= WORTH_WORDS:
            # A member that pulls the other way would be told as a reason for what it speaks against.
            member = int(np.where(groups.of == place, way * strength, -np.inf).argmax())
            column = model.encoder.inputs[member].column
            yield Driver(groups.reasons[place], column, row.get(column.name), way > 0, float(sums[place]))


def importance(model: NeedModel, codes: Floats) -> dict[str, dict[str, float]]:
    """Return each input's mean absolute contribution to each entity, largest of all entities first.

    Of at most 5,000 rows, drawn at random and the same each time.
    """
    if len(codes) > MOST_ROWS:
        codes = codes[np.random.default_rng(SAMPLE).choice(len(codes), MOST_ROWS, replace=False)]
    strength = np.abs(model.calibration.slope * contrasts(model.scorer.contributions(codes))[:, :, :-1]).mean(axis=0)
    ranked = sorted(zip(model.encoder.names, strength.T, strict=True), key=lambda pair: -float(pair[1].max()))
    return {name: dict(zip(ENTITIES, map(float, parts), strict=True)) for name, parts in ranked}
