"""The section of a card on mitigation: what was tried against unequal errors, what was chosen, what that costs whom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.errors import DataError

from .markdown.links import Link
from .markdown.pieces import count, interval, labels, table
from .sources import below, source

DOCUMENT = "mitigation.json"
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


def render_mitigation(card: Mapping[str, Any], link: Link) -> str:
    """Return the section; where nothing was weighed, people say why."""
    weighed = card["mitigation"]
    if not weighed:
        return (
            "## Mitigation\n\nThe model is as it was trained: nothing was changed for any group, and nothing weighed "
            "(`python -m experiments.mitigation.run --json`, then `apualy train --mitigation FILE`)."
        )
    words = labels(card)
    parts = [_attribute(words.get(name, name), each, source(DOCUMENT, name), link) for name, each in weighed.items()]
    return "## Mitigation\n\n" + "\n\n".join(parts)


def _attribute(label: str, found: Mapping[str, Any], place: str, link: Link) -> str:
    rows = [
        [each["name"] + (" (chosen)" if each["name"] == found["chosen"] else ""), interval(each["found"]),
         interval(each["auc"]), interval(each["gap"], 2), USES[each["uses"]], link(below(place, "points", number))]
        for number, each in enumerate(found["points"])
    ]  # fmt: skip
    told = (
        f"**{label}**, against {found['reference']}. Chosen: {found['chosen']} ({found['why'].rstrip('.')}; "
        f"{link(place)})."
    )
    head = ["mitigation", "of those still unemployed, found", "AUC", "gap in false alarms", "uses it", "evidence"]
    return f"{told}\n\n{table(head, rows)}{_changed(found, place, link)}"


def _changed(found: Mapping[str, Any], place: str, link: Link) -> str:
    """Return what each mitigation but the first, which is none, would change for whom."""
    rows = [
        [each["name"], group["group"], count(group["n"]), *(_change(group[name]) for name in CHANGES),
         link(below(place, "points", point, "groups", number))]
        for point, each in enumerate(found["points"])
        if each["name"] != found["points"][0]["name"]
        for number, group in enumerate(each["groups"])
        if _changes(group["flagged"])
    ]  # fmt: skip
    if not rows:
        return ""
    return "\n\nWhat each would change, per 1,000 people of a group (95 % interval), beyond noise:\n\n" + table(
        ["mitigation", "group", "n", "flagged", "flagged in vain", "missed", "evidence"], rows
    )


def _changes(flagged: Mapping[str, Any] | None) -> bool:
    """Return whether it is known that other people of the group would be flagged, more of them or fewer."""
    return flagged is not None and flagged["value"] is not None and flagged["low"] * flagged["high"] > 0


def _change(each: Mapping[str, Any] | None) -> str:
    if each is None or each["value"] is None:
        return "—"
    return f"{each['value']:+.0f} ({each['low']:+.0f} to {each['high']:+.0f})"
