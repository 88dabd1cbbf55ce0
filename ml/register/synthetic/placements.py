"""Placements of simulated jobseekers in service entities: by rule, or by caseworkers who do not all judge alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Bools, Floats
from ml.register.schema.tables.placements import PLACED_BY
from ml.register.synthetic.caseworkers import ENTITIES, INTEGRATION, Cases, Caseworkers, cases, judged
from ml.register.synthetic.integration import IntegrationPlans
from ml.register.synthetic.lives import Index, Lives
from ml.register.synthetic.months import MISSING, Days
from ml.register.synthetic.population import NEWCOMER_DAYS
from ml.register.synthetic.rows import Rows, entered_after

PLACED = 0.75  # of the spells that last into their second month
PLACED_AGAIN = 0.06  # a month of the second year
SECOND_OPINION = 0.104  # of those whom a caseworker placed; some spells end before it
SECOND_AFTER = (7, 40)  # days
LONG_HERE = 2.5 * NEWCOMER_DAYS  # who has been here longer is no longer like an integration client
RULE, CASEWORKER = range(2)


@dataclass(frozen=True)
class Judging:
    """The caseworkers, and what their judgements are drawn from: apart, so that nothing else depends on them."""

    caseworkers: Caseworkers
    rng: np.random.Generator


@dataclass(frozen=True)
class _Due:
    """Placements that are to be made, arrays of one length. `by` numbers the caseworkers, should one have to judge."""

    spell: Index
    day: Days
    entered: Days
    need: Floats
    case: Cases
    is_early: Bools
    by: Index
    again: Bools


def placements(
    lives: Lives, kept: Bools, plan: IntegrationPlans, last: int, rng: np.random.Generator, judging: Judging
) -> Rows:
    """Return placements known on the last day; an integration plan in force decides by rule, else a caseworker does.

    Some whom a caseworker placed are placed again some weeks later by another one, who judges the same case by habits
    of their own. The rows hold more than the schema names, for the oracle: `caseworker` (MISSING where the rule
    placed), `again` (1 where another had placed before) and `need` in thousandths.
    """
    first = _first(lives, kept, rng, judging)
    entity, by_rule = _chosen(lives, plan, first, judging)
    second = _second(lives, first, ~by_rule, judging)
    entity_of_second, rule_of_second = _chosen(lives, plan, second, judging)
    made = (first, second)
    rules = np.concatenate([by_rule, rule_of_second])
    columns = {
        "service_entity": np.concatenate([entity, entity_of_second]),
        "date": np.concatenate([each.day for each in made]),
        "placed_by": np.where(rules, RULE, CASEWORKER),
        "entered": np.concatenate([each.entered for each in made]),
        "caseworker": np.where(rules, MISSING, np.concatenate([each.by for each in made])),
        "again": np.concatenate([each.again for each in made]),
        "need": np.rint(1000 * np.concatenate([each.need for each in made])),
    }
    who = lives.spells.person[np.concatenate([each.spell for each in made])]
    order = np.lexsort((columns["date"], who))
    texts = {"service_entity": ENTITIES, "placed_by": tuple(PLACED_BY)}
    rows = Rows(who[order], {name: values[order].astype(np.int32) for name, values in columns.items()}, texts)
    return rows.only(rows.columns["entered"] <= last)


def _first(lives: Lives, kept: Bools, rng: np.random.Generator, judging: Judging) -> _Due:
    """Return whom the service places of itself: in the second month, and now and then in the second year."""
    faced = lives.faced
    rows = np.flatnonzero(kept[faced.spell] & (faced.until > faced.first))
    month = faced.month[rows]
    drawn = rng.random(len(rows))
    at = rows[((month == 2) & (drawn < PLACED)) | ((month > 12) & (month <= 24) & (drawn < PLACED_AGAIN))]
    day = faced.first[at] + (rng.random(len(at)) * (faced.until[at] - faced.first[at])).astype(np.int32)
    entered = entered_after(day, rng)
    spell, month = faced.spell[at], faced.month[at]
    arrived = lives.people.arrived[lives.spells.person[spell]].astype(np.int64)
    is_newcomer = (arrived > MISSING) & (day - arrived < LONG_HERE)
    need = _true_need(lives, spell, month)
    case = cases(need, is_newcomer, judging.rng)
    by = judging.rng.integers(0, len(judging.caseworkers), len(at))
    return _Due(spell, day, entered, need, case, month == 2, by, np.zeros(len(at), bool))


def _true_need(lives: Lives, spell: Index, month: Index) -> Floats:
    people, who = lives.people, lives.spells.person[spell]
    need: Floats = 1.6 * people.is_limited[who] - 0.8 * people.employability[who] + 0.35 * np.log(month / 2)
    return need


def _second(lives: Lives, first: _Due, by_caseworker: Bools, judging: Judging) -> _Due:
    """Return who meets another caseworker some weeks later, while the spell lasts: a change, or a second opinion."""
    size, rng, count = len(first.spell), judging.rng, len(judging.caseworkers)
    day = (first.day + rng.integers(SECOND_AFTER[0], SECOND_AFTER[1] + 1, size)).astype(np.int32)
    chosen = by_caseworker & (rng.random(size) < SECOND_OPINION) & (day < lives.spells.end[first.spell])
    chosen &= ~np.isin(_who_when(lives, first.spell, day), _who_when(lives, first.spell, first.day))
    rows = np.flatnonzero(chosen)
    # Two placements some weeks apart may call for a second opinion on the same day: one is given.
    _, once = np.unique(_who_when(lives, first.spell[rows], day[rows]), return_index=True)
    rows = rows[np.sort(once)]
    other = (first.by[rows] + rng.integers(1, count, len(rows))) % count
    day = day[rows]
    return _Due(
        first.spell[rows], day, entered_after(day, rng), first.need[rows], first.case[rows], first.is_early[rows],
        other, np.ones(len(rows), bool),
    )  # fmt: skip


def _who_when(lives: Lives, spell: Index, day: Days) -> Index:
    return lives.spells.person[spell].astype(np.int64) << 32 | day.astype(np.int64)


def _chosen(lives: Lives, plan: IntegrationPlans, due: _Due, judging: Judging) -> tuple[Index, Bools]:
    """Return the entity of each placement, and where the rule chose it."""
    who = lives.spells.person[due.spell]
    by_rule = (plan.start[who] > MISSING) & (plan.start[who] <= due.day) & (due.day <= plan.end[who])
    entity = judged(judging.caseworkers, due.by, due.case, due.is_early, judging.rng)
    return np.where(by_rule, INTEGRATION, entity), np.asarray(by_rule)
