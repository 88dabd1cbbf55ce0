"""Training, calibration and test parts of placements: by the day of placement, and never across a person.

As in `ml.models.split`: where a register is large and many people come back, people are dealt to the parts at random
and keep there what falls into the part's time, so that each part has newcomers and returners alike; a small file
cannot afford that, and people stand in the part of their earliest placement.

Only placements by caseworkers on days when the rule says nothing are divided: the rule answers the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Placements, Rows
from ml.contracts.needs_report import NeedPartSummary, NeedSplitSummary
from ml.errors import DataError

SHARES = (0.5, 0.25, 0.25)  # of the placements, in the order of their days
REGISTER_ROWS = 10_000
FEW_COME_BACK = 0.1  # of the rows are of somebody's later placement: leaving them out changes little
DEAL = (0.5, 0.25, 0.25)  # of the persons, where many come back
LEAST_OF_EACH = 5


@dataclass(frozen=True)
class NeedPart:
    """The rows of one part: where caseworkers named an entity, and where they said "interview first"."""

    placed: Rows
    interview: Rows
    first: date
    last: date

    @property
    def rows(self) -> Rows:
        """Return all rows, in the order of the file."""
        return np.sort(np.concatenate([self.placed, self.interview]))


@dataclass(frozen=True)
class NeedSplit:
    """Three parts, and the rows before the test part of people who are not in it."""

    train: NeedPart
    calibration: NeedPart
    test: NeedPart
    before_test: Rows
    dealt: bool
    left_out: int

    def summary(self) -> NeedSplitSummary:
        """Return the sizes and days of the parts."""
        train, calibration, test = (_summary(part) for part in (self.train, self.calibration, self.test))
        return NeedSplitSummary(train, calibration, test, self.dealt, self.left_out)


def split_placements(placements: Placements, seed: int) -> NeedSplit:
    """Return the parts; the same for the same seed.

    Raises DataError when a part has fewer than five placements in one of the entities.
    """
    ours = np.flatnonzero(placements.by_caseworker & ~placements.plan_in_force)
    if not len(ours):
        raise DataError("no placement was made by a caseworker: there is nobody's judgement to learn from")
    day, person = placements.day[ours], placements.person[ours]
    in_order = np.sort(day)
    cuts = in_order[[int(len(ours) * SHARES[0]), int(len(ours) * (SHARES[0] + SHARES[1]))]]
    period = np.searchsorted(cuts, day, side="right")
    dealt = _many_come_back(day, person)
    of_person = _dealt(person, seed) if dealt else _earliest(period, person)
    kept = period == of_person[person]
    train, calibration, test = (
        _part(placements, ours[kept & (period == number)], name)
        for number, name in enumerate(("training", "calibration", "test"))
    )
    before = ours[(period < 2) & (of_person[person] < 2)]
    return NeedSplit(train, calibration, test, before, dealt, int((~kept).sum()))


def _part(placements: Placements, rows: Rows, name: str) -> NeedPart:
    entity = placements.entity[rows]
    for each in ENTITIES:
        found = int((entity == each).sum())
        if found < LEAST_OF_EACH:
            raise DataError(
                f"the {name} part has fewer than {LEAST_OF_EACH} placements by caseworkers in {each}: "
                "too few to learn or to judge anything; use a longer extract"
            )
    unsure = entity == INTERVIEW_FIRST
    day = placements.day[rows]
    return NeedPart(rows[~unsure], rows[unsure], day.min().item(), day.max().item())


def _many_come_back(day: np.ndarray, person: Rows) -> bool:
    number = day.astype("datetime64[D]").astype(np.int64)
    first = np.full(person.max() + 1, number.max())
    np.minimum.at(first, person, number)
    return len(day) >= REGISTER_ROWS and bool(np.mean(number > first[person]) > FEW_COME_BACK)


def _dealt(person: Rows, seed: int) -> Rows:
    drawn: Rows = np.random.default_rng(seed).choice(3, size=person.max() + 1, p=DEAL)
    return drawn


def _earliest(period: Rows, person: Rows) -> Rows:
    earliest = np.full(person.max() + 1, 2)
    np.minimum.at(earliest, person, period)
    return earliest


def _summary(part: NeedPart) -> NeedPartSummary:
    return NeedPartSummary(len(part.placed), len(part.interview), part.first, part.last)
