"""The documents of a run as one page that needs nothing else: every place that a card links to can be found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from .sources import anchor, below, name_of, source

STYLE = "evidence.css"
DIGITS = 4
UNCITED = frozenset((source("audit.json", "figures"),))  # thousands, shown beside the findings and not judged
INTERVAL = frozenset(("value", "low", "high"))


def evidence_page(documents: Mapping[str, Any]) -> str:
    """Return the page; the same documents give the same bytes. The id of a place is `anchor(source)`."""
    style = files(__package__).joinpath(STYLE).read_text(encoding="utf-8")
    names = "".join(f'<li><a href="#{anchor(source(name))}">{name_of(name)}</a>' for name in documents)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Evidence</title><style>{style}</style>"
        "<h1>Evidence</h1><p>What the run found, document by document; the files are beside this page. Numbers are "
        f"shown to {DIGITS} digits, the ends of a 95 % interval in brackets where there are any; a dash is a figure "
        f'that is not known or not shown.</p><nav aria-label="Documents"><ul>{names}</ul></nav><main>'
        + "".join(_document(name, content) for name, content in documents.items())
        + "</main></html>\n"
    )


def _document(name: str, content: Any) -> str:
    place = source(name)
    return f'<section id="{anchor(place)}"><h2>{name_of(name)}</h2>{_shown(content, place)}</section>'


def _shown(node: Any, place: str) -> str:
    if place in UNCITED:
        return f"{len(node)} rows: see the file {place.partition('#')[0]}"
    if isinstance(node, Mapping):
        return _interval(node) if node.keys() == INTERVAL else _object(node, place)
    if isinstance(node, Sequence) and not isinstance(node, str):
        if node and all(isinstance(each, Mapping) and each.keys() != INTERVAL for each in node):
            return _rows(node, place)
        return "; ".join(_shown(each, below(place, number)) for number, each in enumerate(node)) or "none"
    return _scalar(node)


def _object(node: Mapping[str, Any], place: str) -> str:
    """Return a table with a row a key, each with its id."""
    rows = "".join(
        f'<tr id="{anchor(below(place, key))}"><th scope="row">{_words(key)}<td>{_shown(value, below(place, key))}'
        for key, value in node.items()
    )
    return f"<table>{rows}</table>"


def _rows(nodes: Sequence[Mapping[str, Any]], place: str) -> str:
    """Return a table with a row an object, each with its id; columns that are empty in all of them are left out."""
    columns = [key for key in dict.fromkeys(key for node in nodes for key in node) if _told(key, nodes)]
    head = "".join(f'<th scope="col">{_words(key)}' for key in columns)
    rows = "".join(
        f'<tr id="{anchor(below(place, number))}">'
        + "".join(f"<td>{_cell(node, key, below(place, number, key))}" for key in columns)
        for number, node in enumerate(nodes)
    )
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}<tbody>{rows}</table></div>'


def _told(key: str, nodes: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a column says anything; the ends of an interval stand in the column of its figure."""
    whose = {"low": "value", "high": "value"}.get(key, key.removesuffix("_low").removesuffix("_high"))
    return any(node.get(key) not in (None, "", [], ()) and (whose == key or whose not in node) for node in nodes)


def _cell(node: Mapping[str, Any], key: str, place: str) -> str:
    value = node.get(key)
    low, high = ("low", "high") if key == "value" else (f"{key}_low", f"{key}_high")
    if low in node and high in node:
        return _interval({"value": value, "low": node[low], "high": node[high]})
    return "" if value in ("", [], ()) else _shown(value, place)


def _interval(each: Mapping[str, Any]) -> str:
    if each["low"] is None and each["high"] is None:
        return _scalar(each["value"])
    told = f"{_scalar(each['value'])} ({_scalar(each['low'])} to {_scalar(each['high'])})"
    return told.replace(" ", "\N{NO-BREAK SPACE}")


def _scalar(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else escape(str(value))


def _words(key: str) -> str:
    return escape(str(key).replace("_", " "))
