"""What protected attributes would add, and whom they would flag: two panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ml.models.plots.model import BLUE, GREY, STYLE, VERMILION

WORDS = {"logistic": ("logistic regression", BLUE, 0.14), "lightgbm": ("LightGBM", VERMILION, -0.14)}
LOOK = "at registration"


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of what all registers say together."""
    any_kind = next(iter(figures.values()))
    names = [name for name in any_kind if name != "left out"]
    groups = [(attribute, group) for attribute, of in any_kind["all"]["false_positives"].items() for group in of]
    with mpl.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(12, 1.8 + 0.27 * len(groups)), layout="constrained")
        figure.suptitle("Protected attributes as inputs again: what they would add, and whom they would flag",
                        x=0.01, ha="left", fontsize=12)  # fmt: skip
        for kind, (_, color, aside) in WORDS.items():
            gains = [figures[kind][name][LOOK]["auc_gain"] for name in names]
            changes = [
                figures[kind]["all"]["false_positives"][attribute][group]["change"] for attribute, group in groups
            ]
            _dots(left, gains, color, aside)
            _dots(right, changes, color, aside)
        _labelled(left, [name.replace("_", " ") for name in names], "AUC at registration: gain over leaving all out")
        _labelled(right, [f"{attribute.replace('_', ' ')}: {group}" for attribute, group in groups],
                  "False-positive rate at registration: change with all")  # fmt: skip
        handles = [Line2D([], [], color=color, marker="o", markersize=4, label=f"{words}, 95 % interval")
                   for words, color, _ in WORDS.values()]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
        plt.close(figure)
    return figure


def _dots(panel: Any, figures: list[Mapping[str, float | None]], color: str, aside: float) -> None:
    for place, each in enumerate(figures):
        if each["value"] is not None:
            panel.plot([each["low"], each["high"]], [place + aside] * 2, color=color, linewidth=1.2)
            panel.plot(each["value"], place + aside, "o", color=color, markersize=4)
        elif aside > 0:
            panel.annotate("too few people", (0, place), fontsize=8, color=GREY, va="center")


def _labelled(panel: Any, labels: list[str], words: str) -> None:
    panel.axvline(0, color=GREY, linewidth=1, linestyle="--")
    panel.set_yticks(range(len(labels)), labels)
    panel.set_ylim(len(labels) - 0.5, -0.5)
    panel.set_xlabel(words)
    panel.grid(axis="x", color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
