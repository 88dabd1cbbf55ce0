"""Four pictures of a model, each readable at a glance; colours are Okabe and Ito's, safe for colour-blind eyes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("agg")

import matplotlib.pyplot as plt
import shap
from matplotlib.figure import Figure

from ml.contracts import Floats, Outcome, Predictions, Rows, Spells
from ml.measures.calibration import smooth_observed
from ml.measures.censoring import survival_curve
from ml.models.trained import TrainedModel

BLUE, ORANGE, GREEN, VERMILION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#6b6b6b"
STYLE: Any = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11,
    "axes.titlelocation": "left", "figure.dpi": 130, "legend.frameon": False,
}  # fmt: skip
LABEL_WIDTH = 28  # characters; a longer label would leave the dots no room
MOST_POINTS = 2000  # of the beeswarm and of a curve: more say nothing more
BINS = 10


def calibration(predictions: Predictions, outcome: Outcome) -> Figure:
    """Return predicted against observed shares: tenths of the test part as dots, the smooth as a line."""
    with _figure(f"Calibration: still unemployed at {outcome.words(outcome.horizon)}") as (figure, axes):
        order = np.argsort(predictions.score, kind="stable")
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfect")
        drawn = _thinned(order)
        axes.plot(
            predictions.score[drawn],
            smooth_observed(predictions)[drawn],
            color=BLUE,
            label="observed, smoothed",
        )
        for rows in np.array_split(order, BINS):
            weight = predictions.weight[rows]
            if weight.sum() > 0:
                share = np.average(predictions.outcome[rows], weights=weight)
                axes.plot(predictions.score[rows].mean(), share, "o", color=VERMILION, markersize=5)
        axes.plot([], [], "o", color=VERMILION, markersize=5, label="observed, tenths of the test part")
        axes.set(xlabel="Predicted share", ylabel="Observed share", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.legend(loc="upper left")
    return figure


def gain(predictions: Predictions) -> Figure:
    """Return which share of those still unemployed is found by looking at the highest-scored share of people."""
    with _figure("Gain: who is found by looking at the highest scores first") as (figure, axes):
        order = np.argsort(-predictions.score, kind="stable")
        cases = np.where(predictions.outcome, predictions.weight, 0.0)[order]
        found = np.concatenate([[0.0], np.cumsum(cases) / cases.sum()])
        looked_at = _thinned(np.arange(len(found)))
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="at random")
        axes.plot(looked_at / len(order), found[looked_at], color=BLUE, label="by the model")
        axes.axvline(0.25, color=ORANGE, linewidth=1, label="a quarter of people")
        axes.set(
            xlabel="Share of people looked at",
            ylabel="Share of the still unemployed found",
            xlim=(0, 1),
            ylim=(0, 1),
        )
        axes.legend(loc="lower right")
    return figure


def survival(predictions: Predictions, spells: Spells, outcome: Outcome) -> Figure:
    """Return Kaplan–Meier curves of the four quarters of the test part, by predicted chance.

    Quarters are of the spells that had reached the same horizons when they were looked at: else the highest quarter
    would be those who had waited longest, and nobody in it would show how spells begin.
    """
    with _figure("Still unemployed, by quarter of the predicted chance") as (figure, axes):
        quarters = _quarters(predictions.score, np.searchsorted(outcome.horizons, spells.entry, side="right"))
        names = ("lowest quarter", "second", "third", "highest quarter")
        for rows, name, colour in zip(quarters, names, (GREEN, BLUE, ORANGE, VERMILION), strict=True):
            time, share = survival_curve(spells[rows])
            axes.step([0, *time], [1, *share], where="post", color=colour, label=name)
        axes.axvline(outcome.horizon, color=GREY, linewidth=1, linestyle="--", label=outcome.words(outcome.horizon))
        axes.set(xlabel=f"Time since registration ({_unit_words(outcome)})", ylabel="Share still unemployed",
                 xlim=(0, max(outcome.horizons) * 1.2), ylim=(0, 1))  # fmt: skip
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))  # beside: inside, it hides a curve or the line
    return figure


def _quarters(score: Floats, stage: Rows) -> list[Rows]:
    """Return the rows of each quarter by score, lowest first, within the rows of the same stage; (n,) both."""
    order = np.argsort(score, kind="stable")
    of_stage = [np.array_split(order[stage[order] == each], 4) for each in np.unique(stage)]
    return [np.concatenate(rows) for rows in zip(*of_stage, strict=True)]


def _thinned(points: Rows) -> Rows:
    """Return at most 2,000 of the points, evenly apart, first and last among them."""
    if len(points) <= MOST_POINTS:
        return points
    return points[np.linspace(0, len(points) - 1, MOST_POINTS).astype(np.int64)]


def _unit_words(outcome: Outcome) -> str:
    number, word = outcome.span(1)
    return f"{word}s" if number == 1 else f"in units of {outcome.unit}"


def beeswarm(model: TrainedModel, codes: Floats, rng: np.random.Generator) -> Figure:
    """Return each input's contributions, a dot a spell, coloured by the input's value."""
    chosen = codes if len(codes) <= MOST_POINTS else codes[np.sort(rng.choice(len(codes), MOST_POINTS, replace=False))]
    parts = model.scorer.contributions(chosen, model.place)[:, :-1]
    labels = [textwrap.fill(each.column.words("en"), LABEL_WIDTH) for each in model.encoder.inputs]
    with mpl.rc_context(STYLE):
        figure = plt.figure()
        shap.summary_plot(parts, pd.DataFrame(chosen, columns=labels), show=False, max_display=15, rng=rng,
                          plot_size=(9, max(0.45 * min(len(labels), 15) + 1.5, 3)))  # fmt: skip
        axes = figure.axes[0]
        axes.set_title("What moves the predictions")  # short: long labels leave the axes little width
        axes.set_xlabel("log-odds: ← shorter spell, longer spell →", fontsize=10)
        axes.tick_params(axis="y", labelsize=10)
        figure.tight_layout()
        plt.close(figure)
    return figure


@contextmanager
def _figure(title: str) -> Iterator[tuple[Figure, Any]]:
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(6.4, 4.6), layout="constrained")
        axes.set_title(title)
        yield figure, axes
        plt.close(figure)
