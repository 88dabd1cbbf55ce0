"""Parts of a drawing: lines, shapes and texts as SVG, and how much room a text takes. Colours are in curve.css."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

SMALL, BIG = 14, 17  # of letters, in units of the drawing; on the narrowest page a unit is 0.9 px

# Widths in em of DejaVu Sans Bold, the widest of the fonts that a page may be shown in, or a little more.
_WIDTHS = {
    **dict.fromkeys(" ijl'’.,/", 0.38),
    **dict.fromkeys("ft():-", 0.48),
    **dict.fromkeys("r–", 0.54),
    **dict.fromkeys("ckvxysz", 0.67),
    **dict.fromkeys("mwMW%…—", 1.11),
}
_OTHER, _CAPITAL = 0.72, 0.86
_LIGHT = 0.93  # of the bold width

_DRAWING = Markup(
    '<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
    ' aria-labelledby="{name}-title {name}-desc">'
    '<title id="{name}-title">{title}</title><desc id="{name}-desc">{desc}</desc>{parts}</svg>'
)
_LINE = Markup('<line class="drawing__{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
_SHAPE = Markup('<{tag} class="drawing__{kind}" points="{points}"/>')
_POINT = Markup('<circle class="drawing__point" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
_TEXT = Markup(
    '<text class="drawing__{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{words}</text>'
)


def drawing(name: str, width: float, height: float, title: str, desc: str, parts: Iterable[Markup]) -> Markup:
    """Return a drawing that says in its title and description what it shows.

    name  its own on the page: what describes it is found by it
    """
    return _DRAWING.format(name=name, width=width, height=height, title=title, desc=desc, parts=Markup("").join(parts))


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """Return a straight line."""
    return _LINE.format(kind=kind, x1=x1, y1=y1, x2=x2, y2=y2)


def path(kind: str, points: Iterable[tuple[float, float]]) -> Markup:
    """Return a line through points."""
    return _SHAPE.format(tag="polyline", kind=kind, points=_listed(points))


def area(kind: str, points: Iterable[tuple[float, float]]) -> Markup:
    """Return an area with corners."""
    return _SHAPE.format(tag="polygon", kind=kind, points=_listed(points))


def point(x: float, y: float) -> Markup:
    """Return a point."""
    return _POINT.format(x=x, y=y)


def text(x: float, y: float, words: str, size: int = SMALL, anchor: str = "start", kind: str = "text") -> Markup:
    """Return a line of text, of which y is the baseline."""
    return _TEXT.format(kind=kind, x=x, y=y, size=size, anchor=anchor, words=words)


def width_of(words: str, size: int, kind: str = "text") -> float:
    """Return how wide a line of text may be, in any font that it may be shown in."""
    bold = sum(_WIDTHS.get(each, _CAPITAL if each.isupper() else _OTHER) for each in words)
    return size * bold * (1 if kind == "strong" else _LIGHT)


def spread(wanted: Sequence[float], apart: Sequence[float], first: float, last: float) -> list[float]:
    """Return where points stand that keep their distances, in their order, moved as little as may be.

    wanted  where they would stand
    apart   least distance from each to the next; one fewer
    first, last  what the first may not be left of, nor the last right of, as long as there is room between
    """
    before = [sum(apart[:place]) for place in range(len(wanted))]
    free = [each - taken for each, taken in zip(wanted, before, strict=True)]
    # Isotonic regression in its min-max form (Robertson, Wright and Dykstra 1988): least squares that keep the order.
    places = range(len(free))
    kept = [max(min(_mean(free[j : k + 1]) for k in places[i:]) for j in places[: i + 1]) for i in places]
    return [min(max(each, first), last - sum(apart)) + taken for each, taken in zip(kept, before, strict=True)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _listed(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
