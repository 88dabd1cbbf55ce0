"""The drawing of service needs: of people in a like situation, how many were placed in each, with the interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from serving.language import Language
from serving.wire.advice import EntityChance

from .svg import area, drawing, line, point, text
from .tenths import Tenths, tenths

WIDTH = 320
LEFT, RIGHT = 8.0, 184.0  # of the bars
WORDS = 202.0  # where the words begin
FIRST, ROW, FOOT = 24.0, 60.0, 26.0  # heights: of the heading, of each row, of the axis
BAR, CAP, TICK = 7.0, 5.0, 14.0  # half a bar, half the end of a whisker, half a grid line
TICKS = (0, 5, 10)


@dataclass(frozen=True, slots=True)
class Row:
    """One service need in words and figures: its label, "About 5 in 10", "3 to 6 in 10"; "46 %", "31–58 %"."""

    label: str
    share: str
    interval: str
    percent: str
    percent_interval: str


@dataclass(frozen=True, slots=True)
class Shares:
    """The drawing, the same as rows of a table, and how to read it."""

    svg: Markup
    rows: tuple[Row, ...]
    note: str


def need_shares(chances: Sequence[EntityChance], language: Language, name: str = "shares") -> Shares | None:
    """Return the drawing of service needs in the order given; None when the model gives no chances.

    name  its own on the page
    """
    if not chances:
        return None
    words = [tenths(each.probability, each.low, each.high, language) for each in chances]
    rows = tuple(
        Row(_capital(each.label), said.in_words, said.interval_in_words, said.percent, said.percent_interval)
        for each, said in zip(chances, words, strict=True)
    )
    title = language.gettext("Where caseworkers have placed people in a like situation")
    height = FIRST + ROW * len(chances) + FOOT
    return Shares(
        drawing(name, WIDTH, height, title, _told(rows, language), _parts(chances, words, language)),
        rows,
        language.gettext(
            "The line through each point shows where the share most likely lies (95 % interval). "
            "The longer it is, the less is known."
        ),
    )


def _told(rows: Sequence[Row], language: Language) -> str:
    """Return what the drawing shows, to be read out."""
    return " ".join(
        language.gettext(
            "{label}: {share} people, 95 % interval {interval}.",
            label=row.label,
            share=row.share[:1].lower() + row.share[1:],
            interval=row.interval,
        )
        for row in rows
    )


def _parts(chances: Sequence[EntityChance], words: Sequence[Tenths], language: Language) -> Iterator[Markup]:
    """Yield the drawing, what lies behind first."""
    yield text(4, 16, language.gettext("Placed here, of 10 people"))
    bottom = FIRST + ROW * len(chances)
    for count in TICKS:
        yield text(_along(count / 10), bottom + 18, str(count), anchor="middle", kind="quiet")
    for place, (chance, said) in enumerate(zip(chances, words, strict=True)):
        yield from _row(chance, said, FIRST + ROW * place)


def _row(chance: EntityChance, words: Tenths, top: float) -> Iterator[Markup]:
    middle = top + 42
    ends = _along(chance.low), _along(chance.high)
    yield text(LEFT - 4, top + 22, _capital(chance.label))
    for count in TICKS:
        x = _along(count / 10)
        yield line("grid" if count else "axis", x, middle - TICK, x, middle + TICK)
    yield area("band", _box(LEFT, middle - BAR, _along(chance.probability), middle + BAR))
    yield line("whisker", ends[0], middle, ends[1], middle)
    for end in ends:
        yield line("whisker", end, middle - CAP, end, middle + CAP)
    yield point(_along(chance.probability), middle)
    yield text(WORDS, middle - 1, f"{words.roughly} {words.people}", kind="strong")
    yield text(WORDS, middle + 15, words.interval, kind="quiet")


def _along(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def _box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
