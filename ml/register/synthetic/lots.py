"""A whole synthetic Helsinki: people are drawn and live, in lots, until the target group is as large as asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from ml.progress import Say, silent
from ml.register.duck import open_database
from ml.register.schema import TABLES
from ml.register.synthetic import codes, dealings
from ml.register.synthetic.caseworkers import caseworkers
from ml.register.synthetic.facts import jobseekers
from ml.register.synthetic.identity import IdentityCodes
from ml.register.synthetic.integration import integration_plans
from ml.register.synthetic.lives import Index, Lives, live
from ml.register.synthetic.months import Days, Months, months_until
from ml.register.synthetic.payments import benefits
from ml.register.synthetic.placements import Judging, placements
from ml.register.synthetic.population import People, draw_people
from ml.register.synthetic.rows import Rows
from ml.register.synthetic.truth import Truth, input_truth, placement_truth, spell_truth
from ml.register.synthetic.unfairness import Unfairness, lost_inputs, recorded_ends
from ml.register.target_group import JOBSEEKERS_NOW

PEOPLE_A_MEMBER = 6.4  # drawn for each member of the target group: a little more than are needed
LARGEST_LOT, SMALLEST_LOT = 40_000, 500  # people


@dataclass(frozen=True)
class Order:
    """What is asked of a register."""

    target_group: int
    seed: int
    as_of: date
    unfair: tuple[Unfairness, ...]
    years: int


@dataclass(frozen=True)
class Lot:
    """A part of the register: whole people, their records in every table, and the truth about their spells."""

    tables: Mapping[str, Any]  # name → Arrow table
    truth: Truth
    members: int  # of the target group


def lots(order: Order, say: Say = silent) -> Iterator[Lot]:
    """Yield lots whose members of the target group are together exactly as many as asked."""
    months = months_until(order.as_of, order.years)
    size = int(np.clip(order.target_group * PEOPLE_A_MEMBER, SMALLEST_LOT, LARGEST_LOT))
    given, reached, number = IdentityCodes(), 0, 0
    while reached < order.target_group:
        say(f"living: {reached:,} of {order.target_group:,} people of the target group")
        lot = _lot(order, size, months, given, number, order.target_group - reached)
        reached, number = reached + lot.members, number + 1
        yield lot


def _lot(order: Order, size: int, months: Months, given: IdentityCodes, number: int, wanted: int) -> Lot:
    """Return a lot of people, cut after the last member of the target group that is wanted."""
    rng, planted, judging = (np.random.default_rng([order.seed, number, stream]) for stream in range(3))
    lives = live(draw_people(size, months, rng), months, rng)
    ends = recorded_ends(lives, order.unfair, order.as_of, planted)  # drawn apart: the same lives without
    rows, spells = _records(lives, ends, rng, Judging(caseworkers(order.seed), judging))
    identity = _identities(lives.people, rows["jobseekers"].person, given)
    tables = _as_arrow(rows, identity)
    rows["jobseekers"], inputs = _take_inputs(rows["jobseekers"], tables["jobseekers"], lives, order, planted)
    tables["jobseekers"] = rows["jobseekers"].as_arrow(TABLES["jobseekers"], identity)
    members = _members(tables, identity, order.as_of)
    if len(members) > wanted:
        final = members[wanted - 1]
        rows = {name: each.only(each.person <= final) for name, each in rows.items()}
        tables, members = _as_arrow(rows, identity), members[:wanted]
        spells = spells[lives.spells.person[spells] <= final]
        inputs = inputs[0].filter(pa.array(inputs[1] <= final)), inputs[1]
    truth = Truth(spell_truth(lives, spells, ends, identity), inputs[0], placement_truth(rows["placements"], identity))
    return Lot(tables, truth, len(members))


def _records(lives: Lives, ends: Days, rng: np.random.Generator, judging: Judging) -> tuple[dict[str, Rows], Index]:
    """Return the rows of each table that were known at the as-of date, and the spells among them."""
    last = lives.months.last
    kept = ends > lives.months.first
    turned = codes.turns(lives, kept, ends, rng)
    employment = codes.employment_codes(turned, last)
    person, first = np.unique(employment.person, return_index=True)
    start, entered = employment.columns["start"][first], employment.columns["entered"][first]
    plan = integration_plans(lives, rng)
    rows = {
        "jobseekers": jobseekers(lives, kept, (person, start, entered), plan, last, rng),
        "employment_codes": employment,
        "services": codes.services(turned, lives, kept, ends, last, rng),
        "benefits": benefits(lives, kept, last, rng),
        "plans": dealings.plans(lives, kept, last, rng),
        "abilitator": dealings.abilitator(lives, kept, last, rng),
        "placements": placements(lives, kept, plan, last, rng, judging),
    }
    there = np.zeros(len(lives.people), bool)
    there[person] = True
    return {name: each.only(there[each.person]) for name, each in rows.items()}, _known_spells(lives, turned)


def _known_spells(lives: Lives, turned: codes.Turns) -> Index:
    opens = (turned.day == lives.spells.start[turned.spell]) & (turned.entered <= lives.months.last)
    return np.unique(turned.spell[opens & (turned.state >= 0)])


def _identities(people: People, person: Index, given: IdentityCodes) -> Any:
    """Return person → identity code, missing for those who are not in the register."""
    there = np.unique(person)
    place = np.full(len(people), -1, np.int32)
    place[there] = np.arange(len(there))
    return given.give(people.born[there], people.gender[there]).take(pa.array(place, mask=place < 0))


def _as_arrow(rows: Mapping[str, Rows], identity: Any) -> dict[str, Any]:
    return {name: rows[name].as_arrow(table, identity) for name, table in TABLES.items()}


def _take_inputs(
    rows: Rows, table: Any, lives: Lives, order: Order, rng: np.random.Generator
) -> tuple[Rows, tuple[Any, Index]]:
    """Return the jobseekers' versions without the inputs that planted unfairness takes, and what was taken."""
    taken = lost_inputs(lives.people, rows.person, order.unfair, order.as_of, rng)
    columns = {**rows.columns, **{name: np.where(lost, -1, rows.columns[name]) for name, lost in taken.items()}}
    return Rows(rows.person, columns, rows.texts), input_truth(rows, table, taken)


def _members(tables: Mapping[str, Any], identity: Any, as_of: date) -> Index:
    """Return the numbers of the people who belong to the target group, rising."""
    with open_database() as connection:
        for name in ("jobseekers", "employment_codes", "benefits"):
            connection.register(name, tables[name])
        connection.register("people", pa.table({"identity_code": identity, "number": np.arange(len(identity))}))
        now = f"CREATE TEMP TABLE now AS {JOBSEEKERS_NOW}"
        connection.execute(now, {"day": as_of})
        query = "SELECT number FROM people JOIN now USING (identity_code) WHERE in_target ORDER BY number"
        return np.asarray(connection.execute(query).fetchnumpy()["number"])
