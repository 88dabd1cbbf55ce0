"""Share found against gap, a panel an attribute: which mitigations no other beats, and what each would use."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ml.fairness.mitigation.point import Uses
from ml.models.plots.model import BLUE, GREEN, GREY, STYLE, VERMILION

COLORS = {Uses.NEVER: "black", Uses.TRAINING: BLUE, Uses.SCORING: VERMILION}
WORDS = {
    Uses.NEVER: "model as it is",
    Uses.TRAINING: "uses the attribute while the model is made",
    Uses.SCORING: "uses it of each person scored: needs a legal basis",
}
LIMIT = 1.25  # of the policy (model_cards/policy.toml), here in either direction
COLUMNS = 2
TICKS = (1, 1.25, 1.5, 2, 3, 4, 6, 8)
LINE_HEIGHT = 0.062  # of a panel, for a label
LOWEST, HIGHEST = 0.03, 0.98  # where a label may stand
SPREADING = 200  # rounds of pushing labels apart


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of what `measure` found."""
    rows = math.ceil(len(figures) / COLUMNS)
    columns = min(COLUMNS, len(figures))
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(
            rows, columns, figsize=(7.4 * columns, 0.9 + 4.4 * rows), layout="constrained", squeeze=False
        )
        figure.suptitle("Narrowing a gap in false alarms: what it costs (better: lower, and to the right)",
                        x=0.01, ha="left", fontsize=12)  # fmt: skip
        for panel, (attribute, found) in zip(panels.flat, figures.items(), strict=False):
            _panel(panel, attribute, found)
        for panel in list(panels.flat)[len(figures) :]:
            panel.axis("off")
        handles = [Line2D([], [], color=COLORS[uses], marker="o", linestyle="", label=words)
                   for uses, words in WORDS.items()]  # fmt: skip
        handles.append(Line2D([], [], color=GREY, marker="o", markerfacecolor="white", linestyle="",
                              label="hollow: another is better in both"))  # fmt: skip
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
        plt.close(figure)
    return figure


def _panel(panel: Any, attribute: str, found: Mapping[str, Any]) -> None:
    panel.set_title(f"{attribute.replace('_', ' ').capitalize()} (against {found['reference']})")
    points = [each for each in found["points"] if each["gap"] and each["gap"]["times"]["value"] is not None]
    if not points:
        panel.text(0.5, 0.5, "too few people to say", ha="center", transform=panel.transAxes, color=GREY)
        return
    panel.axhspan(1, LIMIT, color=GREEN, alpha=0.12, linewidth=0)
    for point in points:
        _point(panel, point, point["name"] in found["undominated"])
    panel.set_yscale("log")
    highest = max(_top(each) for each in points)
    panel.set_ylim(0.97, max(1.1 * highest, 1.6))
    panel.set_yticks([tick for tick in TICKS if tick < 1.1 * max(highest, 1.45)], minor=False)
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    panel.yaxis.set_minor_locator(mpl.ticker.NullLocator())
    low = min(each["found"]["low"] for each in points)
    high = max(each["found"]["high"] for each in points)
    panel.set_xlim(low - 0.01, high + 0.75 * (high - low))  # room for the labels on the right
    panel.text(0.01, LIMIT, " within the policy's limit", transform=panel.get_yaxis_transform(), fontsize=8,
               color=GREEN, va="top")  # fmt: skip
    panel.set_xlabel("Of those still unemployed at the horizon, share flagged")
    panel.set_ylabel("Gap: times as many false alarms")
    chosen = None if found["choice"] is None else found["choice"]["name"]
    _labels(panel, points, high + 0.06 * (high - low), chosen)


def _point(panel: Any, point: Mapping[str, Any], best: bool) -> None:
    color, times, share = COLORS[Uses(point["uses"])], point["gap"]["times"], point["found"]
    panel.plot([share["low"], share["high"]], [times["value"]] * 2, color=color, linewidth=0.8, alpha=0.45)
    panel.plot([share["value"]] * 2, [times["low"], _top(point)], color=color, linewidth=0.8, alpha=0.45)
    panel.plot(share["value"], times["value"], "o", color=color, markersize=6, zorder=3,
               markerfacecolor=color if best else "white")  # fmt: skip


def _labels(panel: Any, points: Sequence[Mapping[str, Any]], x: float, chosen: str | None) -> None:
    """Write the names in a column on the right, in the order of the points and apart, each with a line to its point."""
    ordered = sorted(points, key=lambda each: each["gap"]["times"]["value"])
    wanted = [_height(panel, each["gap"]["times"]["value"]) for each in ordered]
    for point, height in zip(ordered, apart(wanted), strict=True):
        color = COLORS[Uses(point["uses"])]
        name = f"{point['name']}  ← chosen" if point["name"] == chosen else point["name"]
        panel.annotate(
            name, (point["found"]["value"], point["gap"]["times"]["value"]), xycoords="data",
            xytext=(x, height), textcoords=panel.get_xaxis_transform(), fontsize=8.5, color=color, va="center",
            fontweight="bold" if point["name"] == chosen else "normal",
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6, "alpha": 0.5, "shrinkA": 1, "shrinkB": 3},
        )  # fmt: skip


def _height(panel: Any, times: float) -> float:
    """Return where in the panel a gap stands, 0 to 1."""
    low, high = panel.get_ylim()
    return math.log(times / low) / math.log(high / low)


def apart(wanted: Sequence[float]) -> list[float]:
    """Return heights in the same order, a line apart and within the panel, near to those wanted."""
    placed = list(wanted)
    for _ in range(SPREADING):
        for below in range(len(placed) - 1):
            overlap = LINE_HEIGHT - (placed[below + 1] - placed[below])
            if overlap > 0:
                placed[below], placed[below + 1] = placed[below] - overlap / 2, placed[below + 1] + overlap / 2
        placed[0], placed[-1] = max(placed[0], LOWEST), min(placed[-1], HIGHEST)
    return placed


def _top(point: Mapping[str, Any]) -> float:
    """Return the upper end of a gap; where it has no bound, the gap itself."""
    times = point["gap"]["times"]
    return float(times["value"] if times["high"] is None else times["high"])
