"""The contest at a glance: a dot and its interval for each challenger, a column a landmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ml.models.plots.model import BLUE, GREY, STYLE, VERMILION

WORDS = {
    "base_rate": "base rate",
    "ams_2018": "AMS 2018 formula",
    "rule": "rule",
    "logistic": "logistic regression",
    "additive": "boosting machine (EBM)",
    "hazard": "hazard LightGBM",
    "lightgbm": "LightGBM",
    "tuned": "LightGBM, tuned",
    "unlimited": "LightGBM, unlimited",
}
NOT_SERVABLE = ("ams_2018", "hazard", "unlimited")
MEASURES = {"auc": "AUC", "brier_gain": "Brier score lower than LightGBM's by"}
FAR_BEHIND = ("base_rate", "rule")  # by so much in Brier score that the others' differences could not be seen


def draw(landmarks: Mapping[str, Mapping[str, Any]], horizon: str) -> Figure:
    """Return the picture of a contest: AUC, and the Brier score beside the default trees'.

    landmarks  landmark → model → figure → value, low and high
    horizon    in words
    """
    names = [name for name in WORDS if any(name in models for models in landmarks.values())]
    with mpl.rc_context(STYLE):
        size = (2.6 + 2.9 * len(landmarks), 1.6 + 0.5 * len(names))
        figure, grid = plt.subplots(2, len(landmarks), figsize=size, layout="constrained", sharey=True, squeeze=False)
        figure.suptitle(f"Still unemployed at {horizon}: every challenger, on the same people",
                        x=0.01, ha="left", fontsize=11)  # fmt: skip
        for row, (measure, label) in enumerate(MEASURES.items()):
            for panel, (words, models) in zip(grid[row], landmarks.items(), strict=True):
                _panel(panel, names, models, measure)
                panel.set_xlabel(label)
                panel.xaxis.set_major_locator(MaxNLocator(4))
                panel.set_title(words if row == 0 else "", loc="center", fontsize=10)
        handles = [
            Line2D([], [], color=color, marker="o", markersize=4, label=words)
            for color, words in ((BLUE, "can be explained exactly"), (VERMILION, "never served: for comparison"))
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
        plt.close(figure)
    return figure


def _panel(panel: Any, names: list[str], models: Mapping[str, Any], measure: str) -> None:
    for place, name in enumerate(names):
        found = models.get(name, {}).get(measure)
        if measure != "auc" and name in FAR_BEHIND:
            found = None
        if found is not None and None not in found.values():
            color = VERMILION if name in NOT_SERVABLE else BLUE
            panel.plot([found["low"], found["high"]], [place, place], color=color, linewidth=1.5)
            panel.plot(found["value"], place, "o", color=color, markersize=4)
    best = models.get("lightgbm", {}).get(measure)
    if best is not None:
        panel.axvline(best["value"], color=GREY, linewidth=0.8, linestyle="--", zorder=0)
    panel.set_yticks(range(len(names)), [WORDS[name] for name in names])
    panel.set_ylim(len(names) - 0.5, -0.5)
