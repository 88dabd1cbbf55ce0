"""Where a figure of a card comes from: a document of the run, and the JSON pointer (RFC 6901) of the place in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

Documents = Mapping[str, Any]  # name of a file of the run, such as "audit.json" → what it holds


def source(document: str, *path: str | int) -> str:
    """Return the source of a place: "evaluation.json#/slices/3"."""
    return below(f"{document}#", *path)


def below(place: str, *path: str | int) -> str:
    """Return the source of what lies under a source."""
    return place + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def cite(documents: Documents, document: str, *path: str | int) -> dict[str, Any]:
    """Return a copy of the object at a place, with its source."""
    node = documents[document]
    for key in path:
        node = node[key]
    return {**node, "source": source(document, *path)}


def cite_each(documents: Documents, document: str, *path: str | int) -> list[dict[str, Any]]:
    """Return copies of the objects of a list, each with its source."""
    node = documents[document]
    for key in path:
        node = node[key]
    return [{**each, "source": source(document, *path, number)} for number, each in enumerate(node)]


def cite_parts(documents: Documents, document: str, parts: Iterable[str]) -> dict[str, Any]:
    """Return a document whose parts, objects of their own, are each cited at their place."""
    return {**cite(documents, document), **{name: cite(documents, document, name) for name in parts}}


def name_of(place: str) -> str:
    """Return the name of a source's document without its ending: a short text for a link."""
    return place.partition("#")[0].removesuffix(".json")


def anchor(place: str) -> str:
    """Return the id of a source in the page of evidence, which can stand in an address as it is."""
    pointer = place.partition("#")[2]
    # quote() leaves "~" alone: once it is quoted too, a "~" in the outcome can only stand for a "%".
    return quote(name_of(place) + pointer, safe="/").replace("~", "%7E").replace("%", "~")
