"""Every picture says what it shows, stays quiet, and leaves nothing open."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.special import expit

from ml.contracts import Floats, Outcome, Predictions, Spells
from ml.measures.censoring import outcome_at, survival_curve
from ml.models.plots import model as plots

N = 200


@pytest.fixture
def spells(followed: Callable[..., tuple[Floats, np.ndarray]]) -> Spells:
    return Spells(*followed(np.linspace(-2, 2, N), np.random.default_rng(5)))


@pytest.fixture(params=["rising", "constant"])
def predictions(request: pytest.FixtureRequest, spells: Spells) -> Predictions:
    known = outcome_at(spells, 6.0)
    score = expit(np.linspace(-2, 2, N)) if request.param == "rising" else np.full(N, 0.4)
    return Predictions(6.0, score, known.outcome, known.weight)


def says_what_it_shows(figure: Figure) -> None:
    assert isinstance(figure, Figure)
    axes = figure.axes[0]
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert figure.get_suptitle() or axes.get_title(loc="left") or axes.get_title()
    figure.canvas.draw()
    assert plt.get_fignums() == []


def lines(figure: Figure) -> dict[str, tuple[Floats, Floats]]:
    return {str(line.get_label()): (line.get_xdata(), line.get_ydata()) for line in figure.axes[0].get_lines()}


def test_calibration(predictions: Predictions, months: Outcome) -> None:
    figure = plots.calibration(predictions, months)
    says_what_it_shows(figure)
    assert figure.get_suptitle() == "Calibration: still unemployed at 6 months"
    dots = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o" and len(line.get_xdata())]
    assert len(dots) == 10
    lowest = np.argsort(predictions.score, kind="stable")[:20]
    share = np.average(predictions.outcome[lowest], weights=predictions.weight[lowest])
    assert (dots[0].get_xdata()[0], dots[0].get_ydata()[0]) == (pytest.approx(predictions.score[lowest].mean()), share)


def test_gain(predictions: Predictions, months: Outcome) -> None:
    figure = plots.gain(predictions, months)
    says_what_it_shows(figure)
    looked_at, found = lines(figure)["by the model"]
    assert (looked_at[0], found[0], looked_at[-1], found[-1]) == pytest.approx((0, 0, 1, 1))
    best = np.argsort(-predictions.score, kind="stable")[:50]
    cases = predictions.outcome * predictions.weight
    tied = np.ptp(predictions.score) == 0  # a quarter of those who all tie finds a quarter, whoever it is
    expected = 0.25 if tied else cases[best].sum() / cases.sum()
    assert np.interp(0.25, looked_at, found) == pytest.approx(expected)


def test_a_curve_of_many_points_is_drawn_of_some_and_keeps_its_ends(
    spells: Spells, months: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = outcome_at(spells, 6.0)
    many = Predictions(6.0, expit(np.linspace(-2, 2, N)), known.outcome, known.weight)
    whole = {name: lines(draw()) for name, draw in figures(many, months).items()}
    monkeypatch.setattr(plots, "MOST_POINTS", 50)
    for (name, draw), label in zip(figures(many, months).items(), ("observed, smoothed", "by the model"), strict=True):
        (x, y), (all_x, all_y) = lines(draw())[label], whole[name][label]
        assert len(x) == 50 < len(all_x)
        assert (x[0], y[0], x[-1], y[-1]) == (all_x[0], all_y[0], all_x[-1], all_y[-1])
        assert set(zip(x, y, strict=True)) <= set(zip(all_x, all_y, strict=True))


def figures(predictions: Predictions, months: Outcome) -> dict[str, Callable[[], Figure]]:
    return {
        "calibration": lambda: plots.calibration(predictions, months),
        "gain": lambda: plots.gain(predictions, months),
    }


def test_survival(predictions: Predictions, spells: Spells, months: Outcome) -> None:
    figure = plots.survival(predictions, spells, months)
    says_what_it_shows(figure)
    highest = np.argsort(predictions.score, kind="stable")[150:]
    time, share = survival_curve(Spells(spells.duration[highest], spells.exited[highest]))
    drawn = lines(figure)
    np.testing.assert_allclose(drawn["highest quarter"], ([0, *time], [1, *share]))
    assert {"lowest quarter", "second", "third"} < set(drawn)
    assert "6 months" in drawn


def test_a_tenth_without_known_outcomes_is_left_out(months: Outcome) -> None:
    weight = np.repeat([0.0, 1.0], [30, 70])
    unknown = Predictions(6.0, np.linspace(0.1, 0.9, 100), np.arange(100) % 2 == 0, weight)
    figure = plots.calibration(unknown, months)
    dots = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o" and len(line.get_xdata())]
    assert len(dots) == 7
    figure.canvas.draw()
