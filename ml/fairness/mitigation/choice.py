"""Which mitigation is chosen: a rule that is written down before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .point import Choice, MitigationPoint, Uses


@dataclass(frozen=True)
class Rule:
    """What may be given up.

    most_lost  of those still unemployed at the horizon, the share that may be found no more: the whole interval of
               what is lost must lie below it. "No difference beyond noise" would pass anything on few people
    """

    most_lost: float = 0.05


def choose(points: Sequence[MitigationPoint], rule: Rule) -> Choice:
    """Return the choice among mitigations of the first point, the model as it is.

    Of those that meet all conditions, the one with the smallest gap; the model as it is, where none does:

    1. it does not use the attribute of the person who is scored: that needs a legal basis, which no figure gives
    2. there are enough people to know its gap
    3. it finds as many, but for `most_lost` at worst
    4. the gap does not move to those who are missed: false-negative rates are no further apart, beyond noise
    5. its gap is smaller beyond noise: a mitigation that may do nothing is not worth what it costs

    points  measured on people who are not those that the choice is then reported on
    """
    kept, *others = points
    refused = {each.name: why for each in others if (why := _refuse(each, rule))}
    able = [each for each in others if each.name not in refused]
    if not able:
        return Choice(kept.name, "no mitigation meets all conditions: the gap stays, and is for reviewers", refused)
    chosen = min(able, key=lambda each: each.gap.times.value if each.gap else float("inf"))
    return Choice(
        chosen.name,
        "the smallest gap of the mitigations that meet all conditions",
        refused | {each.name: "another that meets all conditions has a smaller gap" for each in able if each != chosen},
    )


def _refuse(point: MitigationPoint, rule: Rule) -> str:
    """Return the first condition that a mitigation does not meet, "" where it meets all."""
    if point.uses is Uses.SCORING:
        return "uses the attribute of each person who is scored: it needs a legal basis of its own"
    if point.gap is None or point.gap_change is None or point.missed_gap_change is None:
        return "too few people to know its gap"
    if not point.found_change.low >= -rule.most_lost:
        return f"may find more than {100 * rule.most_lost:g} of 100 fewer of those still unemployed at the horizon"
    if point.missed_gap_change.low > 1:
        return "moves the gap to those who are missed"
    if not point.gap_change.high < 1:
        return "its gap is not smaller beyond noise"
    return ""
