"""Three pictures of a service-need model; colours are Okabe and Ito's, safe for colour-blind eyes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from ml.contracts import ENTITIES, Predictions
from ml.contracts.needs_report import NeedThreshold
from ml.disclosure import redact
from ml.measures.calibration import smooth_observed

BLUE, ORANGE, GREEN, VERMILION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#6b6b6b"
COLOURS = dict(zip(ENTITIES, (BLUE, VERMILION, GREEN), strict=True))
MARKERS = dict(zip(ENTITIES, ("o", "s", "^"), strict=True))
STYLE: Any = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11,
    "axes.titlelocation": "left", "figure.dpi": 130, "legend.frameon": False,
}  # fmt: skip
BINS = 10
MOST_POINTS = 2000


def calibration(of_entity: Mapping[str, Predictions]) -> Figure:
    """Return predicted against observed shares of each entity: tenths of the test part as marks, the smooth as a line.

    of_entity  entity → it against the rest, on the test part
    """
    with _figure("Calibration of each entity, against the rest") as (figure, axes):
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfect")
        for entity, predictions in of_entity.items():
            order = np.argsort(predictions.score, kind="stable")
            drawn = order[np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).astype(np.int64)]
            axes.plot(predictions.score[drawn], smooth_observed(predictions)[drawn], color=COLOURS[entity])
            tenths = [rows for rows in np.array_split(order, BINS) if len(rows)]
            predicted = [predictions.score[rows].mean() for rows in tenths]
            observed = [predictions.outcome[rows].mean() for rows in tenths]
            axes.plot(predicted, observed, MARKERS[entity], color=COLOURS[entity], markersize=5, label=entity)
        axes.set(xlabel="Predicted share", ylabel="Observed share (caseworkers)", xlim=(0, 1), ylim=(0, 1),
                 aspect="equal")  # fmt: skip
        axes.legend(loc="upper left")
    return figure


def confusion(rows: Mapping[str, Mapping[str, int]]) -> Figure:
    """Return what the model answers, by what caseworkers chose: shares of each row; counts as they may be shown.

    rows  entity that caseworkers chose → answer → rows of the test part
    """
    answers = list(next(iter(rows.values())))
    counts = np.array([[rows[entity][answer] for answer in answers] for entity in rows])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with _figure("What the model answers where caseworkers chose", (6.8, 3.8)) as (figure, axes):
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for place, share in np.ndenumerate(shares):
            shown = redact(int(counts[place]))
            text = "<5" if shown is None else f"{share:.0%}\nn={shown}"
            axes.text(place[1], place[0], text, ha="center", va="center", color="white" if share > 0.55 else "black")
        axes.set_xticks(range(len(answers)), [answer.replace("_", " ") for answer in answers])
        axes.set_yticks(range(len(rows)), list(rows))
        axes.set(xlabel="Answer of the model", ylabel="Chosen by a caseworker")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    return figure


def coverage(threshold: NeedThreshold) -> Figure:
    """Return how far answers agree with caseworkers when only the surest cases are answered, beside caseworkers."""
    with _figure("Answering the surest cases: agreement with caseworkers") as (figure, axes):
        points = threshold.curve
        share = [point.coverage for point in points]
        axes.plot(share, [point.agreement.value for point in points], color=BLUE, label="model and caseworker")
        axes.fill_between(share, [point.agreement.low for point in points],
                          [point.agreement.high for point in points], color=BLUE, alpha=0.2, linewidth=0)  # fmt: skip
        peers = threshold.caseworkers.share
        if np.isfinite(peers.value):
            axes.axhline(peers.value, color=VERMILION, linestyle="--", label="two caseworkers")
            axes.axhspan(peers.low, peers.high, color=VERMILION, alpha=0.15, linewidth=0)
        for point in points:
            if point.threshold == threshold.value:
                axes.plot(point.coverage, point.agreement.value, "o", color=BLUE, markersize=7,
                          label=f"chosen: answers at {point.threshold:.2f} or more")  # fmt: skip
        axes.set(xlabel="Share of the calibration part that is answered", ylabel="Share of answers that agree",
                 xlim=(0, 1))  # fmt: skip
        axes.legend(loc="lower left")
    return figure


@contextmanager
def _figure(title: str, size: tuple[float, float] = (6.4, 4.6)) -> Iterator[tuple[Figure, Any]]:
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        axes.set_title(title)
        yield figure, axes
        plt.close(figure)
