"""The evaluation as plain JSON: `evaluation.json` of the run, and the card's `evaluation`.

Numbers of people go through ml/disclosure.py; figures that do not exist are null, and `why` says why.
"""

from __future__ import annotations

from typing import Any

from ml.contracts import CoreFigures, Evaluation, Figures, GroupPerformance, Interval, Outcome, Rival, Slice
from ml.disclosure import redact
from ml.measures.landmarks import landmark_words

from .report import number

POOLED = "all together"
DIGITS = 6  # more would tell nothing, and there are many figures


def evaluation_figures(
    evaluation: Evaluation, outcome: Outcome, groups: tuple[GroupPerformance, ...] = ()
) -> dict[str, Any]:
    """Return slices, rivals, groups and turns, in the order of their making; each with its landmark in words."""
    found = {
        "horizon": outcome.horizon,
        "horizon_words": outcome.words(outcome.horizon),
        "slices": [_slice(each, outcome) for each in evaluation.slices],
        "rivals": [_rival(each, outcome) for each in evaluation.rivals],
        "groups": [_group(each, outcome) for each in groups],
    }
    if evaluation.in_turns:  # time is not known
        found["in_turns"] = turn_figures(evaluation)
    return found


def turn_figures(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return how each kind of model did in turns, the kept one first; none where time is known."""
    return [_fields(each) for each in evaluation.in_turns]


def _slice(each: Slice, outcome: Outcome) -> dict[str, Any]:
    return {
        **_place(each.landmark, outcome),
        "horizon": each.horizon,
        "horizon_words": outcome.words(each.horizon),
        "quarter": each.quarter,
        "n": redact(each.rows),
        "persons": redact(each.persons),
        "why": each.why,
        "figures": each.figures and _figures(each.figures),
    }


def _rival(each: Rival, outcome: Outcome) -> dict[str, Any]:
    return {**_fields(each), **_place(each.landmark, outcome)}


def _group(each: GroupPerformance, outcome: Outcome) -> dict[str, Any]:
    return {
        "attribute": each.attribute,
        "group": each.group,
        **_place(each.landmark, outcome),
        "n": each.n,
        "why": each.why,
        "figures": each.figures and _core(each.figures),
    }


def _place(landmark: int | None, outcome: Outcome) -> dict[str, Any]:
    return {"landmark": landmark, "at": POOLED if landmark is None else landmark_words(landmark, outcome)}


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        **_core(figures.core),
        "capacity": [_fields(each) for each in figures.capacity],
        "net_benefit": [_fields(each) for each in figures.net_benefit],
    }


def _core(core: CoreFigures) -> dict[str, Any]:
    found = _fields(core)
    found["calibration"] = _fields(core.calibration)
    found["coverage"] = core.coverage and _fields(core.coverage)
    return found


def _fields(frozen: Any) -> dict[str, Any]:
    """Return the fields of a frozen type, an interval as its value, low and high."""
    return {name: _told(value) for name, value in vars(frozen).items()}


def _told(value: Any) -> Any:
    if isinstance(value, Interval):
        return _fields(value)
    known = number(value)
    return round(known, DIGITS) if isinstance(known, float) else known
