"""How equally a hint treats people, in plain words: the audit's verdict, and the clearest differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ml.contracts.audit import DIRECT_USE

from ..card.failing import failing, insufficient
from .words import Words

MOST = 3
ELSE = "everyone else"
ANSWER = "answer_"


@dataclass(frozen=True)
class Difference:
    """One difference: about whom, and what it is."""

    who: str
    told: str


def verdict(card: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Return what the audit says."""
    said, fails, unjudged = card["audit"]["verdict"], len(failing(card)), insufficient(card)
    yield words.counted("equal.fail", fails) if said == "fail" else words.text(f"equal.{said}")
    if unjudged:
        yield words.counted("equal.open", unjudged)


def differences(card: Mapping[str, Any], words: Words) -> list[Difference]:
    """Return the clearest differences outside the limits between groups of one attribute, at most three."""
    outside = [each for each in card["audit"]["findings"] if each["verdict"] == "fail" and each["metric"] != DIRECT_USE]
    chosen = sorted(outside, key=lambda each: _clearness(each, card["limits"]), reverse=True)[:MOST]
    return [_difference(each, card["audit"]["words"], words) for each in chosen]


def _clearness(each: Mapping[str, Any], limits: Mapping[str, Any]) -> float:
    """Return how many times its limit a difference is at least; 0 where its figures are not shown."""
    limit = limits["answers"] if each["metric"] not in limits["metrics"] else limits["metrics"][each["metric"]]
    if limit["of"] == "ratio":
        low, high = each["ratio_low"], each["ratio_high"]
        above = math.log(low) / math.log(limit["high"]) if low else 0.0
        below = math.log(high) / math.log(limit["low"]) if high else 0.0
        return max(above, below)
    low, high = each["difference_low"], each["difference_high"]
    return 0.0 if low is None or high is None else max(low / limit["high"], high / limit["low"])


def _difference(each: Mapping[str, Any], told: Mapping[str, Any], words: Words) -> Difference:
    attribute = told.get(each["attribute"], {})
    label = words.mine(attribute.get("label"), each["attribute"])
    group = _group(each["group"], attribute, words)
    who = label if group.casefold() == label.casefold() else f"{label}: {group}"
    return Difference(who, _sentence(each, attribute, words))


def _group(name: str, attribute: Mapping[str, Any], words: Words) -> str:
    if name == ELSE:
        return words.text("equal.else")
    return words.mine(attribute.get("groups", {}).get(name), name)


def _sentence(each: Mapping[str, Any], attribute: Mapping[str, Any], words: Words) -> str:
    metric, value = each["metric"], each["value"]
    if value is None:
        return f"{words.text('equal.other')} {words.text('equal.hidden')}"
    reference, other = _group(each["reference"], attribute, words), _reference_value(each)
    if metric == "calibration_gap":
        said = words.text(f"equal.calibration_{_side(value)}", own=words.of_hundred(abs(value)))
        beside = other is not None and words.text(
            f"equal.compared_{_side(other)}", reference=reference, other=words.of_hundred(abs(other))
        )
    else:
        said = _rate(metric, words.of_hundred(value), words)
        beside = other is not None and words.text("equal.compared", reference=reference, other=words.of_hundred(other))
    return f"{said} {beside}" if beside else said


def _rate(metric: str, own: str, words: Words) -> str:
    if metric.startswith(ANSWER):
        return words.text("equal.answer", entity=words.text(f"entity.{metric.removeprefix(ANSWER)}"), own=own)
    return words.text(f"equal.{metric}", own=own)


def _reference_value(each: Mapping[str, Any]) -> float | None:
    """Return the figure of the reference group, as far as it may be known."""
    if each["ratio"]:
        return float(each["value"] / each["ratio"])
    return None if each["difference"] is None else float(each["value"] - each["difference"])


def _side(value: float) -> str:
    return "high" if value >= 0 else "low"
