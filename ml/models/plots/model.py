"""Three pictures of a model, each readable at a glance; colours are Okabe and Ito's, safe for colour-blind eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ml.contracts import Floats, Interval, Outcome, Predictions, Rows, Spells
from ml.measures.calibration import smooth_observed
from ml.measures.capacity import CAPACITIES, rank
from ml.measures.censoring import survival_curve
from ml.measures.clusters import effective_persons
from ml.measures.landmarks import landmark_words
from ml.measures.shares import share_interval, weighted_mean

BLUE, ORANGE, GREEN, VERMILION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#6b6b6b"
STYLE: Any = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11,
    "axes.titlelocation": "left", "figure.dpi": 130, "legend.frameon": False,
}  # fmt: skip
MOST_POINTS = 2000  # of a cloud and of a curve: more say nothing more
BINS = 10
CAPACITY_WORDS = " and ".join([", ".join(f"{100 * each:g}" for each in CAPACITIES[:-1]), f"{100 * CAPACITIES[-1]:g} %"])


def calibration(predictions: Predictions, outcome: Outcome, landmark: Rows | None = None) -> Figure:
    """Return predicted against observed shares, a panel a landmark: tenths of its rows as dots, the smooth as a line.

    landmark  (n,) how many horizons each row's spell had reached; None: one panel
    """
    parts = _by_landmark(len(predictions.score), outcome, landmark)
    tenths = [_tenths(predictions[rows]) for rows in parts.values()]
    reach = min(1.0, 0.05 + max(max(predicted, observed.high) for each in tenths for predicted, observed in each))
    title = f"Calibration: still unemployed at {outcome.words(outcome.horizon)}"
    with panels(title, list(parts), ("Predicted share", "Observed share")) as (figure, axes):
        for panel, rows, shares in zip(axes, parts.values(), tenths, strict=True):
            panel.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfect")
            here = predictions[rows]
            drawn = _thinned(np.argsort(here.score, kind="stable"))
            panel.plot(here.score[drawn], smooth_observed(here)[drawn], color=BLUE, label="observed, smoothed")
            for predicted, observed in shares:
                panel.plot([predicted, predicted], [observed.low, observed.high], color=VERMILION, linewidth=1)
                panel.plot(predicted, observed.value, "o", color=VERMILION, markersize=4)
            panel.plot([], [], "o", color=VERMILION, markersize=4, label="observed, tenths with 95 % intervals")
            panel.set(xlim=(0, reach), ylim=(0, reach), aspect="equal")
    return figure


def _tenths(predictions: Predictions) -> list[tuple[float, Interval]]:
    """Return mean prediction and observed share of each tenth by prediction, but those of which nothing is known."""
    found = []
    for rows in np.array_split(np.argsort(predictions.score, kind="stable"), BINS):
        weight, person = predictions.weight[rows], predictions.person[rows]
        if weight.sum() > 0:
            share, error = weighted_mean(predictions.outcome[rows], weight, person)
            interval = share_interval(share, error, effective_persons(weight, person))
            found.append((float(predictions.score[rows].mean()), interval))
    return found


def gain(
    predictions: Predictions, outcome: Outcome, landmark: Rows | None = None, rule: Floats | None = None
) -> Figure:
    """Return which share of those still unemployed is found by looking at the highest-scored share of people.

    landmark  (n,) how many horizons each row's spell had reached: a panel each; None: one panel
    rule      (n,) a ranking without a model, highest first, NaN last; None: not drawn
    """
    parts = _by_landmark(len(predictions.score), outcome, landmark)
    names = ("Share of people looked at", "Share of the still unemployed found")
    with panels("Who is found by looking at the highest scores first", list(parts), names) as (figure, axes):
        for panel, rows in zip(axes, parts.values(), strict=True):
            found = predictions[rows]
            panel.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="at random")
            panel.plot(*_found(found.score, found), color=BLUE, label="by the model")
            if rule is not None:
                panel.plot(*_found(rule[rows], found), color=ORANGE, label="by the rule")
            for capacity in CAPACITIES:
                panel.axvline(capacity, color=GREY, linewidth=0.6, alpha=0.6, label=CAPACITY_WORDS)
            panel.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[*CAPACITIES[1:], 0.5, 0.75, 1])
            panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure


def _found(score: Floats, predictions: Predictions) -> tuple[Floats, Floats]:
    """Return shares of people looked at, and what they find of those still unemployed; people who tie share alike."""
    case = np.where(predictions.outcome, predictions.weight, 0.0)
    ranking = rank(score)
    cases = np.bincount(ranking.place, weights=case)[::-1]  # places rise with the score
    found = np.concatenate([[0.0], np.cumsum(cases) / case.sum()])
    looked_at = np.concatenate([[0.0], np.cumsum(ranking.tied[::-1]) / len(score)])
    drawn = _thinned(np.arange(len(found)))
    return looked_at[drawn], found[drawn]


def _by_landmark(n: int, outcome: Outcome, landmark: Rows | None) -> dict[str, Rows]:
    """Return the rows of each landmark under its words; of one landmark, or none, all rows without words."""
    stages = [] if landmark is None else np.unique(landmark).tolist()
    if len(stages) < 2:
        return {"": np.arange(n)}
    return {landmark_words(stage, outcome): np.flatnonzero(landmark == stage) for stage in stages}


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


@contextmanager
def panels(title: str, words: list[str], labels: tuple[str, str]) -> Iterator[tuple[Figure, list[Any]]]:
    """Yield a figure and its axes, a panel for each of the words, side by side; the legend goes below them all.

    labels  of the x and the y axis
    """
    with mpl.rc_context(STYLE):
        size = (3.4 * len(words) if len(words) > 1 else 5.0, 4.4)
        figure, grid = plt.subplots(1, len(words), figsize=size, layout="constrained", sharey=True, squeeze=False)
        axes = list(grid[0])
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        for panel, name in zip(axes, words, strict=True):
            panel.set_title(name if len(words) > 1 else "", loc="center", fontsize=10)
            panel.set_xlabel(labels[0])
        axes[0].set_ylabel(labels[1])
        yield figure, axes
        shown = {name: line for line, name in zip(*axes[0].get_legend_handles_labels(), strict=True)}
        figure.legend(shown.values(), shown.keys(), loc="outside lower center", fontsize=9,
                      ncols=4 if len(words) > 1 else 2)  # fmt: skip
        plt.close(figure)


@contextmanager
def _figure(title: str) -> Iterator[tuple[Figure, Any]]:
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(6.4, 4.6), layout="constrained")
        axes.set_title(title)
        yield figure, axes
        plt.close(figure)
