"""Three pictures of why a model says what it says: each input's part, how it goes with the value, and pairs."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("agg")

import matplotlib.pyplot as plt
import shap
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from ml.contracts import ColumnType, Floats
from ml.models.encode import Input
from ml.models.explain import contributions
from ml.models.explain.pairs import Interactions
from ml.models.trained import TrainedModel

from .model import BLUE, GREEN, GREY, MOST_POINTS, ORANGE, STYLE, VERMILION

LABEL_WIDTH = 28  # characters; a longer label would leave the dots no room
PAIR_WIDTH = 52
MOST_INPUTS = 15  # of the beeswarm
PANELS = 6  # of the dependence plot
MOST_CATEGORIES = 8  # of a panel
MOST_PAIRS = 10
TENTHS = 10
# From low to high it gets lighter and never grey, which is missing: told apart by all eyes, and in print.
LOW_TO_HIGH = LinearSegmentedColormap.from_list("low to high", [BLUE, GREEN, ORANGE])


def beeswarm(model: TrainedModel, codes: Floats, rng: np.random.Generator) -> Figure:
    """Return each input's contributions, a dot a spell, coloured by the input's value; grey where it is missing.

    Raises GateError when contributions do not sum to the margin.
    """
    chosen = _some(codes, rng)
    parts = contributions(model, chosen)
    labels = [textwrap.fill(each.column.words("en"), LABEL_WIDTH) for each in model.encoder.inputs]
    with mpl.rc_context(STYLE):
        figure = plt.figure()
        shap.summary_plot(parts, pd.DataFrame(chosen, columns=labels), show=False, rng=rng,
                          max_display=MOST_INPUTS, cmap=LOW_TO_HIGH,
                          color_bar_label="value of the input (grey: missing)",
                          plot_size=(9, max(0.62 * min(len(labels), MOST_INPUTS) + 1.5, 3)))  # fmt: skip
        axes = figure.axes[0]
        axes.set_title("What moves the predictions")  # short: long labels leave the axes little width
        axes.set_xlabel("log-odds: ← shorter spell, longer spell →", fontsize=10)
        axes.tick_params(axis="y", labelsize=9)
        figure.tight_layout()
        plt.close(figure)
    return figure


def dependence(model: TrainedModel, codes: Floats, rng: np.random.Generator) -> Figure:
    """Return how the contributions of the six strongest inputs go with their values, a dot a spell.

    The dots joined by lines are medians of tenths of the spells; bars of a category are its middle half.
    Raises GateError when contributions do not sum to the margin.
    """
    chosen = _some(codes, rng)
    parts = contributions(model, chosen)
    strongest = np.argsort(-np.abs(parts).mean(axis=0), kind="stable")[:PANELS]
    columns = min(len(strongest), 3)
    rows = -(-len(strongest) // columns)
    with mpl.rc_context(STYLE):
        figure, grid = plt.subplots(rows, columns, figsize=(3.9 * columns, 3.2 * rows + 0.6), sharey=True,
                                    squeeze=False, layout="constrained")  # fmt: skip
        for axes, place in zip(grid.flat, strongest, strict=False):
            _panel(axes, model.encoder.inputs[place], chosen[:, place], parts[:, place])
        for axes in grid.flat[len(strongest) :]:
            axes.set_axis_off()
        for axes in grid[:, 0]:
            axes.set_ylabel("log-odds")
        title = "How the strongest inputs move the predictions: above 0 towards a longer spell, below a shorter one"
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        plt.close(figure)
    return figure


def interaction(found: Interactions, model: TrainedModel) -> Figure:
    """Return the strongest pairs of inputs as bars, beside the strongest input alone."""
    pairs = found.strongest(MOST_PAIRS)
    words = [each.column.words("en") for each in model.encoder.inputs]
    best = int(found.alone.argmax())
    with mpl.rc_context(STYLE):
        labels = [f"{textwrap.fill(words[a], PAIR_WIDTH)}\n× {textwrap.fill(words[b], PAIR_WIDTH)}" for a, b in pairs]
        lines = max((label.count("\n") + 1 for label in labels), default=1)
        height = max((0.16 * lines + 0.1) * len(labels), 1.0) + 1.2
        figure, axes = plt.subplots(figsize=(8.6, height), layout="constrained")
        axes.barh(range(len(pairs)), [found.strength[pair] for pair in pairs], color=BLUE, height=0.6)
        axes.set_yticks(range(len(pairs)), labels, fontsize=8)
        axes.invert_yaxis()
        axes.axvline(
            found.alone[best],
            color=ORANGE,
            linewidth=1.5,
            label=textwrap.fill(f"the strongest input alone: {words[best]}", PAIR_WIDTH),
        )
        axes.set_title("Inputs that the model reads together")
        axes.set_xlabel("log-odds: mean size of what a pair adds beyond its two inputs")
        axes.set_ylabel("pair" if pairs else "no pair adds anything")
        axes.legend(loc="lower right", fontsize=8, frameon=True, framealpha=1, edgecolor="none")
        plt.close(figure)
    return figure


def _some(codes: Floats, rng: np.random.Generator) -> Floats:
    return codes if len(codes) <= MOST_POINTS else codes[np.sort(rng.choice(len(codes), MOST_POINTS, replace=False))]


def _panel(axes: Any, each: Input, values: Floats, parts: Floats) -> None:
    """Draw one input: dots and a line of a number, bars of a category or a yes and no."""
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set_xlabel(textwrap.fill(each.column.words("en"), 40), fontsize=9)
    if each.is_category or each.column.type is ColumnType.BOOLEAN:
        _bars(axes, each, values, parts)
        return
    known = ~np.isnan(values)
    axes.plot(values[known], parts[known], ".", color=BLUE, alpha=0.15, markersize=4, rasterized=True)
    order = np.argsort(values[known], kind="stable")
    tenths = [rows for rows in np.array_split(np.flatnonzero(known)[order], TENTHS) if len(rows)]
    middle = [[np.median(values[rows]), np.median(parts[rows])] for rows in tenths]
    if middle:
        axes.plot(*np.transpose(middle), "o-", color=VERMILION, linewidth=1.5, markersize=4)
    if not known.all():
        median = float(np.median(parts[~known]))
        axes.axhline(median, color=ORANGE, linewidth=1.5, linestyle="--")
        axes.text(0.98, median, f"not known ({100 * (~known).mean():.0f} %)", color="black", fontsize=8, ha="right",
                  va="bottom", transform=axes.get_yaxis_transform())  # fmt: skip


def _bars(axes: Any, each: Input, values: Floats, parts: Floats) -> None:
    """Draw the middle half and the median of the most frequent categories, the most frequent first."""
    codes, counts = np.unique(np.where(np.isnan(values), -1, values).astype(np.int64), return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
    names = [_value_words(each, int(codes[place])) for place in order]
    for at, place in enumerate(order):
        low, middle, high = np.quantile(
            parts[np.where(np.isnan(values), -1, values) == codes[place]], [0.25, 0.5, 0.75]
        )
        axes.plot([at, at], [low, high], color=BLUE, linewidth=7, alpha=0.35, solid_capstyle="butt")
        axes.plot(at, middle, "o", color=VERMILION, markersize=5)
    axes.set_xlim(-0.6, len(order) - 0.4)
    axes.set_xticks(range(len(order)), names, rotation=30, ha="right", fontsize=8)


def _value_words(each: Input, code: int) -> str:
    if code < 0:
        return "not known"
    name = each.categories[code] if each.is_category else ("no", "yes")[code]
    return textwrap.shorten(name, 26, placeholder=" …")
