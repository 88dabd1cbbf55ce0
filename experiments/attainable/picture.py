"""What was attained, at a glance: AUC beside the reference and the truth, and how far chances are off by landmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ml.models.plots.model import BLUE, GREEN, GREY, ORANGE, STYLE, VERMILION

MODELS = {
    "kept": ("kept model", BLUE),
    "reference": ("reference, ten times the persons", ORANGE),
    "truth": ("true risk", GREEN),
}
PEOPLE = {
    "fresh_people": ("people of other registers", BLUE),
    "landmarks": ("its own test part", VERMILION),
}
ALLOWED = 0.02  # that the predicted share may be off the observed one


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of what `measure` found."""
    registers = figures["registers"]
    landmarks = [(name, words) for name, line in registers.items() for words in line["landmarks"]]
    with mpl.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(12, 2.2 + 0.3 * len(landmarks)), layout="constrained")
        for place, line in enumerate(registers.values()):
            for shift, (name, (words, color)) in enumerate(MODELS.items()):
                _dot(left, line["auc"][name], place + 0.2 * (shift - 1), color, None if place else words)
        left.set_yticks(range(len(registers)), [_words(name) for name in registers])
        left.set_ylim(len(registers) - 0.5, -0.5)
        left.set_title("AUC at registration")
        left.set_xlabel("AUC (95 % interval)")
        for place, (name, words) in enumerate(landmarks):
            for side, (whose, (said, color)) in zip((-1, 1), PEOPLE.items(), strict=True):
                _dot(right, registers[name][whose][words]["gap"], place + 0.16 * side, color, None if place else said)
        right.axvspan(-ALLOWED, ALLOWED, color="#eeeeee", zorder=0, label="off by 2 points at most")
        right.axvline(0, color=GREY, linewidth=1, linestyle="--")
        right.set_yticks(range(len(landmarks)), [f"{_words(name)}, {_words(words)}" for name, words in landmarks])
        right.set_ylim(len(landmarks) - 0.5, -0.5)
        right.set_title("How far chances are off")
        right.set_xlabel("Predicted less observed share (95 % interval)")
        right.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        for panel in (left, right):
            panel.legend(loc="upper left", bbox_to_anchor=(0, -0.16), borderaxespad=0, ncols=2, fontsize=9)
            panel.grid(axis="x", color="#dddddd", linewidth=0.6)
            panel.set_axisbelow(True)
        plt.close(figure)
    return figure


def _dot(panel: Any, figure: Mapping[str, float], place: float, color: str, words: str | None) -> None:
    panel.plot([figure["low"], figure["high"]], [place, place], color=color, linewidth=1.4)
    panel.plot(figure["value"], place, "o", color=color, markersize=5, label=words)


def _words(name: str) -> str:
    return name.replace("_", " ")
