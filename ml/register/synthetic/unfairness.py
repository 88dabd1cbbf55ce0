"""Unfairness planted on purpose, to test the audit with: what is made worse, for whom, how often.

Written as WHAT:GROUP:SHARE, for example

    outcome:gender=2:0.15             of women's recorded exits, 15 % are entered months late or lost
    education_level:mother_tongue=foreign:0.3    of foreign-language speakers, 30 % lack their level of education
    occupation:age=50+:0.2            of people of 50 and over, 20 % lack their occupation
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Bools
from ml.errors import UsageError
from ml.register.synthetic.lives import NEVER, Index, Lives, next_starts
from ml.register.synthetic.months import Days
from ml.register.synthetic.population import YEAR, People, countries, tongues

OUTCOME = "outcome"
INPUTS = ("education_level", "education_code", "occupation")
GROUP_COLUMNS = ("gender", "mother_tongue", "citizenship", "age", "work_ability_limited")
FORM = "write it like outcome:gender=2:0.15 or education_level:mother_tongue=foreign:0.3"
LATE_DAYS = (90, 300)  # by how much an exit that is recorded late is late
ROOM = 29  # days that stay free before the person's next spell
_AGES = re.compile(r"(\d{1,3})\+|(\d{1,3})-(\d{1,3})|-(\d{1,3})")


@dataclass(frozen=True)
class Unfairness:
    """What is made worse (`outcome` or an input column), for the group column=value, in which share of cases."""

    what: str
    column: str
    value: str
    share: float

    def __str__(self) -> str:
        """Return the form that `parse_unfairness` reads."""
        return f"{self.what}:{self.column}={self.value}:{self.share:g}"


def parse_unfairness(text: str) -> Unfairness:
    """Return the unfairness that a text like `outcome:gender=2:0.15` asks for; UsageError when it cannot be."""
    found = re.fullmatch(r"([a-z_]+):([a-z_]+)=([A-Za-z0-9+-]+):([0-9]*\.?[0-9]+)", text)
    if not found:
        raise UsageError(f"unfairness {text!r} does not read as WHAT:COLUMN=VALUE:SHARE; {FORM}")
    what, column, value, share = found[1], found[2], found[3], float(found[4])
    if what != OUTCOME and what not in INPUTS:
        raise UsageError(f"unfairness {text!r}: {what} cannot be made worse; name one of {_listed((OUTCOME, *INPUTS))}")
    if column not in GROUP_COLUMNS:
        raise UsageError(f"unfairness {text!r}: no groups by {column}; name one of {_listed(GROUP_COLUMNS)}")
    if not _is_value(column, value):
        raise UsageError(f"unfairness {text!r}: {column} has no {value}; {_values(column)}")
    if not 0 < share <= 1:
        raise UsageError(f"unfairness {text!r}: the share must be above 0 and at most 1")
    return Unfairness(what, column, value, share)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _closed(column: str) -> tuple[str, ...]:
    return {
        "gender": ("1", "2"),
        "mother_tongue": (*tongues(), "foreign"),
        "citizenship": (*countries(), "foreign"),
        "work_ability_limited": ("0", "1"),
    }[column]


def _is_value(column: str, value: str) -> bool:
    return bool(_AGES.fullmatch(value)) if column == "age" else value in _closed(column)


def _values(column: str) -> str:
    return "write ages like 50+, 25-49 or -24" if column == "age" else f"name one of {_listed(_closed(column))}"


def members(unfairness: Unfairness, people: People, as_of: date) -> Bools:
    """Return who belongs to the group; ages are whole years at the as-of date."""
    value = unfairness.value
    if unfairness.column == "age":
        lowest, highest = _age_limits(value)
        day = int(np.datetime64(as_of, "D").astype(np.int64))
        age = np.floor((day - people.born) / YEAR)
        return (age >= lowest) & (age <= highest)
    if unfairness.column == "gender":
        return np.asarray(people.gender == int(value))
    if unfairness.column == "work_ability_limited":
        return np.asarray(people.is_limited == (value == "1"))
    if unfairness.column == "mother_tongue":
        return people.is_foreign if value == "foreign" else np.asarray(people.tongue == tongues().index(value))
    finnish = people.citizenship == countries().index("FI")
    return ~finnish if value == "foreign" else np.asarray(people.citizenship == countries().index(value))


def _age_limits(value: str) -> tuple[int, int]:
    found = _AGES.fullmatch(value)
    if not found:
        raise UsageError(f"{value} are no ages; write them like 50+, 25-49 or -24")
    least, low, high, most = found.groups()
    return (int(least), 999) if least else (0, int(most)) if most else (int(low), int(high))


def recorded_ends(lives: Lives, unfair: tuple[Unfairness, ...], as_of: date, rng: np.random.Generator) -> Days:
    """Return when each spell ends as the register has it.

    An exit is late by months, though never so late that the next spell begins without one; where a person's next
    spell leaves no room, the exit stays.
    """
    spells, people = lives.spells, lives.people
    ends = spells.end.copy()
    for each in unfair:
        if each.what != OUTCOME:
            continue
        touched = members(each, people, as_of)[spells.person] & (spells.end < NEVER)
        touched &= rng.random(len(ends)) < each.share
        late = rng.integers(*LATE_DAYS, len(ends), dtype=np.int32)
        latest = next_starts(spells) - ROOM
        ends = np.where(touched, np.maximum(ends, np.minimum(ends + late, latest)), ends).astype(np.int32)
    return ends


def lost_inputs(
    people: People, who: Index, unfair: tuple[Unfairness, ...], as_of: date, rng: np.random.Generator
) -> dict[str, NDArray[np.bool_]]:
    """Return input column → whether it was taken from each of `who`; one draw a person and column."""
    lost: dict[str, NDArray[np.bool_]] = {}
    for each in unfair:
        if each.what != OUTCOME:
            taken = members(each, people, as_of) & (rng.random(len(people)) < each.share)
            lost[each.what] = lost.get(each.what, np.zeros(len(who), bool)) | taken[who]
    return lost
