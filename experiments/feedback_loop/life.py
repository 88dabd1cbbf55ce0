"""One world, lived through year by year under one policy, and the figures of each year."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from experiments.feedback_loop.hints import Inputs, Training, Year, inputs_of, risks, trained
from experiments.feedback_loop.people import (
    Luck,
    People,
    World,
    find_margin,
    lived,
    luck,
    newcomers,
    service,
    tightness,
)
from experiments.feedback_loop.policies import Policy, Seen, flagged, served
from experiments.feedback_loop.year import figures_of
from ml.contracts import Bools, Floats

BEFORE = 30  # years without services, until the gap no longer moves
JOBS_OVER = 5  # last of these, over which jobs are counted where their number is fixed


@dataclass(frozen=True)
class Course:
    """How a world is run once services begin."""

    policy: Policy
    inputs: Inputs = Inputs.PROXY
    training: Training = Training.IGNORED


@dataclass(frozen=True)
class Before:
    """A world just before services begin: people, the last year's start and outcome, and how many jobs there are.

    people   at the start of the first round;  earlier  a year before;  found  who of those out of work then found work
    jobs     found in a year;  gap  in the share out of work, the group's less the others'
    """

    people: People
    earlier: People
    found: Bools
    jobs: float
    gap: float


def settle(world: World, rng: np.random.Generator) -> Before:
    """Return the world after years without services."""
    free = replace(world, fixed_jobs=False)
    people, jobs = newcomers(world, rng), []
    for _ in range(BEFORE):
        earlier = people
        step = _step(free, earlier, _nobody(earlier), luck(world, rng), None)
        jobs.append(float(step.found.sum()))
        people = step.people
    return Before(people, earlier, step.found, float(np.mean(jobs[-JOBS_OVER:])), gap_of(people)["gap"])


def live(world: World, course: Course, before: Before, rounds: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Return the figures of each year, (rounds,) each; the same `rng` gives the same luck whatever the course."""
    people, told = before.people, []
    year = Year(inputs_of(before.earlier, course.inputs), _nobody(before.earlier), ~before.found)
    coefficients: Floats | None = None
    for _ in range(rounds):
        coefficients = trained(year, course.training, coefficients)
        chance, inputs, out = luck(world, rng), inputs_of(people, course.inputs), people.out
        risk = risks(coefficients, inputs)
        need = (-people.skill + chance.judged)[out]
        helped = served(course.policy, Seen(risk, need, people.group[out], chance.lot[out], chance.override[out]))
        step = _step(world, people, helped, chance, before.jobs if world.fixed_jobs else None)
        flags = flagged(risk, course.policy.capacity)
        of_year = figures_of(people.group[out], risk, flags, helped, step.alone, step.found, step.found_alone)
        told.append(of_year | gap_of(step.people))
        people, year = step.people, Year(inputs, helped, ~step.found)
    return {name: np.array([each[name] for each in told]) for name in told[0]}


def gap_of(people: People) -> dict[str, float]:
    """Return the share out of work of everybody, of others and of the group, and the gap between these two."""
    others, group = float(people.out[~people.group].mean()), float(people.out[people.group].mean())
    return {"out": float(people.out.mean()), "out_of_others": others, "out_of_group": group, "gap": group - others}


def _nobody(people: People) -> Bools:
    return np.zeros(int(people.out.sum()), dtype=np.bool_)


@dataclass(frozen=True)
class _Step:
    """A year's outcomes of those out of work, (n,), and everybody at its end.

    alone  chance of staying without a service;  found  who found work;  found_alone  who would have without a service
    """

    alone: Floats
    found: Bools
    found_alone: Bools
    people: People


def _step(world: World, people: People, helped: Bools, chance: Luck, jobs: float | None) -> _Step:
    out = people.out
    margin, everybody = find_margin(world, people), np.zeros(world.people, dtype=np.bool_)
    everybody[out] = helped
    with_help = margin + everybody * service(world, people)
    shift = tightness(with_help, out, jobs)
    found = out & (chance.find < expit(with_help + shift))
    alone = expit(margin + shift)[out]
    after = lived(world, people, everybody, found, chance)
    return _Step(1 - alone, found[out], chance.find[out] < alone, after)
