"""The few reasons that are told of each person: exact contributions, summed by reason, the strongest each way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Bools, Floats, Reason, Rows
from ml.errors import GateError
from ml.models.grouping import Grouping
from ml.models.trained import TrainedModel

MOST_EACH_WAY = 3
WORTH_WORDS = 0.05  # log-odds; less than about one point at a share of one in three
ADDITIVITY = 1e-6
NOBODY = -1  # where there are fewer reasons than three


@dataclass(frozen=True)
class Strongest:
    """The strongest reasons one way, strongest first, each (n, 3).

    reason        place among the reasons of the model; -1 where there are fewer than three
    contribution  calibrated log-odds of all inputs of the reason together; 0 where there are fewer
    member        place of the input that contributes most that way; -1 where there are fewer
    """

    reason: Rows
    contribution: Floats
    member: Rows


@dataclass(frozen=True)
class Explanation:
    """What goes together with a longer and with a shorter spell, of n people; `reasons` are those of the model."""

    reasons: tuple[Reason, ...]
    raising: Strongest
    lowering: Strongest


def contributions(
    model: TrainedModel, codes: Floats, place: int | None = None, margins: Floats | None = None
) -> Floats:
    """Return what each input adds to the margin at a horizon, (n, inputs), checked to be exact.

    place    which of the horizons; None: the main one
    margins  (n, horizons) that the scorer gave the codes; None: it is asked

    Raises GateError when a row and the base do not sum to the margin: an explanation that is not exact is not given.
    """
    place = model.place if place is None else place
    parts = model.contributions(codes, place)
    margins = model.margins(codes) if margins is None else margins
    gap = np.abs(parts.sum(axis=1) - margins[:, place])
    require_exact(float(gap.max(initial=0.0)))
    return parts[:, :-1]


def require_exact(gap: float) -> None:
    """Raise GateError where contributions do not sum to the margin."""
    if not gap <= ADDITIVITY:  # and so nan is refused, too
        raise GateError(f"the explanation misses the model's margin by {gap:.2g}; no advice is given")


def explain(model: TrainedModel, codes: Floats, place: int | None = None, margins: Floats | None = None) -> Explanation:
    """Return at most three reasons each way of every row of codes, (n, inputs), at a horizon; None: the main one.

    margins  (n, horizons) that the scorer gave the codes; None: it is asked

    Where the horizon was reached already there is nothing to predict, and there are no reasons.
    Raises GateError when contributions do not sum to the margin.
    """
    place = model.place if place is None else place
    groups = model.encoder.grouping
    parts = contributions(model, codes, place, margins) * model.slopes(codes, place)[:, None]
    sums = groups.sums(parts)
    return Explanation(groups.reasons, strongest(groups, parts, sums, 1), strongest(groups, parts, sums, -1))


def told(sums: Floats, way: int) -> Bools:
    """Return which reasons are told one way (1 longer, −1 shorter), (n, reasons): at most three, each worth words."""
    order = np.argsort(-way * sums, axis=1, kind="stable")[:, :MOST_EACH_WAY]
    among = np.zeros(sums.shape, dtype=bool)
    np.put_along_axis(among, order, True, axis=1)
    return among & (way * sums >= WORTH_WORDS)


def strongest(groups: Grouping, parts: Floats, sums: Floats, way: int) -> Strongest:
    """Return the strongest reasons one way, 1 for and −1 against, that are worth words.

    parts  (n, inputs) what each input adds;  sums  (n, reasons) what each reason adds
    """
    rows, towards, pulls = np.arange(len(sums))[:, None], way * sums, way * parts
    order = np.argsort(-towards, axis=1, kind="stable")[:, :MOST_EACH_WAY]
    worth = towards[rows, order] >= WORTH_WORDS
    # A member that pulls the other way would be told as a reason for what it speaks against.
    member = np.where(groups.of == order[:, :, None], pulls[:, None, :], -np.inf).argmax(axis=2)
    found = Strongest(*(np.full((len(sums), MOST_EACH_WAY), each) for each in (NOBODY, 0.0, NOBODY)))
    place, rank = worth.nonzero()
    reason = order[place, rank]
    found.reason[place, rank] = reason
    found.contribution[place, rank] = sums[place, reason]
    found.member[place, rank] = member[place, rank]
    return found
