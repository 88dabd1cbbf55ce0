"""Pictures of an evaluation: what is drawn is what was found, each panel says of whom, and nothing stays open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.special import expit

from ml.contracts import (
    CalibrationIntervals,
    CoreFigures,
    Evaluation,
    Figures,
    Interval,
    NetBenefit,
    Outcome,
    Predictions,
    Rival,
    Slice,
)
from ml.models import plots
from ml.models.plots.performance import performance_figures

YEAR = Outcome("days", "day", 1.0, 365.0, (91.0, 365.0), "how", exit_when=("work",), entry="waited", rule="gap")


def at(value: float) -> Interval:
    return Interval(value, value - 0.05, value + 0.05)


def curve(rule: bool) -> tuple[NetBenefit, ...]:
    """Return a curve of six thresholds; at the first everybody is looked at, at the last two nobody."""
    looked_at = (1.0, 0.8, 0.4, 0.1, 0.0, 0.0)
    return tuple(
        NetBenefit(round(0.1 * (place + 1), 1), share, at(0.2 * share), at(0.2 - place), at(0.0) if rule else None)
        for place, share in enumerate(looked_at)
    )


def sliced(
    landmark: int | None, horizon: float, quarter: str | None, observed: float | None, *, rule: bool = True
) -> Slice:
    if observed is None:
        return Slice(landmark, horizon, quarter, 40, 40, None, "fewer than 20 people known to be still unemployed")
    calibration = CalibrationIntervals(at(0.0), at(1.0), at(0.02), at(0.01))
    core = CoreFigures(at(observed), at(observed + 0.1), at(0.1), at(0.7), at(0.2), calibration)
    return Slice(landmark, horizon, quarter, 400, 400, Figures(core, (), curve(rule) if quarter is None else ()))


EVALUATION = Evaluation(
    slices=(
        sliced(0, 91.0, None, 0.4),
        sliced(None, 365.0, None, 0.3),
        sliced(0, 365.0, None, 0.2),
        sliced(0, 365.0, "2018 Q1", 0.2),
        sliced(0, 365.0, "2018 Q2", None),
        sliced(0, 365.0, "2018 Q3", 0.25),
        sliced(1, 365.0, None, 0.5),
        sliced(1, 365.0, "2018 Q2", 0.5),
    ),
    rivals=(
        Rival("logistic", 0, at(0.65), at(0.05), at(0.2), at(0.01)),
        Rival("rule", 0, at(0.52), at(0.2), None, None),
        Rival("logistic", 1, at(0.6), at(0.05), at(0.2), at(0.01)),
        Rival("rule", 1, at(0.45), at(0.2), None, None),
    ),
)


def drawn(panel: Any) -> dict[str, list[tuple[float, float]]]:
    """Return the points of each line, rounded, under its label."""
    return {
        str(line.get_label()): [(round(float(x), 6), round(float(y), 6)) for x, y in line.get_xydata()]
        for line in panel.get_lines()
    }


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for each in figure.legends for text in each.get_texts()]


def stays_quiet(figure: Figure) -> None:
    figure.canvas.draw()
    assert figure.get_suptitle()
    assert all(panel.get_xlabel() for panel in figure.axes)
    assert plt.get_fignums() == []
    inside = figure.legends[0].get_window_extent()
    assert inside.x0 >= 0
    assert inside.x1 <= figure.bbox.x1  # nothing of the legend is cut off
    assert inside.y1 <= min(panel.get_window_extent().y0 for panel in figure.axes)  # nor lies over data


def test_all_pictures_of_an_evaluation() -> None:
    found = performance_figures(EVALUATION, YEAR, "lightgbm")
    assert found.keys() == {"decision", "quarters", "auc"}
    for figure in found.values():
        stays_quiet(figure)
        assert [panel.get_title() for panel in figure.axes] == ["at registration", "after 91 days"]


def test_the_decision_curve_is_drawn_where_somebody_is_looked_at_and_a_step_more() -> None:
    figure = performance_figures(EVALUATION, YEAR, "lightgbm")["decision"]
    lines = drawn(figure.axes[0])
    assert lines["by the model"] == [(0.1, 0.2), (0.2, 0.16), (0.3, 0.08), (0.4, 0.02), (0.5, 0.0)]
    assert lines["everybody"][1] == (0.2, -0.8)
    assert figure.axes[0].get_xlim() == pytest.approx((0.1, 0.5))
    assert -0.1 < figure.axes[0].get_ylim()[0] < 0  # what looking at everybody costs does not press the rest together
    assert legend(figure) == ["by the model", "by the rule, as many people", "everybody", "nobody"]
    without = replace(EVALUATION, slices=(sliced(0, 365.0, None, 0.2, rule=False),), rivals=())
    assert legend(performance_figures(without, YEAR, "lightgbm")["decision"]) == ["by the model", "everybody", "nobody"]


def test_quarters_are_in_order_and_those_of_too_few_are_marked() -> None:
    panel = performance_figures(EVALUATION, YEAR, "lightgbm")["quarters"].axes[0]
    lines = drawn(panel)
    assert [label.get_text() for label in panel.get_xticklabels()] == ["2018 Q1", "2018 Q2", "2018 Q3"]
    assert lines["observed, with 95 % interval"] == [(0, 0.2), (2, 0.25)]
    assert lines["predicted"] == [(0, 0.3), (2, 0.35)]
    assert [place for place, _ in lines["too few to say"]] == [1]


def test_aucs_stand_beside_the_rivals_on_one_scale() -> None:
    figure = performance_figures(EVALUATION, YEAR, "lightgbm")["auc"]
    first, second = figure.axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["lightgbm", "logistic", "rule"]
    assert drawn(first)["kept model, with 95 % interval"] == [(0.7, 0)]
    assert drawn(second)["others"] == [(0.6, 1), (0.45, 2)]
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlim()[0] < 0.4


def test_what_is_not_known_is_not_drawn() -> None:
    silent = Evaluation(tuple(replace(each, figures=None, why="too few") for each in EVALUATION.slices))
    found = performance_figures(silent, YEAR, "lightgbm")
    assert found.keys() == {"quarters"}
    stays_quiet(found["quarters"])
    assert performance_figures(Evaluation(()), YEAR, "lightgbm") == {}


# ---------------------------------------------------------------- pictures of rows, by landmark


@pytest.fixture
def looks(rng: np.random.Generator) -> tuple[Predictions, np.ndarray]:
    margin = np.concatenate([rng.normal(-2, 1, 300), rng.normal(1, 1, 200)])
    rows = Predictions(365.0, expit(margin), rng.random(500) < expit(margin), np.ones(500))
    return rows, np.repeat([0, 1], [300, 200])


def test_calibration_has_a_panel_a_landmark(looks: tuple[Predictions, np.ndarray]) -> None:
    rows, landmark = looks
    figure = plots.calibration(rows, YEAR, landmark)
    stays_quiet(figure)
    assert [panel.get_title() for panel in figure.axes] == ["at registration", "after 91 days"]
    for panel, stage in zip(figure.axes, (0, 1), strict=True):
        dots = [line for line in panel.get_lines() if line.get_marker() == "o" and len(line.get_xdata())]
        lowest = np.sort(rows.score[landmark == stage])[: (landmark == stage).sum() // 10]
        assert len(dots) == 10
        assert dots[0].get_xdata()[0] == pytest.approx(lowest.mean())


def test_gain_shows_the_rule_beside_the_model_at_each_landmark(
    looks: tuple[Predictions, np.ndarray], rng: np.random.Generator
) -> None:
    rows, landmark = looks
    rule = np.where(rng.random(500) < 0.2, np.nan, np.round(rng.normal(size=500), 1))
    figure = plots.gain(rows, YEAR, landmark, rule)
    stays_quiet(figure)
    assert legend(figure) == ["at random", "by the model", "by the rule", "5, 10 and 25 %"]
    later = landmark == 1
    of_rule = np.where(np.isnan(rule[later]), -np.inf, rule[later])
    cut = np.sort(of_rule)[-50]
    tied = of_rule == cut
    part = (of_rule > cut) + tied * (50 - (of_rule > cut).sum()) / tied.sum()
    expected = (part * rows.outcome[later]).sum() / rows.outcome[later].sum()
    looked_at, found = zip(*drawn(figure.axes[1])["by the rule"], strict=True)
    assert np.interp(0.25, looked_at, found) == pytest.approx(expected)


def test_one_landmark_is_one_panel_without_words(looks: tuple[Predictions, np.ndarray]) -> None:
    rows, landmark = looks
    for figure in (plots.calibration(rows, YEAR), plots.gain(rows, YEAR, landmark * 0)):
        stays_quiet(figure)
        assert [panel.get_title() for panel in figure.axes] == [""]
