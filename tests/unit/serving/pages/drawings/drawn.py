"""What a drawing holds, read from its SVG as a browser would, and how much room its words take in a real font."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
from fontTools.ttLib import TTFont

import serving.pages
from serving.pages.assets import FETCHED

SVG = "{http://www.w3.org/2000/svg}"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
STYLES = (Path(serving.pages.__file__).parent / "static" / "curve.css").read_text("utf-8")
HDS = FETCHED / "hds-core" / "lib" / "base.min.css"
EM = {"text": "DejaVuSans.ttf", "quiet": "DejaVuSans.ttf", "strong": "DejaVuSans-Bold.ttf"}
TOUCHING = 1e-6


@dataclass(frozen=True)
class Box:
    """Where something is drawn."""

    words: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right - TOUCHING
            and other.left < self.right - TOUCHING
            and self.top < other.bottom - TOUCHING
            and other.top < self.bottom - TOUCHING
        )


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def shapes(svg: str, tag: str, kind: str) -> list[ElementTree.Element]:
    return parsed(svg).findall(f"{SVG}{tag}[@class='drawing__{kind}']")


def words(svg: str) -> list[str]:
    return [each.text or "" for each in parsed(svg).iter(f"{SVG}text")]


def corners(shape: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (each.split(",") for each in shape.attrib["points"].split())]


def require_tidy(svg: str) -> None:
    """Require that all is inside, no words meet, every class has its rule, and nothing is styled or scripted here."""
    root = parsed(svg)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    boxes = list(_texts(root))
    for box in (*boxes, *_others(root)):
        assert left <= box.left, box
        assert box.right <= left + width, box
        assert top <= box.top, box
        assert box.bottom <= top + height, box
    assert [(one, other) for one, other in combinations(boxes, 2) if one.meets(other)] == []
    for each in root.iter():
        assert each.tag.removeprefix(SVG) not in ("style", "script")
        assert not any(name.startswith(("style", "on")) for name in each.attrib)
        if each.tag != f"{SVG}title" and each.tag != f"{SVG}desc":
            assert f".{each.attrib['class']} {{" in STYLES


def require_described(svg: str, name: str) -> tuple[str, str]:
    """Return title and description, by which a screen reader knows the drawing."""
    root = parsed(svg)
    assert root.attrib["role"] == "img"
    found = {each.attrib["id"]: each.text or "" for each in root.iter() if "id" in each.attrib}
    assert list(found) == root.attrib["aria-labelledby"].split() == [f"{name}-title", f"{name}-desc"]
    title, desc = found.values()
    return title, desc


def _texts(root: ElementTree.Element) -> Iterator[Box]:
    for each in root.iter(f"{SVG}text"):
        x, y, size = (float(each.attrib[name]) for name in ("x", "y", "font-size"))
        said = each.text or ""
        assert said.strip()
        width = size * _ems(said, EM[each.attrib["class"].removeprefix("drawing__")])
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[each.attrib["text-anchor"]]
        yield Box(said, left, y - 0.76 * size, left + width, y + 0.24 * size)


def _others(root: ElementTree.Element) -> Iterator[Box]:
    for each in root.iter():
        numbers = each.attrib
        if each.tag == f"{SVG}circle":
            x, y, r = (float(numbers[name]) for name in ("cx", "cy", "r"))
            yield Box("point", x - r, y - r, x + r, y + r)
        elif each.tag == f"{SVG}line":
            x1, y1, x2, y2 = (float(numbers[name]) for name in ("x1", "y1", "x2", "y2"))
            yield Box("line", min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        elif "points" in numbers:
            xs, ys = zip(*corners(each), strict=True)
            yield Box("shape", min(xs), min(ys), max(xs), max(ys))


@cache
def _font(name: str) -> TTFont:
    return TTFont(FONTS / name)


def _ems(said: str, name: str) -> float:
    font = _font(name)
    letters, widths = font.getBestCmap(), font["hmtx"]
    return sum(widths[letters[ord(each)]][0] for each in said) / font["head"].unitsPerEm


def hds_colour(name: str) -> str:
    """Return a colour of the City's design system, as it is fetched at set-up."""
    (found,) = set(re.findall(rf"{name}:(#[0-9a-f]+)", HDS.read_text("utf-8")))
    return found if len(found) == 7 else "#" + "".join(2 * each for each in found[1:])


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.1)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(each, 16) / 255 for each in re.findall("..", colour.removeprefix("#"))]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
