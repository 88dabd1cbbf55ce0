"""What was weighed against unequal errors, as the experiment measured it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .values import Figure, Many, Section, Share, Shown, Whole


class GroupChange(Section):
    """What a mitigation changes for one group beside the model as it is; None: too few people to show.

    n                    people
    false_positive_rate  with the mitigation, a share;  false_negative_rate  likewise
    flagged, wrongly_flagged, missed   how many more per 1,000 people of the group; fewer: below 0
    why                  what is missing, where something is
    """

    group: str
    n: Shown
    false_positive_rate: Figure | None
    false_negative_rate: Figure | None
    flagged: Whole | None
    wrongly_flagged: Whole | None
    missed: Whole | None
    why: str


class Point(Section):
    """One mitigation.

    uses   when it must know the protected attribute of a person
    found  of those still unemployed at the horizon, the share flagged
    auc    None: it flags and does not rank
    gap    how many times the higher rate of false alarms is the lower; None: too few people to say
    """

    name: str
    uses: Literal["never", "training", "scoring"]
    found: Figure
    auc: Figure | None
    gap: Figure | None
    groups: Many[GroupChange]


class Weighed(Section):
    """All that was weighed for one attribute; the first point is the model as it is.

    capacity  share of people flagged;  people  who were judged
    """

    reference: str
    capacity: Share
    people: Shown
    chosen: str
    why: str
    points: Annotated[Many[Point], Field(min_length=1)]
