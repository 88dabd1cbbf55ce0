"""The drawing of a risk: how many in a like situation are still unemployed as time passes, with the interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from ml.contracts import Outcome
from serving.hints.risk import Span, span
from serving.hints.risk_words import frequency_words, horizon_words
from serving.language import Language, marked
from serving.wire.advice import Horizon

from .svg import BIG, SMALL, area, drawing, line, path, point, spread, text, width_of
from .tenths import Tenths, tenths

WIDTH, HEIGHT = 320, 256
LEFT, RIGHT, TOP, BOTTOM = 32.0, 288.0, 32.0, 172.0  # of the plot
NAMED = 3  # labels that have room side by side; a model of more horizons names its last ones, and the rows all
CAP = 5.0  # half the end of a whisker
EDGE, GAP = 2, 6  # around the drawing, between two columns of words
BASELINES = (23, 40, 60, 78)  # of a column, below the axis
SHORT = {"month": marked("{count} mo."), "week": marked("{count} wk"), "day": marked("{count} d")}
Line = tuple[str, int, str]  # words, size of the letters, kind


@dataclass(frozen=True, slots=True)
class Row:
    """One horizon in words and figures: "6 mo.", "About 7 in 10", "6 to 8 in 10"; "71 %", "64–77 %"."""

    when: str
    share: str
    interval: str
    percent: str
    percent_interval: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The drawing, the same as rows of a table, and how to read it."""

    svg: Markup
    rows: tuple[Row, ...]
    note: str


@dataclass(frozen=True, slots=True)
class _Stop:
    """One horizon where it is drawn: x, and y of the share and of both ends of its interval."""

    x: float
    y: float
    low: float
    high: float
    short: str
    when: str
    words: Tenths
    probability: float


def risk_curve(horizons: Sequence[Horizon], since: float, language: Language, name: str = "curve") -> Curve | None:
    """Return the drawing of a risk; None when no horizon is left: then there is nothing to draw.

    horizons  those that the spell has not reached, rising; all in one unit
    since     the last horizon that it has reached, in that unit; 0 at registration. All are still unemployed there
    name      its own on the page
    """
    if not horizons:
        return None
    stops = [_stop(each, since, horizons[-1].units, language) for each in horizons]
    begin = _span(horizons[0], since)
    title = language.gettext("How many people in a like situation are still unemployed as time passes")
    return Curve(
        drawing(name, WIDTH, HEIGHT, title, _told(stops, begin, language), _parts(stops, begin, language)),
        tuple(_row(each) for each in stops),
        language.gettext(
            "The pale area shows where the share most likely lies (95 % interval). The wider it is, the less is known."
        ),
    )


def _stop(horizon: Horizon, since: float, last: float, language: Language) -> _Stop:
    chance, at = horizon.still_unemployed, _span(horizon, horizon.units)
    return _Stop(
        x=LEFT + (RIGHT - LEFT) * (horizon.units - since) / (last - since),
        y=_height(chance.probability),
        low=_height(chance.low),
        high=_height(chance.high),
        short=_short(at, language),
        when=horizon_words(at, language),
        words=tenths(chance.probability, chance.low, chance.high, language),
        probability=chance.probability,
    )


def _height(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _span(horizon: Horizon, units: float) -> Span:
    """Return a time in the horizon's unit as people count it; none at all is no months."""
    if units == 0:
        return Span(0, "month")
    return span(Outcome("", horizon.unit, horizon.days / horizon.units, units, (units,)), units)


def _short(at: Span, language: Language) -> str:
    return language.gettext(SHORT[at.word], count=language.number(at.count))


def _row(stop: _Stop) -> Row:
    words = stop.words
    return Row(stop.short, words.in_words, words.interval_in_words, words.percent, words.percent_interval)


def _told(stops: Sequence[_Stop], begin: Span, language: Language) -> str:
    """Return what the drawing shows, to be read out."""
    if begin.count:
        start = language.gettext(
            "The line begins {when}: of those people all are unemployed.", when=horizon_words(begin, language)
        )
    else:
        start = language.gettext("The line begins at the start of the spell, when all are unemployed.")
    return " ".join((start, *(_sentences(each, language) for each in stops)))


def _sentences(stop: _Stop, language: Language) -> str:
    share = frequency_words(stop.probability, stop.when, language)
    return share + " " + language.gettext("95 % interval: {interval}.", interval=stop.words.interval_in_words)


def _parts(stops: Sequence[_Stop], begin: Span, language: Language) -> Iterator[Markup]:
    """Yield the drawing, what lies behind first."""
    yield text(4, 16, language.gettext("Still unemployed, of 10 people"))
    for count in (0, 5, 10):
        yield line("axis" if count == 0 else "grid", LEFT, _height(count / 10), RIGHT, _height(count / 10))
        yield text(LEFT - 8, _height(count / 10) + 5, str(count), anchor="end", kind="quiet")
    start = (LEFT, TOP)
    yield area("band", [start, *((s.x, s.high) for s in stops), *((s.x, s.low) for s in reversed(stops))])
    for each in stops:
        yield line("leader", each.x, each.low, each.x, BOTTOM)
    yield path("line", [start, *((each.x, each.y) for each in stops)])
    for each in stops:
        yield from _whisker(each)
        yield point(each.x, each.y)
    yield from _labels(stops[-NAMED:], _short(begin, language))


def _whisker(stop: _Stop) -> Iterator[Markup]:
    yield line("whisker", stop.x, stop.high, stop.x, stop.low)
    for end in (stop.high, stop.low):
        yield line("whisker", stop.x - CAP, end, stop.x + CAP, end)


def _labels(stops: Sequence[_Stop], begin: str) -> Iterator[Markup]:
    """Yield the words under the axis, each led to from its point; points may be close, words may not."""
    columns = [((begin, SMALL, "text"),), *(_lines(each) for each in stops)]
    at = [LEFT, *(each.x for each in stops)]
    for x, centre, lines in zip(at, _centres(at, columns), columns, strict=True):
        yield line("leader", x, BOTTOM, centre, BOTTOM + 8)
        for (words, size, kind), y in zip(lines, BASELINES, strict=False):
            yield text(centre, BOTTOM + y, words, size, "middle", kind)


def _centres(at: Sequence[float], columns: Sequence[tuple[Line, ...]]) -> list[float]:
    """Return where columns of words stand; the first has one line, and only that beside it."""
    heads = [width_of(*lines[0]) for lines in columns]
    widths = [max(width_of(*each) for each in lines) for lines in columns]
    beside = max((heads[0] + heads[1]) / 2 + GAP, (widths[1] - widths[0]) / 2)
    apart = [beside, *((one + next_) / 2 + GAP for one, next_ in pairwise(widths[1:]))]
    return spread(at, apart, EDGE + widths[0] / 2, WIDTH - EDGE - widths[-1] / 2)


def _lines(stop: _Stop) -> tuple[Line, ...]:
    words = stop.words
    return (
        (stop.short, SMALL, "text"),
        (words.roughly, SMALL, "quiet"),
        (words.people, BIG, "strong"),
        (words.interval, SMALL, "quiet"),
    )
