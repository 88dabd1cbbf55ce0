"""Pieces of a card's Markdown: tables, lists, and figures as they are written for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...figures.findings import ratio_end

NONE = "—"


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table; what a cell holds cannot break it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def listed(lines: Sequence[str]) -> str:
    """Return a list, "none" where it is empty."""
    return "\n".join(f"* {line}" for line in lines) or "* none"


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


def provenance(card: Mapping[str, Any]) -> str:
    """Return the section on where a model comes from."""
    made = card["provenance"]
    versions = ", ".join(f"{name} {version}" for name, version in made["environment"].items())
    return (
        f"## Provenance\n\nTrained by {made['trained_by']} at {made['trained_at']}, MLflow run "
        f"`{made['run']}`, seed {card['method']['seed']}.\n\nArtefact `{card['model']['digest']}`.\n\n"
        f"Policy `{card['limits']['policy']}`.\n\nEnvironment: {versions}."
    )


def still_open(card: Mapping[str, Any]) -> str:
    """Return the section on warnings, deviations and gaps."""
    gaps = [f"**Gap:** {gap}" for gap in card["gaps"]]
    return (
        f"## What is open\n\nWarnings:\n\n{listed(card['warnings'])}"
        "\n\nDeviations from the policy, each to be accepted in writing before an approval:\n\n"
        f"{listed(card['deviations'])}\n\nGaps that only people can fill:\n\n{listed(gaps)}"
    )
