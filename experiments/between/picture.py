"""How far chances are off, and how many are called elevated, by days unemployed: both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from ml.models.plots.model import BLUE, GREY, STYLE, VERMILION

MARKS: dict[str, tuple[str, dict[str, Any]]] = {
    "landmark": ("as if looked at at the landmark", {"color": VERMILION, "marker": "X"}),
    "between": ("between the landmarks", {"color": BLUE, "marker": "o"}),
}


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture: a panel for each horizon, and one for the band "elevated"."""
    lines = list(figures.values())
    horizons = list(dict.fromkeys(name for line in lines for name in line["ways"]["between"]["horizons"]))
    width = len(horizons) + 1
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(1, width, figsize=(4 * width, 4.5), layout="constrained", squeeze=False)
        for panel, horizon in zip(panels[0], horizons, strict=False):
            _gaps(panel, lines, horizon)
        _elevated(panels[0, -1], lines)
        for panel in panels[0]:
            panel.set_xticks(
                range(len(lines)), [days.replace("_to_", "–") for days in figures], rotation=60, ha="right"
            )
            panel.set_xlabel("days unemployed")
        figure.legend(*panels[0, -1].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        plt.close(figure)
    return figure


def _gaps(panel: Any, lines: Sequence[Any], horizon: str) -> None:
    panel.axhspan(-2, 2, color="#eeeeee", zorder=0)
    for way, (_, mark) in MARKS.items():
        for place, line in enumerate(lines):
            known = line["ways"][way]["horizons"].get(horizon)
            if known is not None:
                value, low, high = (100 * known["gap"][name] for name in ("value", "low", "high"))
                panel.plot([place, place], [low, high], color=mark["color"], linewidth=1.2)
                panel.plot(place, value, linestyle="none", markersize=6, **mark)
    panel.set_xlim(-0.5, len(lines) - 0.5)
    panel.set_title(f"Still unemployed at {horizon} days:\npredicted less observed, points")


def _elevated(panel: Any, lines: Sequence[Any]) -> None:
    panel.axhline(25, color=GREY, linewidth=1, linestyle="--")
    for way, (words, mark) in MARKS.items():
        shares = [100 * line["ways"][way]["bands"]["elevated"] for line in lines]
        panel.plot(shares, linestyle="none", markersize=6, label=words, **mark)
    panel.set(ylim=(0, 100), title="Band “elevated” by the chance alone, %\n(the highest quarter is meant)")
