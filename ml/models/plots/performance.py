"""Three pictures of how good a model is, drawn from its evaluation: worth of looking, time, and rivals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ml.contracts import Evaluation, Floats, Interval, NetBenefit, Outcome, Slice
from ml.measures.landmarks import landmark_words

from .model import BLUE, GREY, ORANGE, VERMILION, panels

TOO_FEW = "too few to say"
HARDLY_ANYBODY = 0.01  # thresholds at which hardly anybody, or nearly everybody, is looked at say nothing


def performance_figures(evaluation: Evaluation, outcome: Outcome, kept: str) -> dict[str, Figure]:
    """Return each picture that can be drawn, by name; kept: the name of the kept model."""
    drawn = {}
    if _told(evaluation, outcome):
        drawn["decision"] = decision(evaluation, outcome)
    if _by_quarter(evaluation, outcome):
        drawn["quarters"] = over_quarters(evaluation, outcome)
    if evaluation.rivals:
        drawn["auc"] = auc_by_landmark(evaluation, outcome, kept)
    return drawn


def decision(evaluation: Evaluation, outcome: Outcome) -> Figure:
    """Return net benefit by threshold at the main horizon, a panel a landmark that there is enough to say of."""
    curves = {_words(each, outcome): _sensible(each.figures.net_benefit) for each in _told(evaluation, outcome)
              if each.figures}  # fmt: skip
    highest = max(point.model.high for curve in curves.values() for point in curve)
    labels = ("Looked at from this chance on", "Net benefit a person")
    title = f"Is looking worth it? Still unemployed at {outcome.words(outcome.horizon)}"
    with panels(title, list(curves), labels) as (figure, axes):
        for panel, curve in zip(axes, curves.values(), strict=True):
            at = np.array([point.threshold for point in curve])
            _band(panel, at, [point.model for point in curve], BLUE, "by the model")
            rule = [point.rule for point in curve if point.rule is not None]
            if rule:
                panel.plot(at, [each.value for each in rule], color=ORANGE, label="by the rule, as many people")
            everybody = [point.everybody.value for point in curve]
            panel.plot(at, everybody, color=GREY, linestyle="--", linewidth=1, label="everybody")
            panel.axhline(0, color="black", linewidth=0.8, label="nobody")
            panel.set(xlim=(at[0], at[-1]), ylim=(-0.15 * highest, 1.05 * highest))
    return figure


def over_quarters(evaluation: Evaluation, outcome: Outcome) -> Figure:
    """Return observed and predicted share at the main horizon by quarter of the look, a panel a landmark."""
    found = _by_quarter(evaluation, outcome)
    highest = max((each.figures.core.observed.high for slices in found.values() for each in slices if each.figures),
                  default=1.0)  # fmt: skip
    title = f"Over time: still unemployed at {outcome.words(outcome.horizon)}"
    with panels(title, list(found), ("Quarter of the look", "Share still unemployed")) as (figure, axes):
        for panel, slices in zip(axes, found.values(), strict=True):
            known = [(place, each.figures.core) for place, each in enumerate(slices) if each.figures]
            unknown = [place for place, each in enumerate(slices) if not each.figures]
            at = np.array([place for place, _ in known], dtype=np.float64)
            _dots(panel, at, [core.observed for _, core in known], VERMILION, "observed, with 95 % interval")
            panel.plot(at, [core.predicted.value for _, core in known], "_", color=BLUE, markersize=16,
                       markeredgewidth=2.5, label="predicted")  # fmt: skip
            panel.plot(unknown, [0.02] * len(unknown), "x", color=GREY, label=TOO_FEW)
            panel.set(xlim=(-0.6, len(slices) - 0.4), ylim=(0, min(1.2 * highest, 1.0)))
            panel.set_xticks(range(len(slices)), [str(each.quarter) for each in slices], rotation=60, ha="right",
                             rotation_mode="anchor", fontsize=8)  # fmt: skip
    return figure


def auc_by_landmark(evaluation: Evaluation, outcome: Outcome, kept: str) -> Figure:
    """Return the AUC of the kept model and of each rival, a panel a landmark, with 95 % intervals."""
    slices = [
        each for each in _told(evaluation, outcome) if any(r.landmark == each.landmark for r in evaluation.rivals)
    ]
    title = f"AUC: still unemployed at {outcome.words(outcome.horizon)}"
    with panels(title, [_words(each, outcome) for each in slices], ("AUC (0.5: a coin)", "")) as (figure, axes):
        every = [each.figures.core.auc for each in slices if each.figures] + [rival.auc for rival in evaluation.rivals]
        limits = min(0.5, *(auc.low for auc in every)) - 0.02, max(0.5, *(auc.high for auc in every)) + 0.02
        names = [kept, *dict.fromkeys(rival.name for rival in evaluation.rivals)]
        for panel, each in zip(axes, slices, strict=True):
            aucs = {kept: each.figures.core.auc} if each.figures else {}
            aucs |= {rival.name: rival.auc for rival in evaluation.rivals if rival.landmark == each.landmark}
            panel.axvline(0.5, color=GREY, linewidth=1, linestyle="--", label="a coin")
            _across(panel, {kept: aucs[kept]}, names, BLUE, "kept model, with 95 % interval")
            _across(panel, {name: auc for name, auc in aucs.items() if name != kept}, names, ORANGE, "others")
            panel.set(xlim=limits, ylim=(len(names) - 0.5, -0.5))
            panel.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    return figure


def _told(evaluation: Evaluation, outcome: Outcome) -> list[Slice]:
    """Return the slices of each landmark at the main horizon that have figures."""
    return [each for each in evaluation.slices
            if each.horizon == outcome.horizon and each.quarter is None and each.landmark is not None and each.figures
            ]  # fmt: skip


def _by_quarter(evaluation: Evaluation, outcome: Outcome) -> Mapping[str, list[Slice]]:
    """Return the quarters of each landmark at the main horizon, in order, under the landmark's words."""
    found: dict[str, list[Slice]] = {}
    for each in evaluation.slices:
        if each.horizon == outcome.horizon and each.quarter is not None:
            found.setdefault(_words(each, outcome), []).append(each)
    return found


def _words(each: Slice, outcome: Outcome) -> str:
    return landmark_words(each.landmark or 0, outcome)


def _sensible(curve: tuple[NetBenefit, ...]) -> tuple[NetBenefit, ...]:
    """Return the part of the curve over which the model looks neither at everybody nor at nobody, and a step more."""
    inside = [place for place, point in enumerate(curve) if HARDLY_ANYBODY <= point.looked_at <= 1 - HARDLY_ANYBODY]
    if not inside:
        return curve
    return curve[max(inside[0] - 1, 0) : inside[-1] + 2]


def _band(panel: Any, at: Floats, shares: list[Interval], colour: str, name: str) -> None:
    panel.plot(at, [each.value for each in shares], color=colour, label=name)
    panel.fill_between(at, [each.low for each in shares], [each.high for each in shares], color=colour, alpha=0.2,
                       linewidth=0)  # fmt: skip


def _dots(panel: Any, at: Floats, shares: list[Interval], colour: str, name: str) -> None:
    panel.vlines(at, [each.low for each in shares], [each.high for each in shares], color=colour, linewidth=1.2)
    panel.plot(at, [each.value for each in shares], "o", color=colour, markersize=5, label=name)


def _across(panel: Any, aucs: Mapping[str, Interval], names: list[str], colour: str, label: str) -> None:
    at = [names.index(name) for name in aucs]
    panel.hlines(at, [each.low for each in aucs.values()], [each.high for each in aucs.values()], color=colour)
    panel.plot([each.value for each in aucs.values()], at, "o", color=colour, label=label)
