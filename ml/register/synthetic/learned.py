"""What the register learns of its jobseekers, and when: moves, degrees, what was not known before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Bools
from ml.register.synthetic import nature
from ml.register.synthetic.integration import IntegrationPlans
from ml.register.synthetic.lives import NEVER, Index, Lives
from ml.register.synthetic.months import Days
from ml.register.synthetic.rows import entered_after, rising

FIRST, MOVED, EDUCATED, EDUCATION_LEARNED, OCCUPATION_LEARNED, LIMIT_SEEN, PLAN_MADE = range(7)
MOVES = 0.005  # a month
LEARNED = {EDUCATION_LEARNED: 0.008, OCCUPATION_LEARNED: 0.03, LIMIT_SEEN: 0.03}  # a month, while not known
DEGREES = 0.35  # of completed self-motivated studies

Events = tuple[Index, Days, Index, Days]


def learned(
    lives: Lives, kept: Bools, known: tuple[Index, Days, Days], plan: IntegrationPlans, rng: np.random.Generator
) -> Events:
    """Return what was learned of whom, from which day it holds, what it is, and when it was entered."""
    who, first, entered = known
    started = np.full(len(lives.people), NEVER, np.int32)
    started[who] = first
    written = np.full(len(lives.people), NEVER, np.int32)
    written[who] = entered
    planned = who[plan.start[who] > first]
    parts = [(who, first, FIRST), (planned, plan.start[planned], PLAN_MADE), *_in_spells(lives, kept, rng)]
    person = np.concatenate([part[0] for part in parts]).astype(np.int32)
    day = np.concatenate([part[1] for part in parts]).astype(np.int32)
    what = np.concatenate([np.full(len(part[0]), part[2], np.int32) for part in parts])
    later = (what == FIRST) | (day > started[person])
    person, day, what = person[later], day[later], what[later]
    order = np.lexsort((what, day, person))
    person, day, what = person[order], day[order], what[order]
    # Versions are entered in their order: a later one never tells what an earlier one has yet to say.
    when = np.where(what == FIRST, written[person], np.maximum(entered_after(day, rng), written[person]))
    return person, day, what, rising(when.astype(np.int32), person)


def _in_spells(lives: Lives, kept: Bools, rng: np.random.Generator) -> list[tuple[Index, Days, int]]:
    faced, spells, people = lives.faced, lives.spells, lives.people
    rows = np.flatnonzero(kept[faced.spell] & (faced.until > faced.first + 2) & (faced.month > 1))
    person = spells.person[faced.spell[rows]]
    open_to = {
        MOVED: MOVES * np.ones(len(rows)),
        EDUCATION_LEARNED: LEARNED[EDUCATION_LEARNED] * ~people.education_known[person],
        OCCUPATION_LEARNED: LEARNED[OCCUPATION_LEARNED] * ~people.occupation_known[person],
        LIMIT_SEEN: LEARNED[LIMIT_SEEN] * people.is_limited[person],
    }
    parts = []
    for what, chance in open_to.items():
        at = rows[rng.random(len(rows)) < chance]
        parts.append((spells.person[faced.spell[at]], faced.first[at] + 1, what))
    study = nature.FIRST_SERVICE + nature.SERVICE_STATES.index("self_motivated_study")
    changes = lives.changes
    before = _state_before(lives)
    done = kept[changes.spell] & changes.completed & (before == study) & (rng.random(len(before)) < DEGREES)
    parts.append((spells.person[changes.spell[done]], changes.day[done], EDUCATED))
    return parts


def _state_before(lives: Lives) -> NDArray[np.int8]:
    """Return, for each change within a spell, the state that it ended."""
    changes = lives.changes
    order = np.lexsort((changes.day, changes.spell))
    spell, state = changes.spell[order], changes.state[order]
    earlier = np.append(np.int8(-1), state[:-1])
    is_first = np.append(True, spell[1:] != spell[:-1])
    before = np.empty(len(order), np.int8)
    before[order] = np.where(is_first, lives.spells.opening[spell], earlier)
    return before
