"""Which worlds are lived through under which policies, and how often each is done again with other people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from experiments.feedback_loop.hints import Inputs, Training
from experiments.feedback_loop.life import Course, live, settle
from experiments.feedback_loop.people import World
from experiments.feedback_loop.policies import Policy, Target
from ml.contracts import Floats
from ml.progress import Say, silent

BOTH = "behind, biased market"
WORLDS: Mapping[str, World] = {
    "equal": World(),
    "behind": World(behind=0.5),
    "biased market": World(bias=0.5),
    BOTH: World(behind=0.5, bias=0.5),
    "fixed number of jobs": World(behind=0.5, bias=0.5, fixed_jobs=True),
    "services half as good for the group": World(behind=0.5, bias=0.5, for_group=0.5),
    "services better for those nearer to work": World(behind=0.5, bias=0.5, tilt=0.5),
}
NOBODY = Policy(Target.NOBODY)
LOT = Policy(Target.LOT)
JUDGED = Policy(Target.JUDGED)
HIGHEST = Policy(Target.HIGHEST)
LOWEST = Policy(Target.LOWEST)
MIDDLE = Policy(Target.MIDDLE)
POLICIES = (NOBODY, LOT, JUDGED, HIGHEST, Policy(Target.HIGHEST, 0.3), Policy(Target.HIGHEST, 0.3, 1.0), MIDDLE, LOWEST)


@dataclass(frozen=True)
class Run:
    """A world, by its name, and how it is run."""

    world: str
    course: Course


MAIN = {name: [Run(name, Course(policy)) for policy in POLICIES] for name in WORLDS}
BY_INPUTS = [Run(BOTH, Course(policy, inputs)) for policy in (HIGHEST, MIDDLE, LOWEST) for inputs in Inputs]
BY_TRAINING = [Run(BOTH, Course(HIGHEST, training=training)) for training in Training]


@dataclass(frozen=True)
class Lived:
    """All runs: figure → (worlds, rounds) each; and by world the gap before services began, (worlds,)."""

    figures: Mapping[Run, Mapping[str, Floats]]
    before: Mapping[str, Floats]


def live_all(
    seed: int, worlds: int, rounds: int, runs: Iterable[Run], people: int | None = None, say: Say = silent
) -> Lived:
    """Return the figures of all runs; a world's own do not change when there are more of them.

    worlds  how often each is done again with other people;  people  in each; None: as many as it says

    The same people live with the same luck under every policy, so that differences between policies are of the
    policies alone.
    """
    asked = list(dict.fromkeys(runs))
    told: dict[Run, list[dict[str, Floats]]] = {run: [] for run in asked}
    before: dict[str, list[float]] = {run.world: [] for run in asked}
    for number in range(worlds):
        say(f"world {number + 1} of {worlds}")
        for name, gaps in before.items():
            world = WORLDS[name] if people is None else replace(WORLDS[name], people=people)
            start = settle(world, np.random.default_rng([seed, number, 0]))
            gaps.append(start.gap)
            for run in asked:
                if run.world == name:
                    told[run].append(live(world, run.course, start, rounds, np.random.default_rng([seed, number, 1])))
    return Lived(
        {run: {name: np.array([each[name] for each in of]) for name in of[0]} for run, of in told.items()},
        {name: np.array(gaps) for name, gaps in before.items()},
    )
