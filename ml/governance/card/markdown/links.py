"""Links of a card to the evidence beside it: each figure to its place, each file by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..sources import anchor, name_of

Link = Callable[[str], str]  # source of a figure → a link to its place in the page of evidence
PAGE = "evidence.html"


def links(card: Mapping[str, Any]) -> Link:
    """Return what links to the evidence of a card."""
    folder = card["model"]["version"]
    return lambda place: f"[{name_of(place)}]({folder}/{PAGE}#{anchor(place)})"


def file_link(card: Mapping[str, Any], name: str) -> str:
    """Return a link to a page beside the card; of a document its name, for a published card has its pages alone."""
    linked = name in card["evidence"] and name.endswith(".html")
    return f"[{name}]({card['model']['version']}/{name})" if linked else f"`{name}`"
