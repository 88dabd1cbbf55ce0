"""Pieces of a card's Markdown: tables, lists, and figures as they are written for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...figures.findings import ratio_end

NONE = "—"
Card = Mapping[str, Any]


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table; what a cell holds cannot break it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return " ".join(str(value).replace("|", "\\|").splitlines())


def listed(lines: Sequence[str]) -> str:
    """Return a list, "none" where it is empty."""
    return "\n".join(f"* {line}" for line in lines) or "* none"


def plain(text: str) -> str:
    """Return words of people on one line; nothing in them is taken for Markdown or HTML."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#&!" else each for each in " ".join(text.split()))


def interval(each: Mapping[str, Any] | None, digits: int = 3, to: str = "–") -> str:
    """Return a figure and the ends of its interval, a dash where there is none.

    to  stands between the ends; a word where they may be below 0
    """
    if each is None or each["value"] is None:
        return NONE
    if each["low"] is None and each["high"] is None:
        return f"{each['value']:.{digits}f}"
    ends = (NONE if end is None else f"{end:.{digits}f}" for end in (each["low"], each["high"]))
    return f"{each['value']:.{digits}f} ({to.join(ends)})"


def ratio(each: Mapping[str, Any]) -> str:
    """Return a ratio and its interval, which has no upper end where the reference's rate may be 0."""
    if each["ratio"] is None:
        return NONE
    return f"{each['ratio']:.2f} ({each['ratio_low']:.2f}–{ratio_end(each['ratio_high'])})"


def count(number: int | None) -> str:
    """Return a count, "<5" where it is too small to be shown."""
    return "<5" if number is None else str(number)


def labels(card: Card) -> dict[str, str]:
    """Return protected attribute → its words in English."""
    return {attribute: each["label"]["en"] for attribute, each in card["audit"]["words"].items()}
