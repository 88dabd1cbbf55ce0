"""Reads a card as a reviewer with a ruler would: each link, what is said before it, and what stands at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from ml.governance.card.sources import anchor, below, source

LINK = re.compile(r"\[([^\]]*)\]\(([^)]+)\)")
NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?")
DECIMAL = re.compile(r"(?<![\w.])[+-]?\d+\.\d+(?![\w.])")
SHARE = re.compile(r"(\d+(?:\.\d+)?) ?%")
FIGURES = re.compile(r"(?:[-+\d.()–;%∞\s]|to|bins)*\d(?:[-+\d.()–;%∞\s]|to|bins)*")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# Numbers in sentences that are no figures of the run: what a coin reaches, what intervals promise, where a cut is.
NO_FIGURES = re.compile(r"0\.50? is a coin|95 % |highest \d+%|0\.5: not at all|under 0\.\d+ |over 0\.\d+")


class _Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "id" and value]


def ids_of(page: str) -> list[str]:
    """Return the ids of a page, in its order."""
    ids = _Ids()
    ids.feed(page)
    return ids.found


def places(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Return every place of documents: its source, and what is there."""

    def under(place: str, node: Any) -> Iterator[tuple[str, Any]]:
        yield place, node
        children = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
        for key, child in children:
            yield from under(below(place, key), child)

    return dict(each for name, content in documents.items() for each in under(source(name), content))


def linked(markdown: str) -> list[tuple[str, str]]:
    """Return what is said, and the address that stands for it: of a row the whole row, else what leads to the link."""
    found = []
    for line in markdown.split("---\n", 2)[2].splitlines():
        last = 0
        for link in LINK.finditer(line):
            found.append((line if line.startswith("|") else line[last : link.start()], link[2]))
            last = link.end()
    return found


def unfounded(said: str, node: Any) -> list[str]:
    """Return the figures that are said and are not at the place, rounded as they are said."""
    known = _numbers(node)
    return [each for each in _figures(said) if not any(_same(each, number) for number in known)]


def wrong_links(markdown: str, documents: Mapping[str, Any], folder: str) -> list[str]:
    """Return what is wrong with the links of a card to its evidence.

    folder  the folder of the evidence, as links name it
    """
    by_anchor = {f"{folder}/evidence.html#{anchor(place)}": node for place, node in places(documents).items()}
    wrong = []
    for said, address in linked(markdown):
        if "#" not in address:
            continue
        if address not in by_anchor:
            wrong.append(f"{address}: no such place")
        elif not address.endswith("#audit/findings"):  # these are counts of it, held against it by a test of their own
            figures = unfounded(said, by_anchor[address])
            wrong += [f"{address}: {figure} is said, and is not there" for figure in figures]
    return wrong


def _figures(said: str) -> list[str]:
    if not said.startswith("|"):
        plain = NO_FIGURES.sub("", said)
        return [*DECIMAL.findall(plain), *SHARE.findall(plain)]
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", said.strip("|"))]
    figures = [cell for cell in cells if FIGURES.fullmatch(cell) and not DAY.fullmatch(cell)]
    return [each for cell in figures for each in NUMBER.findall(cell)]


def _numbers(node: Any) -> list[float]:
    if isinstance(node, Mapping):
        return [each for child in node.values() for each in _numbers(child)]
    if isinstance(node, list):
        return [each for child in node for each in _numbers(child)]
    if isinstance(node, str):
        return [float(each) for each in NUMBER.findall(node)]
    return [float(node)] if isinstance(node, int | float) and not isinstance(node, bool) else []


def _same(said: str, number: float) -> bool:
    digits = len(said.partition(".")[2])
    return any(f"{abs(each):.{digits}f}" == said.lstrip("+-") for each in (number, 100 * number))
