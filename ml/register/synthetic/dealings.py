"""What the service and simulated jobseekers have to do with each other: plans and self-ratings."""

from __future__ import annotations

import numpy as np

from ml.contracts import Bools
from ml.register.schema.tables.plans import PLAN_KINDS
from ml.register.synthetic import nature
from ml.register.synthetic.lives import Index, Lives
from ml.register.synthetic.months import MISSING, Days
from ml.register.synthetic.population import YEAR
from ml.register.synthetic.rows import Rows, entered_after

RATINGS = ("work_ability", "health", "daily_life", "inclusion", "skills")
RATING_LEVELS = np.array([6.0, 6.3, 7.2, 6.6, 6.8])
RATING_MISSING = 0.04
RATED = 0.0035  # a month, of those with middling need


def _days_within(lives: Lives, at: Index, rng: np.random.Generator) -> Days:
    """Return a day in each of the months of spells."""
    first, until = lives.faced.first[at], lives.faced.until[at]
    days: Days = first + (rng.random(len(at)) * (until - first)).astype(np.int32)
    return days


def _ordered(person: Index, columns: dict[str, Days], first: str) -> tuple[Index, dict[str, Days]]:
    order = np.lexsort((columns[first], person))
    return person[order], {name: values[order] for name, values in columns.items()}


def plans(lives: Lives, kept: Bools, last: int, rng: np.random.Generator) -> Rows:
    """Return plans, interviews, contacts and interview trips known on the last day."""
    faced, spells = lives.faced, lives.spells
    rows = np.flatnonzero(kept[faced.spell] & (faced.until > faced.first))
    month, person = faced.month[rows], spells.person[faced.spell[rows]]
    keen = np.exp(0.3 * lives.people.employability[person]) * (faced.state[rows] == nature.UNEMPLOYED)
    young = (faced.first[rows] - lives.people.born[person]) / YEAR < 30
    chances = {
        "employment_plan": np.where(month % 12 == 2, 0.8, np.where(young & (month == 1), 0.4, 0.01)),
        "interview": np.where(month == 1, 0.92, np.where(month % 3 == 1, 0.72, 0.03)),
        "contact": 0.10 + 0.06 * young,
        "interview_trip": 0.022 * keen,
    }
    parts = []
    for number, kind in enumerate(PLAN_KINDS):
        at = rows[rng.random(len(rows)) < chances[kind]]
        parts.append((at, np.full(len(at), number, np.int32), _days_within(lives, at, rng)))
    at, kinds, day = (np.concatenate(column) for column in zip(*parts, strict=True))
    columns = {"kind": kinds, "date": day, "entered": entered_after(day, rng)}
    who, columns = _ordered(spells.person[faced.spell[at]], columns, "date")
    return Rows(who, columns, {"kind": tuple(PLAN_KINDS)}).only(columns["entered"] <= last)


def abilitator(lives: Lives, kept: Bools, last: int, rng: np.random.Generator) -> Rows:
    """Return self-ratings known on the last day: mostly of people in need, and of those more than one."""
    faced, people = lives.faced, lives.people
    rows = np.flatnonzero(kept[faced.spell] & (faced.until > faced.first) & (faced.month > 1))
    who = lives.spells.person[faced.spell[rows]]
    need = 1.3 * people.is_limited[who] - 0.7 * people.employability[who] + 0.3 * np.log(faced.month[rows] / 6)
    at = rows[rng.random(len(rows)) < RATED * np.exp(np.clip(need, -3, 2.5))]
    who, day = lives.spells.person[faced.spell[at]], _days_within(lives, at, rng)
    columns = {"date": day, "entered": entered_after(day, rng)}
    level = 0.9 * people.employability[who] - 2.0 * people.is_limited[who] + rng.normal(0, 0.8, len(who))
    for name, usual in zip(RATINGS, RATING_LEVELS, strict=True):
        rating = np.clip(np.rint(usual + level + rng.normal(0, 1.2, len(who))), 0, 10).astype(np.int32)
        columns[name] = np.where(rng.random(len(who)) < RATING_MISSING, MISSING, rating).astype(np.int32)
    who, columns = _ordered(who, columns, "date")
    return Rows(who, columns).only(columns["entered"] <= last)
