"""By how much one model for all landmarks is better, a panel a measure, a line a kind of model and landmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from ml.models.plots.model import BLUE, GREEN, GREY, STYLE, VERMILION

COLORS = {"logistic": ("logistic regression", BLUE), "additive": ("boosting machine (EBM)", GREEN),
          "lightgbm": ("LightGBM", VERMILION)}  # fmt: skip
PANELS = {"auc_gain": "AUC: gain of one model for all", "brier_gain": "Brier score: lower by"}


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of what all registers say together."""
    lines = [(words, kind) for words, kinds in figures.items() for kind in kinds]
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(
            1, 2, figsize=(10, 1.6 + 0.32 * len(lines)), layout="constrained", sharey=True, squeeze=False
        )
        figure.suptitle("One model for all landmarks against one for each", x=0.01, ha="left", fontsize=12)
        for panel, (measure, label) in zip(panels[0], PANELS.items(), strict=True):
            panel.axvline(0, color=GREY, linewidth=1, linestyle="--")
            for place, (words, kind) in enumerate(lines):
                each, color = figures[words][kind][measure], COLORS[kind][1]
                if each["value"] is not None:
                    panel.plot([each["low"], each["high"]], [place, place], color=color, linewidth=1.4)
                    panel.plot(each["value"], place, "o", color=color, markersize=5)
            panel.set_yticks(range(len(lines)), [f"{words}: {COLORS[kind][0]}" for words, kind in lines])
            panel.set_ylim(len(lines) - 0.5, -0.5)
            panel.locator_params(axis="x", nbins=5)
            panel.set_xlabel(f"{label} (95 % interval)")
            panel.grid(axis="x", color="#dddddd", linewidth=0.6)
            panel.set_axisbelow(True)
        plt.close(figure)
    return figure
