"""Integration plans of those who moved to Finland as adults not long ago (law 681/2023 and before it 1386/2010)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.register.synthetic.lives import NEVER, Lives
from ml.register.synthetic.months import MISSING, Days
from ml.register.synthetic.population import NEWCOMER_DAYS, YEAR

PLAN_YEARS = (1, 2, 3, 3, 4)
PLANNED = 0.85  # of the newly arrived who register


@dataclass(frozen=True)
class IntegrationPlans:
    """Each person's integration plan: first and last day, MISSING without one."""

    start: Days
    end: Days


def integration_plans(lives: Lives, rng: np.random.Generator) -> IntegrationPlans:
    """Return the plans of those who registered within three years of moving to Finland as adults."""
    spells, people = lives.spells, lives.people
    size = len(people)
    person, first = np.unique(spells.person, return_index=True)  # spells stand in the order in which they begin
    begin = np.full(size, NEVER, np.int32)
    begin[person] = spells.start[first]
    until = np.full(size, NEVER, np.int32)
    until[person] = spells.end[first]
    start = begin + rng.integers(14, 60, size, dtype=np.int32)
    end = start + (YEAR * rng.choice(PLAN_YEARS, size)).astype(np.int32)
    adult = (people.arrived - people.born.astype(np.int64)) > 16 * YEAR
    due = (people.arrived > MISSING) & adult & (begin - people.arrived.astype(np.int64) < NEWCOMER_DAYS)
    due &= (start < until) & (rng.random(size) < PLANNED)
    return IntegrationPlans(
        np.where(due, start, MISSING).astype(np.int32), np.where(due, end, MISSING).astype(np.int32)
    )
