"""The few reasons that are told of one person: the same as of many (`people.py`), without arrays of a single row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.contracts import Column, Floats, Reason
from ml.models.grouping import Grouping
from ml.models.panel import RowSaid
from ml.models.trained import TrainedModel

from .people import MOST_EACH_WAY, WORTH_WORDS, require_exact


@dataclass(frozen=True, slots=True)
class RowReason:
    """One reason that goes together with a longer or a shorter spell.

    reason, member  places among the reasons and the inputs of the model: of its inputs the one that contributes most
                    that way
    contribution    of all inputs of the reason: calibrated log-odds
    """

    reason: int
    member: int
    raises: bool
    contribution: float


@dataclass(frozen=True)
class PersonReason:
    """The same in the words of the contract; `value`: of the column, None when it is missing."""

    reason: Reason
    column: Column
    value: object
    raises: bool
    contribution: float


def reasons(model: TrainedModel, row: Mapping[str, object], place: int | None = None) -> tuple[PersonReason, ...]:
    """Return at most three reasons for and three against of one person, strongest first.

    row    input → value; one left out is missing
    place  which of the horizons the reasons are of; None: the main one

    Raises GateError when contributions do not sum to the margin.
    """
    codes = model.encoder.row(row)
    place = model.place if place is None else place
    found = explain_row(model, model.alone.said(codes), model.alone.landmark(codes), place)
    columns = [each.column for each in model.encoder.inputs]
    return tuple(
        PersonReason(
            model.encoder.grouping.reasons[each.reason],
            columns[each.member],
            row.get(columns[each.member].name),
            each.raises,
            each.contribution,
        )
        for each in found
    )


def explain_row(model: TrainedModel, said: RowSaid, landmark: int, place: int) -> list[RowReason]:
    """Return at most three reasons each way of one row at a horizon, those for a longer spell first.

    Where the horizon was reached already there is nothing to predict, and there are no reasons.
    Raises GateError when contributions do not sum to the margin.
    """
    parts = said.contributions(place)
    require_exact(abs(sum(parts.tolist()) - float(said.margins[0, place])))
    adds = model.alone.slope(landmark, place) * parts[:-1]
    groups = model.encoder.grouping
    sums = np.asarray(np.bincount(groups.of, adds, len(groups.reasons)), dtype=np.float64)
    return [*_strongest(groups, adds, sums, 1), *_strongest(groups, adds, sums, -1)]


def _strongest(groups: Grouping, adds: Floats, sums: Floats, way: int) -> list[RowReason]:
    pulls, towards = (way * adds).tolist(), (way * sums).tolist()
    worth = [place for place, each in enumerate(towards) if each >= WORTH_WORDS]
    worth.sort(key=towards.__getitem__, reverse=True)  # those alike stay in their order
    return [
        RowReason(place, max(groups.members[place], key=pulls.__getitem__), way > 0, way * towards[place])
        for place in worth[:MOST_EACH_WAY]
    ]
