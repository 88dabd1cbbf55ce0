"""Signs that hints are not advisory in fact: caseworkers agree nearly always, or nearly never.

Poland's clerks changed 0.58 % of the profiles that a formula gave: it was advice in name only. Agreement in nearly
every case says the same here. Agreement in hardly any says that the hints are of no use, or that an office has turned
from them. Both ask for a talk with the office, and tell of nobody in particular.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .drawn import Drawn
from .shares import interval
from .tables import AGREE, BY_KEY, DISAGREE, FEEDBACK, PARTLY

FEWEST_FEEDBACKS = 100  # fewer: an office of one or two caseworkers, and a month of theirs
TOO_FEW_DEPART = 0.05  # caseworkers who look differ from a good model more often than in 1 case of 20
TOO_FEW_AGREE = 0.10  # hints that are worth reading are agreed with more often than in 1 case of 10
NEAR_TOTAL, NEAR_ZERO = "near_total_agreement", "near_zero_agreement"


@dataclass(frozen=True)
class Alarm:
    """What is odd, in which group (its place among the groups)."""

    kind: str
    group: int


def alarms(drawn: Drawn) -> Iterator[Alarm]:
    """Yield what is odd: where the whole 95 % interval of a share is under its line.

    Made of the moved counts alone, as all that is shown, so that an alarm tells of one person no more than these do.
    """
    columns = list(BY_KEY[FEEDBACK].columns)
    for group, row in enumerate(drawn.counts[FEEDBACK].tolist()):
        said = {column: max(count, 0) for column, count in zip(columns, row, strict=True)}
        agree, depart = said[AGREE], said[PARTLY] + said[DISAGREE]
        if agree + depart < FEWEST_FEEDBACKS:
            continue
        if interval(depart, agree, (2, 1))[1] < TOO_FEW_DEPART:
            yield Alarm(NEAR_TOTAL, group)
        if interval(agree, depart, (1, 2))[1] < TOO_FEW_AGREE:
            yield Alarm(NEAR_ZERO, group)
