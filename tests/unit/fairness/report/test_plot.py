"""Dots and intervals stand where their numbers are, on a scale that holds the limits."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts.audit import Limits
from ml.fairness.report.figures import Figure
from ml.fairness.report.plot import axis, row, scale_row

RATIO, POINTS = Limits("ratio", 0.8, 1.25), Limits("difference", -0.03, 0.03)
RATIOS = st.floats(1e-3, 1e3)


def positions(tag: str, markup: str, name: str = "x") -> list[float]:
    return [float(at) for at in re.findall(rf'<{tag}[^>]* {name}="([\d.]+)%"', markup)]


def test_half_and_twice_are_equally_far_from_one() -> None:
    scale = axis([Figure("ratio", 1.0, 0.5, 2.0)], RATIO)
    assert scale.at(1.0) - scale.at(0.5) == pytest.approx(scale.at(2.0) - scale.at(1.0), abs=0.02)
    assert scale.at(0.8) + scale.at(1.25) == pytest.approx(2 * scale.at(1.0), abs=0.02)


def test_differences_are_even() -> None:
    scale = axis([Figure("difference", 0.01, -0.02, 0.05)], POINTS)
    assert scale.at(0.04) - scale.at(0.02) == pytest.approx(scale.at(0.02) - scale.at(0.0), abs=0.02)


@given(RATIOS, RATIOS, RATIOS)
def test_what_is_drawn_keeps_its_order_and_stays_inside(a: float, b: float, c: float) -> None:
    low, value, high = sorted((a, b, c))
    scale = axis([Figure("ratio", value, low, high)], RATIO)
    places = [scale.at(each) for each in (low, value, high)]
    assert places == sorted(places)
    assert all(0 <= each <= 100 for each in places)
    assert 0 < scale.at(0.8) < scale.at(1.0) < scale.at(1.25) < 100


def test_a_row_shows_band_interval_and_verdict() -> None:
    figure = Figure("ratio", 2.0, 1.6, 2.5)
    scale = axis([figure], RATIO)
    markup = row(scale, figure, "f", "women: 2.00")
    assert "<title>women: 2.00</title>" in markup
    (left,), (width,) = positions("rect", markup), positions("rect", markup, "width")
    assert left == scale.at(0.8)
    assert left + width == pytest.approx(scale.at(1.25), abs=0.01)
    assert scale.at(1.6) in positions("line", markup, "x1")
    assert scale.at(2.5) in positions("line", markup, "x2")
    assert re.findall(r'<use href="#(\w)" x="([\d.]+)%"', markup) == [("f", str(scale.at(2.0)))]


@pytest.mark.parametrize(
    ("figure", "limits", "arrows"),
    [
        (Figure("ratio", 1.0, 0.9, 1.1), RATIO, []),
        (Figure("ratio", 20.0, 3.0, 90.0), RATIO, ["r"]),
        (Figure("ratio", 2.0, 1.5, None), RATIO, ["r"]),  # without an upper end
        (Figure("ratio", 0.01, 0.001, 0.9), RATIO, ["l"]),
        (Figure("ratio", 1.0, 0.001, 90.0), RATIO, ["l", "r"]),
        (Figure("difference", -0.27, -0.57, 0.04), POINTS, ["l"]),
    ],
)
def test_what_goes_on_beyond_the_scale_has_an_arrow(figure: Figure, limits: Limits, arrows: list[str]) -> None:
    markup = row(axis([figure], limits), figure, "q", "")
    assert [kind for kind in re.findall(r'href="#(\w)"', markup) if kind in "lr"] == arrows


def test_one_wide_interval_does_not_squeeze_all_others() -> None:
    scale = axis([Figure("difference", -0.27, -0.57, 0.04), Figure("difference", 0.0, -0.01, 0.01)], POINTS)
    assert scale.at(0.03) - scale.at(-0.03) > 15


def test_without_a_figure_there_is_only_the_band() -> None:
    nothing = Figure("ratio", None, None, None)
    markup = row(axis([nothing], RATIO), nothing, "q", "not enough evidence")
    assert "<use" not in markup
    assert "rect" in markup


@given(st.lists(st.tuples(RATIOS, st.floats(0, 2)), max_size=6))
def test_the_limits_are_always_labelled_and_labels_do_not_touch(found: list[tuple[float, float]]) -> None:
    figures = [Figure("ratio", value, value * math.exp(-width), value * math.exp(width)) for value, width in found]
    scale = axis(figures, RATIO)
    labels = scale.labels()
    assert [value for value, limit in labels if limit] == [0.8, 1.25]
    places = [scale.at(value) for value, _ in labels]
    assert places == sorted(places)
    assert all(later - earlier > 8 for earlier, later in pairwise(places))
    drawn = scale_row(scale, [f"{value:g}" for value, _ in labels], "Ratio", "Dots & lines")
    assert drawn.count("<text") == len(labels)
    assert "<desc>Dots &amp; lines</desc>" in drawn


def test_a_limit_on_one_side_only_leaves_the_other_open() -> None:
    scale = axis([Figure("difference", 0.01, -0.02, 0.05)], Limits("difference", -0.05, math.inf))
    markup = row(scale, Figure("difference", 0.01, -0.02, 0.05), "p", "")
    assert [value for value, limit in scale.labels() if limit] == [-0.05]
    assert positions("rect", markup)[0] + positions("rect", markup, "width")[0] == pytest.approx(97.0, abs=0.01)
