"""What was measured, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.plain import told
from ml.fairness.mitigation.law import LAW
from ml.fairness.mitigation.point import Uses

NOT_SAID = "too few people to say"


def show(figures: Mapping[str, Any]) -> None:
    """Print each attribute: a line a mitigation, the choice and why, and what it would change for whom."""
    for attribute, found in figures.items():
        _attribute(attribute, found)
    print("in law:")
    for uses in (Uses.SCORING, Uses.TRAINING):
        print(f"  {uses}: {LAW[uses]}")


def _attribute(attribute: str, found: Mapping[str, Any]) -> None:
    print(f"{attribute}, against {found['reference']}: {found['people']} people at registration, "
          f"the highest {found['capacity']:.0%} flagged")  # fmt: skip
    for point in found["points"]:
        ranks = told(point["auc"]) if point["auc"] else "flags, and does not rank"
        beaten = "" if point["name"] in found["undominated"] else " (another is better in both)"
        print(f"  {point['name']}{beaten}, attribute used: {point['uses']}")
        print(f"    finds {told(point['found'], 3)}, change {told(point['found_change'], 3)}; AUC {ranks}")
        print(f"    gap {gap(point['gap'])}; of those missed {gap(point['missed_gap'])}")
        print(f"    flagged {point['flagged_share']:.3f}, by lot {point['by_lot']:.3f}")
    if found["too_few"]:
        print(f"  too few people to be compared: {', '.join(found['too_few'])}")
    print(f"  inputs that tell it best: "
          f"{', '.join(f'{name} {auc:.2f}' for name, auc in found['proxies'].items())}")  # fmt: skip
    choice = found["choice"]
    print(f"  chosen on {found['chosen_on']} other people: {choice['name']} ({choice['why']})")
    for name, why in choice["refused"].items():
        print(f"    not {name}: {why}")
    for point in found["points"][1:]:
        _changes(point)


def _changes(point: Mapping[str, Any]) -> None:
    print(f"  {point['name']}: more or fewer per 1,000 people of a group")
    for group in point["groups"]:
        if group["false_positive_rate"] is None and group["flagged"] is None:
            print(f"    {group['group']:<22} {group['why']}")
            continue
        print(f"    {group['group']:<22} flagged {per_thousand(group['flagged'])}, in vain "
              f"{per_thousand(group['wrongly_flagged'])}, missed {per_thousand(group['missed'])}")  # fmt: skip


def gap(found: Mapping[str, Any] | None) -> str:
    """Return a gap as it is read: "2.78 times (2.50 to 3.10; limited)"."""
    if found is None:
        return NOT_SAID
    times = found["times"]
    if times["value"] is None:
        return f"without bound ({found['group']})"
    return f"{told(times, 2)[:-1]}; {found['group']} {found['ratio']['value']:.2f})"


def per_thousand(figures: Mapping[str, float | None] | None) -> str:
    """Return people per 1,000 with the interval, signed: "-12 (-20 to -4)"."""
    if figures is None or None in figures.values():
        return NOT_SAID
    value, low, high = (f"{round(figures[name] or 0) + 0:+d}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"
