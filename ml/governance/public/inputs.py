"""What a hint looks at, and what it does not, by its labels in a language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.contracts import TIMES
from ml.contracts.audit import DIRECT_USE

from .words import Words

KINDS = ("can_change", "service_can_change", "context", "immutable")  # of what is about the person


def looked_at(card: Mapping[str, Any], words: Words) -> list[tuple[str, list[str]]]:
    """Return title and inputs of each kind that there is, in the order of the card."""
    named = [(kind, _labels(card, kind, words)) for kind in KINDS]
    return [(words.text(f"inputs.{kind}"), labels) for kind, labels in named if labels]


def of_the_times(card: Mapping[str, Any], words: Words) -> list[str]:
    """Return the inputs that are the same for everybody."""
    return _labels(card, TIMES, words)


def _labels(card: Mapping[str, Any], kind: str, words: Words) -> list[str]:
    return [words.mine(each["label"], each["name"]) for each in card["inputs"] if each["kind"] == kind]


def not_looked_at(card: Mapping[str, Any], words: Words) -> list[str]:
    """Return the protected attributes that are no inputs."""
    return [words.mine(each, each["en"]) for each in card["not_inputs"]]


def direct_use(card: Mapping[str, Any], words: Words) -> str:
    """Return a sentence on protected attributes that are inputs; nothing where none is."""
    told = card["audit"]["words"]
    names = dict.fromkeys(each["attribute"] for each in card["audit"]["findings"] if each["metric"] == DIRECT_USE)
    labels = [words.mine(told.get(name, {}).get("label"), name) for name in names]
    return words.text("inputs.direct", names=words.listed(labels)) if labels else ""
