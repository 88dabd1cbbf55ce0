"""A model card's Markdown → a part of a page of ours: its headings below the page's own, its links to the evidence.

`card_body(text, folder)` is for every page that shows a card: `text` is the Markdown as `<version>.md` has it, `folder`
the address of the model's card files ("/v1/models/ltu-risk/cards"). It returns `CardBody(contents, html)`: id and words
of each section, and HTML that may go into a template as it is. The card is written in English: put it where `lang="en"`
holds. Its headings begin with h3: give it an h2 of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
OTHER_PLACE = re.compile(r"[a-z][a-z0-9+.-]*:|//|/", re.IGNORECASE)
FIGURE = re.compile(r"[+-]?[\d.]+ \([^ ()]+(?: to [^ ()]+)?\)")  # with its interval: on one line
KEPT = 8  # cards that were read last: to make one of them takes 40 ms
SPACE = "\u00a0"
DEEPER = {f"h{level}": f"h{min(level + 1, 6)}" for level in range(1, 7)}


@dataclass(frozen=True)
class Section:
    """A section of a card: where it is on the page, and its heading."""

    id: str
    words: str


@dataclass(frozen=True)
class CardBody:
    """A card as part of a page; nothing in it runs, loads, or leads to another host."""

    contents: tuple[Section, ...]
    html: Markup


@lru_cache(KEPT)
def card_body(text: str, folder: str) -> CardBody:
    """Return a card's Markdown as part of a page; its title is left out, for the page has one.

    folder  the address to which its links are relative
    """
    markdown = _reader()
    tokens = _without_title(markdown.parse(FRONT_MATTER.sub("", text)))
    contents = tuple(_numbered(tokens))
    _deepened(tokens)
    _linked(tokens, folder)
    _on_one_line(tokens)
    return CardBody(contents, _marked_up(markdown.renderer.render([*_captioned(tokens)], markdown.options, {})))


def _marked_up(html: str) -> Markup:
    """Return what the reader of Markdown made: it escapes whatever was written, and lets no HTML through."""
    return Markup(html)  # noqa: S704


def _reader() -> MarkdownIt:
    """Return a reader of Markdown that lets no HTML, no picture and no address of another place through."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    markdown.validateLink = lambda url: OTHER_PLACE.match(url.strip()) is None  # type: ignore[method-assign]
    return markdown


def _without_title(tokens: Sequence[Token]) -> list[Token]:
    first = tokens[:1]
    return list(tokens[3:] if first and first[0].tag == "h1" else tokens)


def _numbered(tokens: Sequence[Token]) -> Iterator[Section]:
    """Give each heading of a section an id; yield them in their order."""
    number = 0
    for opening, words in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            number += 1
            opening.attrSet("id", f"card-{number}")
            yield Section(f"card-{number}", words.content)


def _deepened(tokens: Sequence[Token]) -> None:
    for each in tokens:
        if each.type in ("heading_open", "heading_close"):
            each.tag = DEEPER[each.tag]


def _linked(tokens: Sequence[Token], folder: str) -> None:
    """Let links between the files of a card lead to where these are served."""
    for each in (child for token in tokens for child in token.children or () if child.type == "link_open"):
        place = str(each.attrGet("href"))
        if not place.startswith("#"):
            each.attrSet("href", f"{folder}/{place}")


def _on_one_line(tokens: Sequence[Token]) -> None:
    """Keep a figure and its interval together in the cell of a table."""
    for opening, words in pairwise(tokens):
        if opening.type == "td_open" and FIGURE.fullmatch(words.content):
            for each in words.children or ():
                each.content = each.content.replace(" ", SPACE)


def _captioned(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens; each table scrolls in a box of its own, is named by its section, and says what its heads head.

    The name is read out, and not shown: it stands above as a heading.
    """
    heading, tables = "", 0
    for each, after in pairwise([*tokens, Token("end", "", 0)]):
        if each.type == "heading_open":
            heading, tables = after.content, 0
        if each.type == "th_open":
            each.attrSet("scope", "col")
        if each.type == "table_open":
            tables += 1
            name = escape(heading if tables == 1 else f"{heading} ({tables})")
            yield _html(f'<div class="table-scroll" tabindex="0" role="group" aria-label="{name}">')
            yield each
            yield _html(f'<caption class="visually-hidden">{name}</caption>')
            continue
        yield each
        if each.type == "table_close":
            yield _html("</div>")


def _html(text: str) -> Token:
    return Token("html_block", "", 0, content=text)
