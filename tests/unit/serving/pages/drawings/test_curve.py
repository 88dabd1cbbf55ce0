"""The drawing of a risk: it shows what the hint says, is tidy whatever the hint says, and reads the same aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.language import Language
from serving.pages.drawings.curve import Curve, risk_curve
from serving.wire.advice import Chance, Horizon

from .drawn import STYLES, contrast, corners, hds_colour, require_described, require_tidy, shapes, words

Languages = Mapping[str, Language]
Three = tuple[float, float, float]
TYPICAL: tuple[Three, ...] = ((0.71, 0.64, 0.77), (0.52, 0.44, 0.6), (0.33, 0.26, 0.41))


def horizons(days: Sequence[float], chances: Sequence[Three], *, unit: str = "day", unit_days: float = 1.0) -> list[
    Horizon
]:  # fmt: skip
    return [
        Horizon(units=at, unit=unit, days=at * unit_days,
                still_unemployed=Chance(probability=share, low=low, high=high))
        for at, (share, low, high) in zip(days, chances, strict=True)
    ]  # fmt: skip


def drawn(left: Sequence[Horizon], language: Language, since: float = 0.0) -> Curve:
    curve = risk_curve(left, since, language)
    assert curve is not None
    return curve


def heights(svg: str) -> tuple[float, float]:
    """Return y of "0" and of "10"."""
    nobody, all_ = shapes(svg, "line", "axis")[0], shapes(svg, "line", "grid")[-1]
    return float(nobody.attrib["y1"]), float(all_.attrib["y1"])


@st.composite
def hints(draw: st.DrawFn) -> tuple[list[Horizon], float]:
    """Return one to three horizons as a hint may have them, and where the line begins."""
    days = draw(st.one_of(st.just([91, 182, 365]), st.lists(st.integers(1, 1500), min_size=1, max_size=3, unique=True)))
    places = st.lists(st.integers(0, 10_000), min_size=len(days), max_size=len(days))
    low, share, high = (sorted(draw(places), reverse=True) for _ in range(3))
    chances = [tuple(each / 10_000 for each in sorted(three)) for three in zip(low, share, high, strict=True)]
    since = draw(st.integers(0, min(days) - 1))
    return horizons(sorted(days), [(middle, first, last) for first, middle, last in chances]), since


@pytest.mark.parametrize("code", ["fi", "sv", "en"])
@given(hint=hints())
def test_tidy_and_true_whatever_the_hint_says(
    code: str, hint: tuple[list[Horizon], float], languages: Languages
) -> None:
    left, since = hint
    svg = drawn(left, languages[code], since).svg
    require_tidy(svg)
    nobody, all_ = heights(svg)
    (band,), points, whiskers = (shapes(svg, *each) for each in (("polygon", "band"), ("circle", "point"),
                                                                ("line", "whisker")))  # fmt: skip
    upper, lower = corners(band)[1 : len(left) + 1], corners(band)[: len(left) : -1]
    upright = [each.attrib for each in whiskers if each.attrib["x1"] == each.attrib["x2"]]
    assert len(points) == len(upright) == len(left)
    for horizon, point, whisker, top, bottom in zip(left, points, upright, upper, lower, strict=True):
        y, chance = float(point.attrib["cy"]), horizon.still_unemployed
        assert top[1] <= y <= bottom[1]
        assert (top[1], bottom[1]) == (float(whisker["y1"]), float(whisker["y2"]))
        told = [(nobody - each) / (nobody - all_) for each in (y, bottom[1], top[1])]
        assert told == pytest.approx([chance.probability, chance.low, chance.high], abs=0.001)
        assert top[0] == bottom[0] == float(point.attrib["cx"]) == float(whisker["x1"])


def test_time_is_told_to_scale(languages: Languages) -> None:
    svg = drawn(horizons((91, 182, 365), TYPICAL), languages["en"]).svg
    start, *points = corners(shapes(svg, "polyline", "line")[0])
    assert start[1] == heights(svg)[1]  # all are unemployed at first
    width = points[-1][0] - start[0]
    assert [(x - start[0]) / width for x, _ in points] == pytest.approx([91 / 365, 182 / 365, 1], abs=0.001)


def test_words_stand_at_the_points(languages: Languages) -> None:
    svg = drawn(horizons((91, 182, 365), TYPICAL), languages["en"]).svg
    assert words(svg) == [
        "Still unemployed, of 10 people", "0", "5", "10", "0 mo.",
        "3 mo.", "about", "7 in 10", "6–8 in 10",
        "6 mo.", "about", "5 in 10", "4–6 in 10",
        "12 mo.", "about", "3 in 10", "2–5 in 10",
    ]  # fmt: skip


def test_words_in_finnish_and_swedish(languages: Languages) -> None:
    left = horizons((365,), ((0.62, 0.5, 0.71),))
    assert words(drawn(left, languages["fi"], 182).svg)[4:] == ["6 kk", "12 kk", "noin", "6/10", "5–8/10"]
    assert words(drawn(left, languages["sv"], 182).svg)[4:] == ["6 mån.", "12 mån.", "ca", "6 av 10", "5–8 av 10"]


def test_the_line_begins_where_the_spell_has_come_to(languages: Languages) -> None:
    svg = drawn(horizons((182, 365), TYPICAL[1:]), languages["en"], since=91).svg
    start, first, last = corners(shapes(svg, "polyline", "line")[0])
    assert (first[0] - start[0]) / (last[0] - start[0]) == pytest.approx(91 / 274, abs=0.001)
    assert "3 mo." in words(svg)
    assert "0 mo." not in words(svg)


def test_the_contracts_own_unit(languages: Languages) -> None:
    left = horizons((6, 13, 20), TYPICAL, unit="2 weeks", unit_days=14)
    assert [each for each in words(drawn(left, languages["en"]).svg) if each[0].isdigit() and " in " not in each] == [
        "0", "5", "10", "0 mo.", "12 wk", "6 mo.", "40 wk",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("since", "begins"),
    [
        (0, "The line begins at the start of the spell, when all are unemployed."),
        (91, "The line begins at 3 months: of those people all are unemployed."),
    ],
)
def test_read_aloud_it_says_the_same(since: float, begins: str, languages: Languages) -> None:
    left = horizons((182, 365), ((0.52, 0.44, 0.6), (0.97, 0.9, 0.99)))
    title, desc = require_described(drawn(left, languages["en"], since).svg, "curve")
    assert title == "How many people in a like situation are still unemployed as time passes"
    assert desc == (
        f"{begins} About 5 in 10 people in a like situation are still unemployed at 6 months. 95 % interval: 4 to 6 in "
        "10. More than 19 in 20 people in a like situation are still unemployed at 12 months. 95 % interval: 9 to 10 "
        "in 10."
    )


def test_read_aloud_in_finnish_and_swedish(languages: Languages) -> None:
    left = horizons((365,), ((0.52, 0.44, 0.6),))
    assert require_described(drawn(left, languages["fi"], 182).svg, "curve")[1] == (
        "Viiva alkaa 6 kuukauden kohdalla: kaikki, joita se koskee, ovat silloin työttöminä. Noin 5 kymmenestä "
        "samankaltaisessa tilanteessa olevasta työnhakijasta on yhä työttömänä 12 kuukauden kohdalla. 95\u00a0%:n "
        "luottamusväli: 4–6 kymmenestä."
    )
    assert require_described(drawn(left, languages["sv"]).svg, "curve")[1] == (
        "Linjen börjar vid arbetslöshetsperiodens början, då alla är arbetslösa. Ungefär 5 av 10 personer i en "
        "liknande situation är fortfarande arbetslösa efter 12 månader. 95\u00a0% konfidensintervall: 4–6 av 10."
    )


def test_rows_for_those_who_like_figures(languages: Languages) -> None:
    rows = drawn(horizons((91, 365), TYPICAL[1:]), languages["en"]).rows
    assert [(row.when, row.share, row.interval, row.percent, row.percent_interval) for row in rows] == [
        ("3 mo.", "About 5 in 10", "4 to 6 in 10", "52\u00a0%", "44–60\u00a0%"),
        ("12 mo.", "About 3 in 10", "2 to 5 in 10", "33\u00a0%", "26–41\u00a0%"),
    ]


def test_two_on_a_page_are_told_apart(languages: Languages) -> None:
    for name in ("as-it-is", "as-it-would-be"):
        curve = risk_curve(horizons((365,), TYPICAL[:1]), 0, languages["en"], name)
        assert curve is not None
        require_described(curve.svg, name)


def test_with_every_horizon_reached_there_is_nothing_to_draw(languages: Languages) -> None:
    assert risk_curve([], 365, languages["en"]) is None


def test_of_many_horizons_the_last_three_are_named_and_all_are_told(languages: Languages) -> None:
    curve = drawn(horizons(range(73, 366, 73), [(0.96, 0.95, 0.97)] * 5), languages["sv"])
    require_tidy(curve.svg)
    assert len(shapes(curve.svg, "circle", "point")) == len(curve.rows) == 5
    assert words(curve.svg).count("19 av 20") == 3


@pytest.mark.parametrize(
    ("kind", "colour", "behind", "least"),
    [
        ("text", "--color-black-90", "--color-white", 4.5),
        ("strong", "--color-black-90", "--color-white", 4.5),
        ("quiet", "--color-black-70", "--color-white", 4.5),
        ("line", "--color-bus", "--color-bus-medium-light", 3.0),
        ("whisker", "--color-bus", "--color-bus-medium-light", 3.0),
        ("point", "--color-bus", "--color-bus-medium-light", 3.0),
        ("axis", "--color-black-60", "--color-white", 3.0),
    ],
)
def test_contrast(kind: str, colour: str, behind: str, least: float) -> None:
    rule = STYLES.split(f".drawing__{kind} {{")[1].split("}")[0]
    assert f"var({colour})" in rule
    assert contrast(hds_colour(colour), hds_colour(behind)) >= least
