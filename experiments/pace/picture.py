"""How far chances are off, year by year, by how the level follows the times; below, how the pace had changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from experiments.pace.ways import KEPT, WAYS
from ml.models.plots.model import BLUE, GREEN, GREY, STYLE, VERMILION

APART = 0.24  # of the landmarks of a year
ALLOWED = 0.02  # that the predicted share may be off the observed one
MARKS: dict[str, dict[str, Any]] = {
    "stays": {"marker": "o", "color": GREY, "markersize": 10, "fillstyle": "none", "markeredgewidth": 1.5},
    "follows": {"marker": "o", "color": BLUE, "markersize": 5},
    "carried": {"marker": "^", "color": GREEN, "markersize": 6},
    "learnt": {"marker": "X", "color": VERMILION, "markersize": 7},
}
PANELS = {"calm": "Calm years", "not_calm": "Years with a shock before the day of use, or within two years after it"}
PERCENT = FuncFormatter(lambda value, _: f"{100 * value:+.0f} %".replace("-", "−") if value else "0 %")
POINTS = FuncFormatter(lambda value, _: f"{100 * value:+.0f}".replace("-", "−") if value else "0")


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of what `measure` found."""
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(
            2, 2, figsize=(13, 8), layout="constrained", height_ratios=(2.2, 1), sharex="col", squeeze=False
        )
        panels[1, 1].sharey(panels[1, 0])
        for column, name in enumerate(PANELS):
            lines = [each for each in figures["years"].values() if each["calm"] == (name == "calm")]
            above, below = panels[:, column]
            for place, line in enumerate(lines):
                _gaps(above, place, line)
                _change(below, place, line)
            above.axhspan(-ALLOWED, ALLOWED, color="#eeeeee", zorder=0)
            above.set_title(_title(name, figures["off"]))
            below.axhspan(-figures["shock"], figures["shock"], color="#eeeeee", zorder=0)
            below.set_xticks(range(len(lines)), [each["day_of_use"][:4] for each in lines])
            below.set_xlim(-0.6, max(len(lines), 1) - 0.4)
            below.set_xlabel("Year of use (November)")
            for panel, form in ((above, POINTS), (below, PERCENT)):
                panel.axhline(0, color=GREY, linewidth=1, linestyle="--", zorder=0)
                panel.yaxis.set_major_formatter(form)
                panel.grid(axis="y", color="#dddddd", linewidth=0.6)
                panel.set_axisbelow(True)
        panels[0, 0].set_ylabel(
            "Predicted less observed share, points\n(in each year: at registration, after 91, after 182 days)"
        )
        panels[0, 1].set_ylabel("Points (on another scale)")
        panels[1, 0].set_ylabel("Change of the pace\ninto the newest window")
        _legend(figure, figures["shock"])
        plt.close(figure)
    return figure


def _title(name: str, off: Mapping[str, Any]) -> str:
    """Return a panel's title, with the root mean squares of the two ways that the question is about."""
    if name not in off:
        return f"{PANELS[name]}: none"
    before, after = (100 * off[name]["off"][way]["together"] for way in ("stays", KEPT))
    off_by = f"off by {before:.2f} points (root mean square) as it stays, {after:.2f} as it follows"
    return f"{PANELS[name]}:\n{off_by}"


def _gaps(panel: Any, place: int, line: Mapping[str, Any]) -> None:
    """Draw the gaps of a year, the landmarks side by side."""
    for number, each in enumerate(line["landmarks"].values()):
        at, gap = place + APART * (number - (len(line["landmarks"]) - 1) / 2), each["gap"]
        panel.plot([at, at], [gap[KEPT]["low"], gap[KEPT]["high"]], color=BLUE, linewidth=1.1)
        for way, mark in MARKS.items():
            panel.plot(at, gap[way]["value"], linestyle="none", **mark)


def _change(panel: Any, place: int, line: Mapping[str, Any]) -> None:
    change = line["change"]["before"]
    panel.plot([place, place], [change["low"], change["high"]], color="black", linewidth=1.2)
    panel.plot(place, change["value"], "s", color="black", markersize=5)


def _legend(figure: Figure, shock: float) -> None:
    handles: list[Any] = [
        Line2D([], [], linestyle="none", label=WAYS[way] + (", 95 % interval" if way == KEPT else ""), **mark)
        for way, mark in MARKS.items()
    ]
    band = f"off by {100 * ALLOWED:.0f} points at most; below: a change of {100 * shock:.0f} % at most, no shock"
    handles.append(Patch(color="#eeeeee", label=band))
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
