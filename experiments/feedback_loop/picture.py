"""The loop at a glance: the gap by year, who is helped, and how a model trained on helped people looks and is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from experiments.feedback_loop.grid import BOTH, MAIN
from ml.models.plots.model import BLUE, GREEN, GREY, ORANGE, STYLE, VERMILION

SKY = "#56B4E9"
LINES = {
    "no services": (GREY, "--"), "at random": (SKY, "-"), "caseworkers alone": (GREEN, "-"),
    "highest risk": (BLUE, "-"), "middle": (ORANGE, "-"), "lowest risk": (VERMILION, "-"),
}  # fmt: skip
TITLES = {
    BOTH: "Behind at the start, and employers hold back",
    "fixed number of jobs": "The same, with a fixed number of jobs",
    "services half as good for the group": "The same, services half as good for the group",
}
TRAINED = {"help ignored": VERMILION, "help known": GREEN, "not helped alone": ORANGE, "first model kept": BLUE}


def draw(found: Mapping[str, Any]) -> Figure:
    """Return the picture of what `measure` found."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(2, 3, figsize=(15, 8.6), layout="constrained")
        figure.suptitle(
            f"Gap between groups over {found['number_of_rounds']} years of services for a quarter of those out of work "
            f"(mean of {found['number_of_worlds']} made-up worlds, 95 % intervals)", x=0.01, ha="left", fontsize=12,
        )  # fmt: skip
        for panel, (name, title) in zip(axes[0], TITLES.items(), strict=True):
            policies = found["worlds"][name]["policies"]
            _lines(panel, {words: policies[words]["rounds"]["gap"] for words in LINES}, LINES)
            panel.set(title=title, ylabel="Share out of work: the group's less the others'")
        _share(axes[0])
        ratios = {words: line["rounds"]["helped_ratio"] for words, line in _policies(found).items() if words in LINES}
        del ratios["no services"]
        _lines(axes[1, 0], ratios, LINES)
        axes[1, 0].set(title="Who is helped", ylabel="Share helped: the group's by the others'", yscale="log")
        axes[1, 0].set_yticks([0.25, 0.5, 1, 2], ["¼", "½", "1", "2"])
        axes[1, 0].minorticks_off()
        axes[1, 0].axhline(1, color=GREY, linewidth=0.8)
        _trained(axes[1, 1], found, "off_observed", ("As a monitor sees it", "observed share"))
        _trained(axes[1, 2], found, "off_alone", ("As it is", "share had nobody been helped"))
        _share(axes[1, 1:])
        for panel in axes.flat:
            panel.set_xlabel("Year with services")
            panel.xaxis.set_major_locator(MaxNLocator(integer=True))
            panel.grid(axis="y", color="#dddddd", linewidth=0.6)
            panel.set_axisbelow(True)
        for panel in (axes[0, 2], axes[1, 1]):
            panel.legend(loc="lower left", fontsize=9, ncols=2)
        plt.close(figure)
    return figure


def _policies(found: Mapping[str, Any]) -> Mapping[str, Any]:
    return {run.course.policy.words: found["worlds"][BOTH]["policies"][run.course.policy.words] for run in MAIN[BOTH]}


def _trained(panel: Any, found: Mapping[str, Any], name: str, words: tuple[str, str]) -> None:
    """Draw how far the group's predicted share is off by way of training, under "highest risk"."""
    lines = {
        line["training"]: line["rounds"][f"{name}_group"] for line in found["training"] if line["training"] in TRAINED
    }
    _lines(panel, lines, {words: (color, "-") for words, color in TRAINED.items()})
    panel.axhline(0, color=GREY, linewidth=0.8)
    panel.set(title=f"Highest risk, the group: {words[0].lower()}", ylabel=f"Predicted less {words[1]}")
    panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _lines(panel: Any, lines: Mapping[str, Sequence[Mapping[str, Any]]], styles: Mapping[str, tuple[str, str]]) -> None:
    for words, rounds in lines.items():
        color, dash = styles[words]
        years = range(1, len(rounds) + 1)
        panel.fill_between(years, [each["low"] for each in rounds], [each["high"] for each in rounds], color=color,
                           alpha=0.15, linewidth=0)  # fmt: skip
        panel.plot(years, [each["value"] for each in rounds], color=color, linestyle=dash, linewidth=1.6, label=words)


def _share(panels: Sequence[Any]) -> None:
    """Give panels one vertical axis, from what all of them show."""
    ends = [panel.get_ylim() for panel in panels]
    for panel in panels:
        panel.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))
        panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
