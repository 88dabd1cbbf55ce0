"""Lives month by month: spells begin, services begin and end, people find work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Bools, Floats
from ml.register.synthetic import nature
from ml.register.synthetic.chances import ages, log_hazards, ramp, start_chances
from ml.register.synthetic.months import Days, Months, Steps, Whole
from ml.register.synthetic.population import People

Index = Whole
States = Whole  # of nature; kinds of exits and benefits

NEVER = np.int32(2**30)  # the day of an exit that has not come
OUT = -1
JITTER = 12  # days after the month's turn within which a service begins or ends
RIGHT_DAYS = 400  # of earnings-related or basic allowance
PAID_A_MONTH = 21.75
WORK_CONDITION = 6  # months of work that earn the right anew
NOTHING, EARNINGS_RELATED, BASIC, SUBSIDY = -1, 0, 1, 2
FASTEST = 28  # days out of a spell until the next can begin


@dataclass(frozen=True)
class Spells:
    """Spells in the order in which they began, arrays of one length.

    step, offset   the month in which it began and the day within
    end            first day after it (of work, or of nothing); NEVER while it lasts
    """

    person: Index
    step: Steps
    offset: Days
    start: Days
    opening: States
    end: Days
    exit_kind: States


@dataclass(frozen=True)
class Changes:
    """Turns within spells: the state from a day on, and whether the state before was completed."""

    spell: Index
    day: Days
    state: States
    completed: Bools


@dataclass(frozen=True)
class Faced:
    """One row a spell and month lived in it, by spell and month: what was faced.

    first, until   the days of the month of the spell; `until` is the first day after
    """

    spell: Index
    month: Index  # 1 for the first
    state: States
    benefit: States
    hazard: NDArray[np.float32]
    first: Days
    until: Days
    is_last: Bools


@dataclass(frozen=True)
class Lives:
    """What happened in a world to its people."""

    people: People
    months: Months
    spells: Spells
    changes: Changes
    faced: Faced


@dataclass
class _World:
    """Everybody's state in the current month."""

    people: People
    months: Months
    times: nature.Times
    rng: np.random.Generator
    state: States = field(init=False)
    spell: Index = field(init=False)
    begun: Steps = field(init=False)
    offset: Days = field(init=False)
    jitter: Days = field(init=False)
    gained: Bools = field(init=False)
    right: Floats = field(init=False)
    last_exit: Days = field(init=False)
    last_kind: States = field(init=False)
    spells: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    exits: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    changes: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    faced: list[tuple[NDArray[Any], ...]] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        size = len(self.people)
        self.state = np.full(size, OUT, np.int8)
        self.spell, self.begun, self.offset, self.jitter = (np.zeros(size, np.int32) for _ in range(4))
        self.gained, self.right = np.zeros(size, bool), np.zeros(size)
        self.last_exit = np.full(size, -(2**30), np.int32)
        self.last_kind = np.full(size, -1, np.int8)


def live(people: People, months: Months, rng: np.random.Generator) -> Lives:
    """Return what happens to people from the burn-in's first month to the as-of date."""
    world = _World(people, months, nature.times(months), rng)
    for step in range(months.steps):
        _begin_spells(world, step)
        _spend_month(world, step)
    return _collect(world)


def next_starts(spells: Spells) -> Days:
    """Return when the person's next spell begins; NEVER for the last one."""
    order = np.lexsort((spells.start, spells.person))
    person, start = spells.person[order], spells.start[order]
    following = np.append(np.where(person[1:] == person[:-1], start[1:], NEVER), NEVER)
    result = np.empty(len(order), np.int32)
    result[order] = following
    return result


# ---------------------------------------------------------------- one month


def _begin_spells(world: _World, step: int) -> None:
    people, months, rng = world.people, world.months, world.rng
    first = months.firsts[step]
    who = np.flatnonzero(
        (world.state == OUT) & (people.available < first) & (first - world.last_exit > FASTEST)
    ).astype(np.int32)
    age = ages(people, who, months, step)
    who, age = who[age < nature.TOO_OLD], age[age < nature.TOO_OLD]
    since = np.maximum(first - world.last_exit[who], 0) / 30.4
    usual = people.begin[who] + nature.AGE_IN[age] + nature.RECENT * np.exp(-since / nature.RECENT_MONTHS)
    usual = np.exp(usual + world.times.begin[step])
    laid_off = people.lay_off[who] * world.times.lay_off[step] * ((since > 2) & (age > 18))
    begins = rng.random(len(who)) < -np.expm1(-usual - laid_off)
    who, age, share = who[begins], age[begins], (laid_off / (usual + laid_off))[begins]
    opening = (rng.random(len(who)) < share).astype(np.int8)  # 1 is LAID_OFF
    offset = rng.integers(0, months.lengths[step], len(who), dtype=np.int32)
    _renew_right(world, who, age, step)
    spell = np.arange(world.count, world.count + len(who), dtype=np.int32)
    world.count += len(who)
    world.state[who], world.spell[who], world.begun[who], world.offset[who] = opening, spell, step, offset
    world.jitter[who], world.gained[who] = 0, False
    world.spells.append((who, np.full(len(who), step, np.int32), offset, opening))


def _renew_right(world: _World, who: Index, age: Whole, step: int) -> None:
    """Give 400 days to those who worked long enough since their last spell, or before their first."""
    people, first = world.people, world.months.firsts[step]
    since = np.maximum(world.last_exit[who], people.available[who])
    months = (first - since) / 30.4
    is_new = world.last_kind[who] < 0
    working = np.where(is_new, world.rng.random(len(who)) < 0.72, world.last_kind[who] != 2)
    earned = working & (months * np.where(is_new, 0.6, 1.0) >= WORK_CONDITION) & (age >= 18)
    world.right[who] = np.where(earned, RIGHT_DAYS, world.right[who])


def _spend_month(world: _World, step: int) -> None:
    people, rng = world.people, world.rng
    who = np.flatnonzero(world.state != OUT).astype(np.int32)
    month = (step - world.begun[who] + 1).astype(np.int32)
    state = world.state[who]
    log_hazard = log_hazards(world.times, people, who, world.months, step)
    log_hazard += nature.DURATION_OUT[month - 1] + nature.STATE_EFFECT[state] + nature.GAIN * world.gained[who]
    log_hazard += world.times.recall[step] * (state == nature.LAID_OFF)
    hazard = nature.hazard(log_hazard)
    world.faced.append((world.spell[who], month, state, _benefits(world, who, state), hazard.astype(np.float32)))
    leaves = rng.random(len(who)) < hazard
    _leave(world, who[leaves], step)
    _turn(world, who[~leaves], state[~leaves], month[~leaves], step)


def _benefits(world: _World, who: Index, state: States) -> States:
    """Return what is paid this month, and count the days down."""
    people, right = world.people, world.right[who]
    paid = nature.IS_PAID[state]
    kind = np.where(right > 0, np.where(people.is_member[who], EARNINGS_RELATED, BASIC), SUBSIDY)
    kind = np.where((kind == SUBSIDY) & ~people.is_entitled[who], NOTHING, kind)
    world.right[who] = np.maximum(0.0, right - PAID_A_MONTH * paid)
    return np.where(paid, kind, NOTHING).astype(np.int8)


def _leave(world: _World, who: Index, step: int) -> None:
    months, rng = world.months, world.rng
    begin, until = months.day(step, world.offset[who]), months.day(step + 1, world.offset[who])
    room = until - begin - world.jitter[who] - 1
    end = begin + world.jitter[who] + 1 + (rng.random(len(who)) * room).astype(np.int32)
    age = ages(world.people, who, months, step)
    shares = np.cumsum(list(nature.EXIT_SHARES.values()), axis=1)[np.digitize(age, [25, 60])]
    kind = np.minimum((rng.random(len(who))[:, None] >= shares).sum(axis=1), len(nature.EXIT_KINDS) - 1)
    kind = np.where(age >= nature.TOO_OLD, 2, kind).astype(np.int8)
    world.exits.append((world.spell[who], end.astype(np.int32), kind))
    world.state[who], world.last_exit[who], world.last_kind[who] = OUT, end, kind


def _turn(world: _World, who: Index, state: States, month: Index, step: int) -> None:
    """Let services begin and end at the turn of the spell's month."""
    rng = world.rng
    after = state.copy()
    ends = (state != nature.UNEMPLOYED) & (rng.random(len(who)) < nature.ENDING[state])
    after[ends] = nature.UNEMPLOYED
    completed = ends & (rng.random(len(who)) < nature.COMPLETED)
    world.gained[who] |= completed & nature.GAINS[state]
    free = np.flatnonzero(state == nature.UNEMPLOYED)
    chances = np.cumsum(world.people.services[who[free]], axis=1)
    chances *= ramp(month[free], world.times.service[step])[:, None]
    drawn = rng.random(len(free))
    begins = drawn < chances[:, -1]
    kind = (drawn[begins, None] >= chances[begins]).sum(axis=1)
    begun = free[begins]
    scale = start_chances(world.people, who[begun], world.months, step, month[begun])
    kept = rng.random(len(begun)) < scale[np.arange(len(begun)), kind]
    after[begun[kept]] = nature.EDUCATION + kind[kept]
    world.state[who] = after
    changed = np.flatnonzero(after != state)
    world.jitter[who] = 0
    _change(world, who[changed], after[changed], completed[changed], step)


def _change(world: _World, who: Index, after: States, completed: Bools, step: int) -> None:
    jitter = world.rng.integers(0, JITTER + 1, len(who), dtype=np.int32)
    world.jitter[who] = jitter
    day = world.months.day(step + 1, world.offset[who]) + jitter
    world.changes.append((world.spell[who], day, after, completed))


# ---------------------------------------------------------------- the whole


def _joined(parts: Sequence[tuple[NDArray[Any], ...]]) -> list[NDArray[Any]]:
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _collect(world: _World) -> Lives:
    months = world.months
    person, step, offset, opening = _joined(world.spells)
    leaver, end, kind = _joined(world.exits)
    ends, kinds = np.full(len(person), NEVER, np.int32), np.full(len(person), -1, np.int8)
    ends[leaver], kinds[leaver] = end, kind
    start = months.day(step, offset)
    spells = Spells(person, step, offset, start, opening, ends, kinds)
    return Lives(world.people, months, spells, Changes(*_joined(world.changes)), _faced(world, spells))


def _faced(world: _World, spells: Spells) -> Faced:
    spell, month, state, benefit, hazard = _joined(world.faced)
    order = np.argsort(spell, kind="stable")
    spell, month = spell[order], month[order]
    step = spells.step[spell] + month - 1
    first = world.months.day(step, spells.offset[spell])
    until = np.minimum(world.months.day(step + 1, spells.offset[spell]), spells.end[spell])
    is_last = np.append(spell[1:] != spell[:-1], True)
    return Faced(spell, month, state[order], benefit[order], hazard[order], first, until, is_last)
