"""The drawing of service needs: what the hint says, in its order, tidy whatever it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.hints.needs_words import ENTITY_WORDS
from serving.language import Language
from serving.pages.drawings.shares import Shares, need_shares
from serving.wire.advice import EntityChance

from .drawn import require_described, require_tidy, shapes, words

Languages = Mapping[str, Language]
Three = tuple[float, float, float]
SOME: tuple[Three, ...] = ((0.34, 0.22, 0.45), (0.46, 0.31, 0.58), (0.04, 0.0, 0.09))


def drawn(figures: Sequence[Three], language: Language) -> Shares:
    chances = [
        EntityChance(entity=entity, label=language.gettext(label), probability=share, low=low, high=high)
        for (entity, label), (share, low, high) in zip(ENTITY_WORDS.items(), figures, strict=True)
    ]
    found = need_shares(chances, language)
    assert found is not None
    return found


@pytest.mark.parametrize("code", ["fi", "sv", "en"])
@given(figures=st.lists(st.tuples(*[st.integers(0, 10_000)] * 3).map(sorted), min_size=3, max_size=3))
def test_tidy_and_true_whatever_the_hint_says(code: str, figures: list[list[int]], languages: Languages) -> None:
    three = [(share / 10_000, low / 10_000, high / 10_000) for low, share, high in figures]
    svg = drawn(three, languages[code]).svg
    require_tidy(svg)
    none = float(shapes(svg, "line", "axis")[0].attrib["x1"])
    all_ = float(shapes(svg, "line", "grid")[1].attrib["x1"])
    lying = [each.attrib for each in shapes(svg, "line", "whisker") if each.attrib["y1"] == each.attrib["y2"]]
    points = [each.attrib for each in shapes(svg, "circle", "point")]
    for figure, whisker, point in zip(three, lying, points, strict=True):
        ends = point["cx"], whisker["x1"], whisker["x2"]
        assert [(float(each) - none) / (all_ - none) for each in ends] == pytest.approx(figure, abs=0.001)
        assert point["cy"] == whisker["y1"]


def test_words_in_the_order_given(languages: Languages) -> None:
    assert words(drawn(SOME, languages["en"]).svg) == [
        "Placed here, of 10 people", "0", "5", "10",
        "Skills and career guidance", "about 3 in 10", "2–5 in 10",
        "Work-rehabilitative services", "about 5 in 10", "3–6 in 10",
        "Integration services", "under 1 in 20", "0–1 in 10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "Skills and career guidance: about 3 in 10 people, 95 % interval 2 to 5 in 10. Work-rehabilitative "
               "services: about 5 in 10 people, 95 % interval 3 to 6 in 10. Integration services: fewer than 1 in 20 "
               "people, 95 % interval 0 to 1 in 10."),
        ("fi", "Osaaminen ja uraohjaus: noin 3 kymmenestä työnhakijasta, 95\u00a0%:n luottamusväli 2–5 kymmenestä. "
               "Työhön kuntouttavat palvelut: noin 5 kymmenestä työnhakijasta, 95\u00a0%:n luottamusväli 3–6 "
               "kymmenestä. Kotoutumisen palvelut: alle 1 kahdestakymmenestä työnhakijasta, 95\u00a0%:n "
               "luottamusväli 0–1 kymmenestä."),
    ],
)  # fmt: skip
def test_read_aloud_it_says_the_same(code: str, said: str, languages: Languages) -> None:
    _, desc = require_described(drawn(SOME, languages[code]).svg, "shares")
    assert desc == said


def test_rows_for_those_who_like_figures(languages: Languages) -> None:
    row = drawn(SOME, languages["en"]).rows[1]
    assert (row.label, row.share, row.interval, row.percent, row.percent_interval) == (
        "Work-rehabilitative services", "About 5 in 10", "3 to 6 in 10", "46\u00a0%", "31–58\u00a0%",
    )  # fmt: skip


def test_without_chances_there_is_nothing_to_draw(languages: Languages) -> None:
    assert need_shares([], languages["en"]) is None


def test_words_are_no_markup(languages: Languages) -> None:
    chance = EntityChance(entity="skills", label="<script>&", probability=0.5, low=0.4, high=0.6)
    found = need_shares([chance], languages["en"], name='"><b>')
    assert found is not None
    assert "<script" not in found.svg
    assert "<b>" not in found.svg
    assert "<script>&" in words(found.svg)
