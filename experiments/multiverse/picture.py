"""The multiverse at a glance: who is flagged by all, what moves that, and how far false alarms spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ml.models.plots.model import BLUE, GREEN, GREY, ORANGE, STYLE, VERMILION

COLORS = {"0.05": BLUE, "0.1": ORANGE, "0.25": GREEN}
WORDS = {"together": "decisions together"}


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of what `measure` found."""
    with mpl.rc_context(STYLE):
        ratios = figures["false_positive_ratios"]
        height = 2.0 + 0.3 * max(len(ratios), 8)
        figure, (people, moved, alarms) = plt.subplots(1, 3, figsize=(15, height), layout="constrained")
        figure.suptitle(
            f"{figures['near_equal']} models about as good as the best, of {figures['universes']}: AUC at registration "
            f"{figures['auc']['lowest']:.3f} to {figures['auc']['highest']:.3f}",
            x=0.01, ha="left", fontsize=12,
        )  # fmt: skip
        _people(people, figures["capacities"])
        _moved(moved, figures["capacities"])
        _alarms(alarms, ratios)
        plt.close(figure)
    return figure


def _people(panel: Any, capacities: Mapping[str, Any]) -> None:
    """Draw who is flagged by all and by some, a bar a capacity."""
    for place, each in enumerate(capacities.values()):
        by_all, by_some = (each["agreement"][name]["value"] for name in ("all", "some"))
        panel.barh(place, by_all, color=BLUE, height=0.6, label="flagged by all" if not place else None)
        panel.barh(place, by_some, left=by_all, color=ORANGE, height=0.6,
                   label="flagged by some, not by others" if not place else None)  # fmt: skip
        panel.text(by_all + by_some + 0.01, place, f"{by_all:.0%} + {by_some:.0%}", va="center", fontsize=9)
    panel.set_yticks(range(len(capacities)), [f"highest {float(name):.0%}" for name in capacities])
    panel.set_ylim(len(capacities) - 0.5, -0.5)
    panel.set_xlim(0, min(1.0, panel.get_xlim()[1] * 1.25))
    panel.set_title("Who is flagged")
    panel.set_xlabel("Share of people at registration")
    panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panel.legend(loc="upper left", bbox_to_anchor=(0, -0.14), fontsize=9, borderaxespad=0)


def _moved(panel: Any, capacities: Mapping[str, Any]) -> None:
    """Draw which share of the variance each decision explains, dots of the capacities on a line a decision."""
    names = list(next(iter(capacities.values()))["moved_by"])
    for name, each in capacities.items():
        shares = [each["moved_by"][decision] for decision in names]
        panel.plot(shares, range(len(names)), "o", color=COLORS.get(name, GREY), label=f"highest {float(name):.0%}")
    panel.set_yticks(range(len(names)), [WORDS.get(name, name) for name in names])
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.set_xlim(0, None)
    panel.set_title("What moves it")
    panel.set_xlabel("Share of the variance of flags over universes")
    panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panel.grid(axis="both", color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.legend(loc="upper left", bbox_to_anchor=(0, -0.14), fontsize=9, borderaxespad=0)


def _alarms(panel: Any, ratios: Mapping[str, Any]) -> None:
    """Draw how far the false-positive ratio of each group spreads, beside what sampling alone would spread it."""
    for place, each in enumerate(ratios.values()):
        spread, first = each["spread"], each["first"]
        panel.plot([first["low"], first["high"]], [place + 0.17] * 2, color=GREY, linewidth=1.2,
                   label="first model: 95 % interval" if not place else None)  # fmt: skip
        panel.plot([spread["lowest"], spread["highest"]], [place - 0.17] * 2, color=VERMILION, linewidth=4,
                   label="lowest to highest of the models" if not place else None)  # fmt: skip
        panel.plot(spread["median"], place - 0.17, "|", color="black", markersize=8,
                   label="median model" if not place else None)  # fmt: skip
    panel.axvline(1, color=GREY, linewidth=1, linestyle="--")
    panel.set_yticks(range(len(ratios)), [name.replace("_", " ") for name in ratios])
    panel.set_ylim(len(ratios) - 0.5, -0.5)
    panel.set_title("False alarms, highest 25 %")
    panel.set_xlabel("False-positive rate against the reference group")
    panel.legend(loc="upper left", bbox_to_anchor=(0, -0.14), fontsize=9, borderaxespad=0)
