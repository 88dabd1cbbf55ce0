"""What a mitigation was measured to do, for a card and a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ml.contracts import Interval


class Uses(StrEnum):
    """When a mitigation must know the protected attribute of a person; what that means in law: `law.py`."""

    NEVER = "never"
    TRAINING = "training"
    SCORING = "scoring"


@dataclass(frozen=True)
class Gap:
    """The group whose rate of errors is furthest from the reference's, in either direction.

    ratio  its rate divided by the reference's, without an allowance for having looked at every group
    times  how many times the higher of the two rates is the lower, 1 or more; infinite where one of them is 0. Its
           interval holds the gap of the furthest group, whichever that is (Bonferroni over groups)
    """

    group: str
    ratio: Interval
    times: Interval


@dataclass(frozen=True)
class GroupChange:
    """What a mitigation changes for one group, beside the model as it is; None where there are too few people to show.

    n                     people, as they may be shown
    false_positive_rate   with the mitigation: of those who left in time, the share flagged
    false_negative_rate   with the mitigation: of those who did not, the share that is not flagged
    flagged, wrongly_flagged, missed   per 1,000 people of the group: how many more (fewer: below 0) are flagged; are
                          flagged and leave in time; are not flagged and do not leave in time. The last two are of
                          people whose outcome is known, weighted
    why                   what is missing, where something is
    """

    group: str
    n: int | None
    false_positive_rate: Interval | None = None
    false_negative_rate: Interval | None = None
    flagged: Interval | None = None
    wrongly_flagged: Interval | None = None
    missed: Interval | None = None
    why: str = ""


@dataclass(frozen=True)
class MitigationPoint:
    """One mitigation on accuracy × gap, all on the same people at the same capacity.

    by_lot        share of people whose flag is drawn by lot
    found         of those still unemployed at the horizon, the share flagged; found_change: less that of the model as
                  it is, paired
    auc           None: the mitigation flags and does not rank
    gap           of false-positive rates; gap_change: `times` divided by that of the model as it is, paired
    missed_gap    the same of false-negative rates
                  None: too few people to say
    """

    name: str
    uses: Uses
    flagged_share: float
    by_lot: float
    found: Interval
    found_change: Interval
    precision: Interval
    auc: Interval | None
    auc_change: Interval | None
    gap: Gap | None
    gap_change: Interval | None
    missed_gap: Gap | None
    missed_gap_change: Interval | None
    groups: tuple[GroupChange, ...] = ()


@dataclass(frozen=True)
class Choice:
    """Which mitigation the rule chooses, and why each of the others is not.

    name     a point's name; that of the model as it is, where no mitigation fulfils the rule
    refused  name → the first condition that it does not meet, in words
    """

    name: str
    why: str
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mitigation:
    """All mitigations of the gap in one attribute, and the choice.

    people     judged, as it may be shown; those that the choice was made on are others
    too_few    groups whose gap nobody can judge: fewer people than the smallest number
    points     the model as it is first
    choice     made on people who are not those of the points; None: too few of them
    """

    attribute: str
    reference: str
    capacity: float
    people: int | None
    chosen_on: int | None
    points: tuple[MitigationPoint, ...]
    choice: Choice | None
    too_few: tuple[str, ...] = ()

    @property
    def chosen(self) -> MitigationPoint:
        """Return the chosen point; without a choice the model as it is."""
        name = self.points[0].name if self.choice is None else self.choice.name
        return next(point for point in self.points if point.name == name)

    @property
    def undominated(self) -> tuple[str, ...]:
        """Return which points no other beats: finds as many at no wider a gap, and is better in one (Pareto)."""
        at = {point.name: (point.found.value, point.gap.times.value) for point in self.points if point.gap is not None}
        return tuple(
            name
            for name, (found, gap) in at.items()
            if not any(other[0] >= found and other[1] <= gap and other != (found, gap) for other in at.values())
        )
