"""Markdown as one HTML page that needs nothing else, with a table of contents beside it: a card, or its review."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import dropwhile, pairwise, takewhile
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .markdown import render

STYLE = "page.css"
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
INTERVAL = re.compile(r"\(.*?\)")
VERDICT = re.compile(r"(fail|insufficient|pass)\b")
FAILS = " fails: "  # of an audit, in the sentences that stand first
FIGURE = re.compile(r"[+-]?[\d.]+ \([^ ()]+(?: to [^ ()]+)?\)")  # with its interval: on one line
OTHER_PLACE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def card_page(card: Mapping[str, Any]) -> str:
    """Return the page of a card; the same card gives the same bytes."""
    return page(render(card))


def page(text: str) -> str:
    """Return the page of a Markdown text, which begins with its title; the same text gives the same bytes."""
    markdown = _reader()
    tokens = markdown.parse(FRONT_MATTER.sub("", text))
    contents = _numbered(tokens)
    _marked(tokens)
    body = markdown.renderer.render(tokens, markdown.options, {})
    body = body.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
    title = next(words.content for opening, words in pairwise(tokens) if opening.tag == "h1")
    style = files(__package__).joinpath(STYLE).read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<nav aria-labelledby="contents"><h2 id="contents">On this page</h2><ol>{_listed(contents)}</ol></nav>\n'
        f"<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _reader() -> MarkdownIt:
    """Return a reader of Markdown that lets no HTML, no picture and no address of another host through."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.validateLink = lambda url: OTHER_PLACE.match(url.strip()) is None  # type: ignore[method-assign]
    return markdown


def _numbered(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Give each heading of a section an id; return id and words of each."""
    found: list[tuple[str, str]] = []
    for opening, words in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            opening.attrSet("id", f"section-{len(found) + 1}")
            found.append((f"section-{len(found) + 1}", words.content))
    return found


def _listed(contents: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<li><a href="#{place}">{escape(words)}</a></li>' for place, words in contents)


def _marked(tokens: Sequence[Token]) -> None:
    """Give cells with a verdict or a figure their class, and the first block where it tells of a failure."""
    for opening, words in pairwise(tokens):
        if opening.type == "td_open" and (verdict := VERDICT.match(words.content)):
            opening.attrSet("class", verdict[1])
        elif opening.type == "td_open" and FIGURE.fullmatch(words.content):
            opening.attrSet("class", "fig")
            for each in words.children or ():  # a line ends before the interval, never within it
                each.content = INTERVAL.sub(lambda found: found[0].replace(" ", "\u00a0"), each.content)
    block = dropwhile(lambda each: each.type != "blockquote_open", tokens)
    first = list(takewhile(lambda each: each.type != "blockquote_close", block))
    if any(FAILS in each.content for each in first):
        first[0].attrSet("class", "fail")
