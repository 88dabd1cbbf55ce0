"""Figures of two versions of a model side by side, and whether what lies between them is more than noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Card = Mapping[str, Any]
NOTHING = "—"
PARTS, NOISE, UNKNOWN = "the intervals part", "within noise: the intervals overlap", "not known of one of them"
NO_INTERVAL = "no interval, so noise cannot be told"


@dataclass(frozen=True)
class Change:
    """One thing that two versions of a model differ in, in words; of main figures also where they are alike."""

    what: str
    before: str
    after: str
    note: str = ""


def figures(before: Card, after: Card) -> Iterator[Change]:
    """Yield each main figure, before and after, of a model of risk or of service needs."""
    ours, theirs = _main(after), _main(before)
    for name in {**theirs, **ours}:
        yield _figure(name, theirs.get(name), ours.get(name))


def text_of(each: Any) -> str:
    """Return a figure as it is written in a table of changes."""
    if isinstance(each, Mapping):
        if each["value"] is None:
            return NOTHING
        ends = [NOTHING if each[end] is None else f"{each[end]:.3f}" for end in ("low", "high")]
        return f"{each['value']:.3f} ({' to '.join(ends)})"
    if each is None:
        return NOTHING
    return f"{each:.3f}" if isinstance(each, float) else str(each)


def _figure(name: str, before: Any, after: Any) -> Change:
    if text_of(before) == text_of(after):
        return Change(name, text_of(before), text_of(after), "the same")
    return Change(name, text_of(before), text_of(after), _beyond_noise(before, after))


def _beyond_noise(before: Any, after: Any) -> str:
    if before is None or after is None:
        return UNKNOWN
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return NO_INTERVAL
    ends = [each[end] for each in (before, after) for end in ("low", "high")]
    if None in ends:
        return UNKNOWN
    return PARTS if ends[0] > ends[3] or ends[2] > ends[1] else NOISE


def _main(card: Card) -> dict[str, Any]:
    """Return name → figure of those by which a model is judged first."""
    metrics = card["metrics"]
    if card.get("sort") == "service-need":
        return {
            "agreement with caseworkers, of all cases": metrics["accuracy"],
            "agreement with caseworkers, of the answered": metrics["agreement"],
            "share that is answered": metrics["answered"],
            **{f"found of those placed in {name}": each["recall"] for name, each in metrics["entities"].items()},
        }
    found = {
        "AUC": metrics["auc"],
        "Brier score": metrics["brier"],
        "observed share": metrics["observed_share"],
        "predicted share": metrics["predicted_share"],
        **{f"calibration, {name}": metrics["calibration"][key]
           for name, key in (("intercept", "intercept"), ("slope", "slope"), ("ICI", "ici"))},
    }  # fmt: skip
    return found | _at_capacity(card)


def _at_capacity(card: Card) -> dict[str, Any]:
    """Return what flagging at the audit's cut finds of newcomers, where it is known."""
    evaluation, capacity = card["evaluation"], card["audit"]["capacity"]
    return {
        f"{name} at {capacity:.0%}, {each['at']}": point[name]
        for each in evaluation["slices"]
        if each["landmark"] == 0 and each["quarter"] is None and each["horizon"] == evaluation["horizon"]
        for point in (each["figures"] or {"capacity": ()})["capacity"]
        if point["capacity"] == capacity
        for name in ("precision", "recall")
    }
