"""By how much steeper slopes are than those of people new to the model; below, what the later spells gain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ml.models.plots.model import BLUE, GREY, STYLE, VERMILION

KINDS = {"logistic": "Logistic regression", "additive": "Boosting machine (EBM)", "lightgbm": "LightGBM"}
APART = 0.12  # of two marks at one landmark
DIFFERENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "lent_less_new": ("later spells of people who were learnt from", {"marker": "o", "color": BLUE, "markersize": 7}),
    "learnt_less_then": ("the spells that were learnt from", {"marker": "X", "color": VERMILION, "markersize": 8}),
}
SPREADS: dict[str, tuple[str, dict[str, Any]]] = {
    "apart": ("people apart alone", {"marker": "s", "color": GREY, "markersize": 8, "fillstyle": "none"}),
    "calibrating": ("people apart, and the later spells", {"marker": "D", "color": BLUE, "markersize": 6}),
}


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of what all registers say together, a column a kind of model."""
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(
            2, len(figures), figsize=(1 + 4 * len(figures), 7), layout="constrained", height_ratios=(1.5, 1),
            sharex=True, sharey="row", squeeze=False,
        )  # fmt: skip
        for column, (kind, by_landmark) in enumerate(figures.items()):
            above, below = panels[:, column]
            for place, line in enumerate(by_landmark.values()):
                _differences(above, place, line["less"])
                _spreads(below, place, line["slope"])
            above.set_title(KINDS[kind])
            above.axhline(0, color=GREY, linewidth=1, linestyle="--", zorder=0)
            below.set_xticks(range(len(by_landmark)), [words.replace("_", " ") for words in by_landmark])
            below.set_xlim(-0.5, len(by_landmark) - 0.5)
            for panel in (above, below):
                panel.grid(axis="y", color="#dddddd", linewidth=0.6)
                panel.set_axisbelow(True)
        panels[1, 0].set_ylim(bottom=0)
        panels[0, 0].set_ylabel("Slope less that of people new to the\nmodel, spells of the same days")
        panels[1, 0].set_ylabel("Standard deviation of the slope\nfrom register to register")
        _legend(figure)
        plt.close(figure)
    return figure


def _differences(panel: Any, place: int, less: Mapping[str, Any]) -> None:
    for number, (name, (_, mark)) in enumerate(DIFFERENCES.items()):
        at, each = place + APART * (2 * number - 1), less[name]
        if each["low"] is not None:
            panel.plot([at, at], [each["low"], each["high"]], color=mark["color"], linewidth=1.5)
        panel.plot(at, each["value"], linestyle="none", **mark)


def _spreads(panel: Any, place: int, slopes: Mapping[str, Any]) -> None:
    for number, (name, (_, mark)) in enumerate(SPREADS.items()):
        if slopes[name]["sd"] is not None:
            panel.plot(place + APART * (2 * number - 1), slopes[name]["sd"], linestyle="none", **mark)


def _legend(figure: Figure) -> None:
    named = [(f"above: {words}, 95 % interval", mark) for words, mark in DIFFERENCES.values()]
    named += [(f"below: {words}", mark) for words, mark in SPREADS.values()]
    handles = [Line2D([], [], linestyle="none", label=label, **mark) for label, mark in named]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9)
