"""How often a gap is found, by its size and the group's; and how many intervals hold the truth: two panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from experiments.audit_honesty.coverage import SMALL_GROUPS
from ml.models.plots.model import BLUE, GREEN, GREY, ORANGE, STYLE, VERMILION

COLORS = (ORANGE, GREEN, BLUE, VERMILION)
WAY_COLORS = (BLUE, ORANGE, VERMILION)
PROMISED, WITHIN = 0.95, (0.93, 0.97)
ASIDE = 0.2


def draw(found: Mapping[str, Any]) -> Figure:
    """Return the picture."""
    with mpl.rc_context(STYLE):
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(12, 7.5), layout="constrained", gridspec_kw={"width_ratios": (2, 3)}
        )
        _power(left, found)
        _coverage(right, found["coverage"])
        plt.close(figure)
    return figure


def _power(panel: Any, found: Mapping[str, Any]) -> None:
    sizes = sorted({each["size"] for each in found["curve"]})
    for size, color in zip(sizes, COLORS, strict=True):
        points = [each for each in found["curve"] if each["size"] == size]
        for each in points:
            panel.plot([each["ratio"]] * 2, [each["found"]["low"], each["found"]["high"]], color=color, linewidth=0.6)
        panel.plot([each["ratio"] for each in points], [each["found"]["value"] for each in points], "o-",
                   color=color, markersize=4, label=f"{size:,} people")  # fmt: skip
    panel.axhline(0.9, color=GREY, linewidth=1, linestyle="--")
    panel.set_ylim(-0.02, 1.02)
    panel.set_xlabel("false-positive rate, times the others' (limit 1.25)")
    panel.set_ylabel("share of sets in which it fails")
    panel.set_title("Gaps that are found, of 15,000 people", loc="left", fontsize=11)
    panel.legend(title="in the group", loc="lower right")


def _coverage(panel: Any, ways: Mapping[str, Any]) -> None:
    rows = [(metric, figure) for metric, figures in next(iter(ways.values())).items() for figure in figures]
    panel.axvspan(*WITHIN, color="#eeeeee")
    panel.axvline(PROMISED, color=GREY, linewidth=1, linestyle="--")
    for number, ((words, way), color) in enumerate(zip(ways.items(), WAY_COLORS, strict=True)):
        for place, (metric, figure) in enumerate(rows):
            each, at = way[metric][figure], place + (number - 1) * ASIDE
            panel.plot([each["low"], each["high"]], [at, at], color=color, linewidth=1)
            panel.plot(each["value"], at, "o", color=color, markersize=3, label=words if not place else None)
    panel.set_yticks(range(len(rows)), [_words(*row) for row in rows], fontsize=8)
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_xlabel("share of 95 % intervals that hold the truth")
    panel.set_title("Intervals", loc="left", fontsize=11)
    panel.legend(loc="upper center", bbox_to_anchor=(0.4, -0.09), ncols=3)


def _words(metric: str, figure: str) -> str:
    name = metric.replace("_", " ") if metric != SMALL_GROUPS else "all metrics, small groups"
    return f"{name}: {figure.replace('_', ' ')}"
