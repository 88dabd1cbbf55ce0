"""What the register says of who its jobseekers are, one record each time that changed."""

from __future__ import annotations

import numpy as np

from ml.contracts import Bools
from ml.register.schema.tables.jobseekers import GENDERS
from ml.register.synthetic.integration import IntegrationPlans
from ml.register.synthetic.learned import (
    EDUCATED,
    EDUCATION_LEARNED,
    LIMIT_SEEN,
    MOVED,
    OCCUPATION_LEARNED,
    learned,
)
from ml.register.synthetic.lives import Index, Lives
from ml.register.synthetic.months import MISSING, Days, Whole
from ml.register.synthetic.population import LEVELS, People, countries, occupations, postal_codes, tongues
from ml.register.synthetic.rows import Rows

HELSINKI = "091"
LIMIT_KNOWN = 0.35  # of those with a limit, at their first registration
LIMIT_ASKED = 0.88  # of the others; their field stays empty otherwise
NEXT_LEVEL = np.array([1, 3, 3, 4, 5, 5, 6])  # what a degree makes of each level; indexes of LEVELS


def jobseekers(
    lives: Lives,
    kept: Bools,
    known: tuple[Index, Days, Days],
    plan: IntegrationPlans,
    last: int,
    rng: np.random.Generator,
) -> Rows:
    """Return the versions known on the last day.

    known  the people of the register, when their first record holds from, and when it was entered
    """
    events = learned(lives, kept, known, plan, rng)
    person, day, what, entered = (values[events[3] <= last] for values in events)
    so_far = _SoFar(person)
    people = lives.people
    columns = {
        **_lasting(people, person),
        **_schooling(people, person, what, so_far),
        **_plans(plan, person, day),
        "postal_code": _homes(people, person, what, so_far, rng),
        "work_ability_limited": _limits(people, person, what, so_far, rng),
        "valid_from": day,
        "entered": entered,
    }
    same_day = np.append((person[1:] == person[:-1]) & (day[1:] == day[:-1]), False)  # the last of a day tells all
    return Rows(person, {name: values.astype(np.int32) for name, values in columns.items()}, _texts()).only(~same_day)


def _texts() -> dict[str, tuple[str, ...]]:
    return {
        "gender": tuple(GENDERS),
        "mother_tongue": tongues(),
        "citizenship": countries(),
        "municipality": (HELSINKI,),
        "postal_code": postal_codes()[0],
        "education_level": LEVELS,
        "education_code": tuple(f"{number:04d}" for number in range(10_000)),
        "occupation": occupations(),
    }


class _SoFar:
    """Asks of each row what has happened to its person up to it; rows stand by person and day."""

    def __init__(self, person: Index) -> None:
        row = np.arange(len(person))
        begins = np.append(True, person[1:] != person[:-1])[: len(person)]
        self.first = np.maximum.accumulate(np.where(begins, row, 0)) if len(row) else row

    def latest(self, event: Bools) -> Whole:
        """Return the row of the latest such event, -1 when there was none."""
        row = np.maximum.accumulate(np.where(event, np.arange(len(event)), -1)) if len(event) else self.first
        return np.where(row >= self.first, row, -1)

    def times(self, event: Bools) -> Whole:
        """Return how often it has happened."""
        total = np.append(0, np.cumsum(event))
        times: Whole = total[1:] - total[:-1][self.first]
        return times


def _lasting(people: People, person: Index) -> dict[str, Whole]:
    return {
        "birth_date": people.born[person],
        "gender": people.gender[person] - 1,
        "mother_tongue": people.tongue[person],
        "citizenship": people.citizenship[person],
        "municipality": np.zeros(len(person), np.int32),
        "arrived_in_finland": people.arrived[person],
    }


def _schooling(people: People, person: Index, what: Index, so_far: _SoFar) -> dict[str, Whole]:
    degrees = so_far.times(what == EDUCATED)
    level = people.education[person].astype(np.int32)
    for more in range(1, int(degrees.max(initial=0)) + 1):
        level = np.where(degrees >= more, NEXT_LEVEL[level], level).astype(np.int32)
    digits = people.education_code[person].astype(np.int32)
    of_level = np.array([int(code) for code in LEVELS])[level] * 1000
    field = np.where(level == people.education[person], digits, of_level + np.maximum(digits % 1000, 10))
    known = people.education_known[person] | (so_far.times((what == EDUCATION_LEARNED) | (what == EDUCATED)) > 0)
    occupied = people.occupation_known[person] | (so_far.times(what == OCCUPATION_LEARNED) > 0)
    return {
        "education_level": np.where(known, level, -1),
        "education_code": np.where(known, field, -1).astype(np.int32),
        "occupation": np.where(occupied, people.occupation[person], -1).astype(np.int32),
    }


def _plans(plan: IntegrationPlans, person: Index, day: Days) -> dict[str, Days]:
    made = (plan.start[person] > MISSING) & (plan.start[person] <= day)
    return {
        "integration_plan_start": np.where(made, plan.start[person], MISSING).astype(np.int32),
        "integration_plan_end": np.where(made, plan.end[person], MISSING).astype(np.int32),
    }


def _homes(people: People, person: Index, what: Index, so_far: _SoFar, rng: np.random.Generator) -> Index:
    """Return where people live: at a home drawn anew at each move."""
    size = np.array(postal_codes()[1])
    drawn = np.searchsorted(np.cumsum(size) / size.sum(), rng.random(len(person)), side="right")
    move = so_far.latest(what == MOVED)
    return np.where(move >= 0, drawn[move], people.postal[person]).astype(np.int32)


def _limits(people: People, person: Index, what: Index, so_far: _SoFar, rng: np.random.Generator) -> Index:
    """Return 1 where a limit is known, 0 where none was found, MISSING where nobody asked."""
    drawn = rng.random(len(people))[person]
    seen = so_far.times(what == LIMIT_SEEN) > 0
    limited = people.is_limited[person] & (seen | (drawn < LIMIT_KNOWN))
    return np.where(limited, 1, np.where(drawn < LIMIT_ASKED, 0, MISSING)).astype(np.int32)
