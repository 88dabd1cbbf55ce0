"""A small labour market: who is out of work, how skilled they are, and how work, waiting and services change that."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from ml.contracts import Bools, Floats, Rows

OUT_OF_WORK = -1.0  # mean skill of people out of work, about; of everybody it is 0


@dataclass(frozen=True)
class World:
    """What holds in a world. Skill is in log-odds of finding work within a round, which is a year.

    behind            by how much members of the group start lower, from past disadvantage
    bias              by how much employers hold back from members of the group at equal skill
    effect            what a service adds to skill;  for_group  times that, for members of the group
    tilt              by how much more a service does for each unit of skill above that of people out of work
    fixed_jobs        as many find work as before services began: who is helped takes the place of another
    kept              share of what work, waiting and services did to skill that is left a year later
    seen_noise        standard deviation of what the register gets wrong about skill
    judged_noise      the same of a caseworker who has met the person
    proxy             by how many standard deviations members of the group differ in the input that stands for it
    """

    people: int = 6000
    group_share: float = 0.3
    behind: float = 0.0
    bias: float = 0.0
    effect: float = 0.4
    for_group: float = 1.0
    tilt: float = 0.0
    fixed_jobs: bool = False
    kept: float = 0.8
    work_adds: float = 0.1
    waiting_takes: float = 0.2
    find: float = 0.3
    lose: float = -2.5
    leave: float = 0.04
    seen_noise: float = 0.7
    judged_noise: float = 1.0
    proxy: float = 1.5


@dataclass(frozen=True)
class People:
    """Everybody, (people,) each.

    base     skill that does not change;  gained  skill that work, waiting and services added
    seen     by how much the register is wrong about skill
    waiting  years out of work without a break
    had      services of earlier years, what is left of them
    """

    group: Bools
    base: Floats
    gained: Floats
    seen: Floats
    proxy: Floats
    out: Bools
    waiting: Rows
    had: Floats

    @property
    def skill(self) -> Floats:
        """Return skill as it is, (people,)."""
        return self.base + self.gained


@dataclass(frozen=True)
class Luck:
    """What chance brings in a year, (people,) each: the same for every policy, so that policies can be compared.

    find, lose, leave  uniform: who finds work, loses work, leaves for good
    judged, override   of the caseworker: error of judgement, whether they follow the hint;  lot  for help at random
    new                who would come in the place of each person
    """

    find: Floats
    lose: Floats
    leave: Floats
    judged: Floats
    override: Floats
    lot: Floats
    new: People


def luck(world: World, rng: np.random.Generator) -> Luck:
    """Return a year's luck; draws as often whatever happens."""
    find, lose, leave, override, lot = rng.random((5, world.people))
    judged = rng.normal(0, world.judged_noise, world.people)
    return Luck(find, lose, leave, judged, override, lot, newcomers(world, rng))


def newcomers(world: World, rng: np.random.Generator) -> People:
    """Return people who look for their first work."""
    group = rng.random(world.people) < world.group_share
    base, seen, proxy = rng.normal(size=(3, world.people))
    return People(
        group=group,
        base=base - world.behind * group,
        gained=np.zeros(world.people),
        seen=world.seen_noise * seen,
        proxy=proxy + world.proxy * group,
        out=np.ones(world.people, dtype=np.bool_),
        waiting=np.zeros(world.people, dtype=np.int64),
        had=np.zeros(world.people),
    )


def service(world: World, people: People) -> Floats:
    """Return what a service would add to the skill of each, (people,)."""
    nearer = np.clip(1 + world.tilt * (people.skill - OUT_OF_WORK), 0, 2)
    return np.asarray(world.effect * nearer * np.where(people.group, world.for_group, 1.0))


def find_margin(world: World, people: People) -> Floats:
    """Return log-odds of finding work within the year without a service, (people,)."""
    return np.asarray(world.find + people.skill - world.bias * people.group)


def tightness(margin: Floats, out: Bools, jobs: float | None) -> float:
    """Return what is added to everybody's log-odds so that as many find work as there are jobs; 0 if jobs are free."""
    if jobs is None:
        return 0.0
    searching = margin[out]
    wanted = min(jobs, 0.99 * len(searching))
    return float(brentq(lambda shift: expit(searching + shift).sum() - wanted, -20, 20))


def lived(world: World, people: People, helped: Bools, found: Bools, chance: Luck) -> People:
    """Return everybody a year later: jobs lost, skill changed, some gone and others in their place.

    helped, found  (people,) of those out of work: who had a service, who found work
    """
    lost = ~people.out & (chance.lose < expit(world.lose - people.skill))
    change = np.where(people.out, -world.waiting_takes, world.work_adds) + helped * service(world, people)
    out = (people.out & ~found) | lost
    older = replace(
        people,
        gained=world.kept * people.gained + change,
        out=out,
        waiting=np.where(people.out & ~found, people.waiting + 1, 0),
        had=world.kept * people.had + helped,
    )
    gone, names = chance.leave < world.leave, [each.name for each in fields(People)]
    return People(*(np.where(gone, getattr(chance.new, name), getattr(older, name)) for name in names))
