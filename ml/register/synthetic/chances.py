"""Monthly chances of leaving a spell and of beginning a service: lives are drawn from them, true risks computed."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats
from ml.register.synthetic import nature
from ml.register.synthetic.months import Months, Whole
from ml.register.synthetic.population import NEWCOMER_DAYS, NEWCOMER_OUT, YEAR, People


def ages(people: People, who: Whole, months: Months, step: int) -> Whole:
    """Return whole years of age on a month's first day."""
    years: Whole = np.clip((months.firsts[step] - people.born[who]) / YEAR, 0, 120).astype(np.int64)
    return years


def log_hazards(world_times: nature.Times, people: People, who: Whole, months: Months, step: int) -> Floats:
    """Return the log hazard of leaving a spell in a month, without what the state and the duration add."""
    age = ages(people, who, months, step)
    newcomer = months.firsts[step] - people.arrived[who].astype(np.int64) < NEWCOMER_DAYS
    log_hazard = people.out[who] + nature.AGE_OUT[age] + NEWCOMER_OUT * newcomer + world_times.out[step]
    return nature.LEAVING + np.where(age >= nature.TOO_OLD, nature.TOO_OLD_HAZARD, log_hazard)


def start_chances(people: People, who: Whole, months: Months, step: int, month: Whole) -> Floats:
    """Return, per person and startable state, by how much the chance of beginning it is scaled now: 0 to 1."""
    age = ages(people, who, months, step)
    newcomer = months.firsts[step] - people.arrived[who].astype(np.int64) < NEWCOMER_DAYS
    scale = np.ones((len(who), nature.STARTABLE))
    scale[:, 0] = np.where(age < 30, 1.0, 0.35)
    scale[:, 2] = np.where(newcomer, 1.0, 0.4)
    scale[:, 4] = np.where(age >= 25, np.where(newcomer, 1.0, 0.6), 0.0)
    scale[:, 5] = month >= nature.SUBSIDY_FROM
    scale[:, 6] = np.where(age < 30, 1.0, 0.6)
    scale[:, 7] = month >= np.where(age < 25, 6, nature.REHABILITATION_FROM)
    return scale


def ramp(month: Whole, factor: float) -> Floats:
    """Return how fully services are offered in a month of a spell."""
    scaled: Floats = factor * np.minimum(1.0, month / nature.SERVICE_RAMP)
    return scaled
