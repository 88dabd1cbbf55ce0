"""Client groups as JSON, and as lines for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ml.contracts import Interval
from ml.models.fractions.report import Fractions, Tried


def figures(found: Fractions) -> dict[str, Any]:
    """Return all that may be told, as JSON can hold it: rounded, and nothing of anybody."""
    return {
        "as_of": found.as_of.isoformat(),
        "people": found.people,
        "chosen": found.chosen,
        "why": found.why,
        "groups": [asdict(group) for group in found.groups],
        "hidden_groups": found.hidden,
        "tried": [_rounded(tried) for tried in found.tried],
        "axes": found.axes,
        "columns": list(found.columns),
        "seed": found.seed,
        "data_digest": found.digest,
    }


def _rounded(tried: Tried) -> dict[str, Any]:
    return {
        name: {end: round(value, 3) for end, value in each.items()} if isinstance(each, dict) else each
        for name, each in asdict(tried).items()
    }


def lines(found: Fractions, language: str = "en") -> list[str]:
    """Return the groups as lines: how many, each with its name, its size, how stable it is and its marks."""
    told = [f"{found.people or 'few'} people unemployed on {found.as_of}", found.why]
    for group in found.groups:
        share = group.share
        told.append("")
        told.append(group.name[language])
        told.append(
            f"  {group.people} people, {share.value:.0%} ({share.low:.0%} to {share.high:.0%} when people are drawn "
            f"anew); {group.stability} (Jaccard {group.jaccard:.2f})"
        )
        told += [f"  {mark.words[language]}" for mark in group.marks]
    if found.hidden:
        told += ["", f"{found.hidden} groups of too few people are not shown"]
    if found.tried:
        told += ["", "groups  prediction strength  adjusted Rand       twins' strength     closer than twins"]
        told += [_line(tried) for tried in found.tried]
    return told


def _line(tried: Tried) -> str:
    return (f"{tried.groups:6}  {_interval(tried.strength):19}  {_interval(tried.rand):18}  "
            f"{_interval(tried.twin_strength):18}  p = {tried.separation_p:.2f}")  # fmt: skip


def _interval(figure: Interval) -> str:
    return f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"
