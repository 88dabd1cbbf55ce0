"""One picture of client groups: how large each is, what marks it, and how many groups are stable."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ml.models.fractions.number import STRENGTH
from ml.models.fractions.report import Fractions, Group

BLUE, ORANGE, VERMILION, GREY = "#0072B2", "#E69F00", "#D55E00", "#6b6b6b"  # Okabe & Ito
COLOURS = {"stable": BLUE, "doubtful": ORANGE, "not stable": VERMILION}
STYLE: Any = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11,
    "axes.titlelocation": "left", "figure.dpi": 130, "legend.frameon": False,
}  # fmt: skip
WIDTH = 112  # characters of a line of marks
MARKS = 3


def picture(found: Fractions) -> Figure:
    """Return groups by size with their marks, above stability by number of groups beside that of twins."""
    rows = max(len(found.groups), 1)
    with mpl.rc_context(STYLE):
        figure, (above, below) = plt.subplots(
            2, 1, figsize=(10.5, 1.05 * rows + 4.4), height_ratios=(1.05 * rows + 0.6, 3.2), layout="constrained"
        )
        _groups(above, found)
        _stability(below, found)
        plt.close(figure)
    return figure


def _groups(axes: Any, found: Fractions) -> None:
    axes.set_title(f"Client groups of {_thousands(found.people)} people unemployed on {found.as_of}")
    if not found.groups:
        axes.axis("off")
        axes.text(0, 0.5, textwrap.fill(found.why, WIDTH), transform=axes.transAxes, va="center")
        return
    widest = max(group.share.high for group in found.groups)
    for place, group in enumerate(found.groups):
        share = group.share
        axes.barh(place, share.value, color=COLOURS[group.stability], height=0.62)
        axes.plot([share.low, share.high], [place, place], color="black", linewidth=1.2, solid_capstyle="butt")
        axes.text(widest * 1.06, place, _told(group), va="center", fontsize=8, linespacing=1.25)
    axes.set(xlim=(0, widest * 3.9), ylim=(_rows_end(found), -0.6), yticks=range(len(found.groups)))
    axes.set_yticklabels([_thousands(group.people) for group in found.groups])
    axes.set_ylabel("people")
    axes.set_xticks([tick / 100 for tick in range(0, int(widest * 100) + 1, 5)])
    axes.set_xticklabels([f"{tick} %" for tick in range(0, int(widest * 100) + 1, 5)])
    axes.spines["bottom"].set_bounds(0, widest)
    axes.set_xlabel("share of everybody; line: range when people are drawn anew", loc="left")
    shown = {group.stability for group in found.groups}
    bars = [Patch(color=colour) for name, colour in COLOURS.items() if name in shown]
    axes.legend(bars, [name for name in COLOURS if name in shown], loc="lower right", ncols=3, fontsize=9)


def _thousands(people: int | None) -> str:
    return "few" if people is None else f"{people:,}".replace(",", " ")


def _rows_end(found: Fractions) -> float:
    """Return where the axis of groups ends: half a row below the last is room for the legend."""
    return len(found.groups) + 0.1


def _told(group: Group) -> str:
    marks = [textwrap.shorten(mark.words["en"], WIDTH, placeholder=" …") for mark in group.marks[:MARKS]]
    return "\n".join(marks) or "like everybody"


def _stability(axes: Any, found: Fractions) -> None:
    axes.set_title("Do the same groups come again in the other half of the people?")
    if not found.tried:
        axes.axis("off")
        axes.text(0, 0.5, "not tried", transform=axes.transAxes, va="center")
        return
    numbers = [tried.groups for tried in found.tried]
    for name, colour, shift in (("strength", BLUE, -0.06), ("twin_strength", GREY, 0.06)):
        each = [getattr(tried, name) for tried in found.tried]
        label = "these people" if name == "strength" else "twins without groups"
        axes.errorbar(
            [number + shift for number in numbers], [one.value for one in each],
            yerr=[[one.value - one.low for one in each], [one.high - one.value for one in each]],
            color=colour, marker="o", markersize=4, linewidth=1.4, elinewidth=0.8, label=label,
        )  # fmt: skip
    axes.axhline(STRENGTH, color=VERMILION, linewidth=1, linestyle="--", label=f"enough: {STRENGTH:g}")
    if found.chosen is not None:
        axes.axvline(found.chosen, color=ORANGE, linewidth=6, alpha=0.35, zorder=0, label=f"chosen: {found.chosen}")
    axes.set(xlabel="number of groups", ylabel="prediction strength", ylim=(0, 1.02), xticks=numbers)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
