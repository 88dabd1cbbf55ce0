"""The section of a card on mitigation: what was tried against unequal errors, what was chosen, what that costs whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.errors import DataError

from .markdown.pieces import count, interval, table

GAP = "which mitigation was weighed against unequal errors, and what it would cost whom"
CHANGES = ("flagged", "wrongly_flagged", "missed")
USES = {
    "never": "no",
    "training": "of people in the past, in training",
    "scoring": "of the person who is scored: needs a legal basis of its own",
}


def read_mitigation(path: Path, data_digest: str) -> dict[str, Any]:
    """Return attribute → what was found, as `python -m experiments.mitigation.run --json` wrote it.

    Raises DataError when the file is none such, or is of other data than the model: a mitigation weighed elsewhere says
    nothing here.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        attributes: dict[str, Any] = {name: _short(each) for name, each in found["attributes"].items()}
        digest = found["data_digest"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        told = f"{type(problem).__name__}: {problem}"
        raise DataError(f"{path}: is not what experiments.mitigation.run --json writes ({told})") from None
    if digest != data_digest:
        raise DataError(f"{path}: mitigations of other data than the model's; run experiments.mitigation on its cohort")
    return attributes


def _short(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the card tells of one attribute: every point, the choice, and what each changes for whom."""
    choice = found["choice"]
    points = [
        {
            "name": each["name"],
            "uses": each["uses"],
            "found": each["found"],
            "auc": each["auc"],
            "gap": each["gap"] and each["gap"]["times"],
            "groups": each["groups"],
        }
        for each in found["points"]
    ]
    return {
        "reference": found["reference"],
        "capacity": found["capacity"],
        "people": found["people"],
        "chosen": points[0]["name"] if choice is None else choice["name"],
        "why": "too few people to choose on" if choice is None else choice["why"],
        "points": points,
    }


def render_mitigation(card: Mapping[str, Any]) -> str:
    """Return the section; without a weighing it is a gap."""
    weighed = card["mitigation"]
    if not weighed:
        return (
            f"## Mitigation\n\nThe model is as it was trained: nothing was changed for any group. **Gap:** {GAP} "
            "(`python -m experiments.mitigation.run --json`, then `apualy train --mitigation FILE`)."
        )
    parts = [_attribute(card["audit"]["labels"].get(name, name), each) for name, each in weighed.items()]
    return "## Mitigation\n\n" + "\n\n".join(parts)


def _attribute(label: str, found: Mapping[str, Any]) -> str:
    rows = [
        [each["name"] + (" (chosen)" if each["name"] == found["chosen"] else ""), interval(each["found"]),
         interval(each["auc"]), interval(each["gap"], 2), USES[each["uses"]]]
        for each in found["points"]
    ]  # fmt: skip
    first = found["points"][0]["name"]
    told = f"**{label}**, against {found['reference']}. Chosen: {found['chosen']} ({found['why'].rstrip('.')})."
    changed = [
        [each["name"], group["group"], count(group["n"]), *(_change(group[name]) for name in CHANGES)]
        for each in found["points"]
        if each["name"] != first
        for group in each["groups"]
        if _changes(group["flagged"])
    ]
    text = (
        f"{told}\n\n"
        + table(["mitigation", "of those still unemployed, found", "AUC", "gap in false alarms", "uses it"], rows)
    )  # fmt: skip
    if changed:
        text += "\n\nWhat each would change, per 1,000 people of a group (95 % interval), beyond noise:\n\n" + table(
            ["mitigation", "group", "n", "flagged", "flagged in vain", "missed"], changed
        )
    return text


def _changes(flagged: Mapping[str, Any] | None) -> bool:
    """Return whether it is known that other people of the group would be flagged, more of them or fewer."""
    return flagged is not None and flagged["value"] is not None and flagged["low"] * flagged["high"] > 0


def _change(each: Mapping[str, Any] | None) -> str:
    if each is None or each["value"] is None:
        return "—"
    return f"{each['value']:+.0f} ({each['low']:+.0f} to {each['high']:+.0f})"
