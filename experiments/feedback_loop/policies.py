"""Who gets a service: so many out of a hundred of those out of work, by the hint, by a caseworker, by lot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ml.contracts import Bools, Floats


class Target(StrEnum):
    """Whom the hint puts first."""

    NOBODY = "no services"
    LOT = "at random"
    JUDGED = "caseworkers alone"
    HIGHEST = "highest risk"
    LOWEST = "lowest risk"
    MIDDLE = "middle"


@dataclass(frozen=True)
class Policy:
    """Who is served.

    override  how often a caseworker goes by their own judgement instead of the hint
    lean      by how much (of skill) caseworkers judge members of the group to need less
    """

    target: Target
    override: float = 0.0
    lean: float = 0.0
    capacity: float = 0.25

    @property
    def words(self) -> str:
        """Return the policy as people read it."""
        followed = f", {100 * self.override:.0f} % overridden" if self.override else ""
        return f"{self.target.value}{followed}{', leaning' if self.lean else ''}"


@dataclass(frozen=True)
class Seen:
    """What a choice can go by, (n,) of those out of work each.

    risk   as predicted;  need  as a caseworker judges it, before any lean;  group  membership
    lot, override  uniform draws
    """

    risk: Floats
    need: Floats
    group: Bools
    lot: Floats
    override: Floats


def served(policy: Policy, seen: Seen) -> Bools:
    """Return who gets a service, (n,): the same number whatever the policy, but for nobody."""
    number = 0 if policy.target is Target.NOBODY else places(policy.capacity, len(seen.risk))
    by_hint = {
        Target.LOT: seen.lot,
        Target.JUDGED: seen.need - policy.lean * seen.group,
        Target.LOWEST: -seen.risk,
        Target.MIDDLE: -np.abs(standing(seen.risk) - 0.5),
    }.get(policy.target, seen.risk)
    by_judgement = standing(seen.need - policy.lean * seen.group)
    urgency = np.where(seen.override < policy.override, by_judgement, standing(by_hint))
    return highest(urgency, number)


def flagged(risk: Floats, capacity: float) -> Bools:
    """Return whom the hint calls of highest risk, (n,), whoever is served."""
    return highest(risk, places(capacity, len(risk)))


def places(capacity: float, people: int) -> int:
    """Return how many of so many people can be served."""
    return round(capacity * people)


def standing(value: Floats) -> Floats:
    """Return the place of each among all, (n,), from 0 for the lowest to 1 for the highest."""
    place = np.empty(len(value))
    place[np.argsort(value, kind="stable")] = np.arange(len(value))
    return place / max(len(value) - 1, 1)


def highest(value: Floats, number: int) -> Bools:
    """Return who is among the `number` highest, (n,)."""
    chosen = np.zeros(len(value), dtype=np.bool_)
    chosen[np.argsort(-value, kind="stable")[:number]] = True
    return chosen
