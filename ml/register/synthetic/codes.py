"""Employment codes and services of simulated lives, as a register that is written late has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Bools
from ml.register.schema.codes import EMPLOYMENT_CODES
from ml.register.schema.tables.services import SERVICE_ENDINGS, SERVICE_KINDS
from ml.register.synthetic import nature
from ml.register.synthetic.lives import NEVER, Index, Lives, States, next_starts
from ml.register.synthetic.months import MISSING, Days
from ml.register.synthetic.population import YEAR
from ml.register.synthetic.rows import Rows, entered_after, on_working_days, rising

CODES = tuple(EMPLOYMENT_CODES)
KINDS = tuple(SERVICE_KINDS)
ENDINGS = tuple(SERVICE_ENDINGS)
COMPLETED, INTERRUPTED, FOUND_WORK = range(3)
NOBODY = -1  # the code of days without any record
SHORT_JOBS, SHORT_GAPS = 0.020, 0.006  # a month of unemployment: work, or no record, for less than 28 days
LONGEST_SHORT = 20  # days
STATE_CODE = np.array([CODES.index(code) for code in nature.CODE_OF], np.int8)
EXIT_CODE = np.array([1, NOBODY, 5, 6, 4], np.int8)  # by EXIT_KINDS
WORK_UNRECORDED = 0.15  # who found work and only stopped being a jobseeker
UNTIL_NEXT = 0.35  # whose work lasts until their next spell
MEAN_RECORDED = 170  # days that work or absence stays in the register
FEWEST_RECORDED = 29
GUIDED = 0.22  # under-30s who visit a guidance centre in a spell


@dataclass(frozen=True)
class Turns:
    """From which day each person's situation is what; rows stand by person and day."""

    person: Index
    day: Days
    code: States  # index into CODES, NOBODY for no record
    state: States  # of nature, -1 outside spells
    how: States  # how a service ended that ended here: index into ENDINGS
    spell: Index
    entered: Days


def turns(lives: Lives, kept: Bools, ends: Days, rng: np.random.Generator) -> Turns:
    """Return the turns of the kept spells; `ends` are their ends as the register has them."""
    spell, day, code, state, how = _joined(
        _openings(lives, kept),
        _changes(lives, kept),
        _short_breaks(lives, kept, rng),
        _exits(lives, kept, ends, rng),
    )
    person = lives.spells.person[spell]
    order = np.lexsort((code != NOBODY, day, person))
    person, day = person[order], day[order].astype(np.int32)
    entered = rising(entered_after(day, rng), person)
    return Turns(person, day, code[order], state[order], how[order], spell[order], entered)


Part = tuple[Index, Days, States, States, States]


def _joined(*parts: Part) -> Part:
    spell, day, code, state, how = zip(*parts, strict=True)
    return np.concatenate(spell), np.concatenate(day), np.concatenate(code), np.concatenate(state), np.concatenate(how)


def _part(spell: Index, day: Days, code: States | int, state: States | int, how: States | int = -1) -> Part:
    def full(values: States | int) -> States:
        return np.broadcast_to(np.asarray(values, np.int8), len(spell)).copy()

    return spell.astype(np.int32), day.astype(np.int32), full(code), full(state), full(how)


def _openings(lives: Lives, kept: Bools) -> Part:
    spell = np.flatnonzero(kept)
    opening = lives.spells.opening[spell]
    return _part(spell, lives.spells.start[spell], STATE_CODE[opening], opening)


def _changes(lives: Lives, kept: Bools) -> Part:
    changes = lives.changes
    keep = kept[changes.spell]
    state = changes.state[keep]
    how = np.where(changes.completed[keep], COMPLETED, INTERRUPTED).astype(np.int8)
    return _part(changes.spell[keep], changes.day[keep], STATE_CODE[state], state, how)


def _short_breaks(lives: Lives, kept: Bools, rng: np.random.Generator) -> Part:
    """Return work or silence of less than 28 days in the middle of a month in which nothing else happens."""
    faced = lives.faced
    same = np.append(True, faced.state[1:] == faced.state[:-1]) | (faced.month == 1)
    quiet = kept[faced.spell] & (faced.state == nature.UNEMPLOYED) & same & ~faced.is_last
    at = np.flatnonzero(quiet)
    drawn = rng.random(len(at))
    at, drawn = at[drawn < SHORT_JOBS + SHORT_GAPS], drawn[drawn < SHORT_JOBS + SHORT_GAPS]
    length = rng.integers(2, LONGEST_SHORT + 1, len(at))
    room = faced.until[at] - faced.first[at] - length - 2
    first = faced.first[at] + 1 + (rng.random(len(at)) * room).astype(np.int32)
    begins = _part(faced.spell[at], first, np.where(drawn < SHORT_JOBS, 1, NOBODY).astype(np.int8), -1)
    resumes = _part(faced.spell[at], first + length, 2, nature.UNEMPLOYED)
    return _joined(begins, resumes)


def _exits(lives: Lives, kept: Bools, ends: Days, rng: np.random.Generator) -> Part:
    """Return the turn to what comes after a spell, and the turn to no record at all after that."""
    spell = np.flatnonzero(kept & (ends < NEVER))
    kind = lives.spells.exit_kind[spell]
    code = EXIT_CODE[kind]
    code = np.where((code == 1) & (rng.random(len(spell)) < WORK_UNRECORDED), NOBODY, code).astype(np.int8)
    length = FEWEST_RECORDED + rng.exponential(MEAN_RECORDED, len(spell)).astype(np.int32)
    free = next_starts(lives.spells)[spell] - ends[spell]
    to_next = (code == 1) & (rng.random(len(spell)) < UNTIL_NEXT) & (free < 2 * YEAR)
    until = ends[spell] + np.where(to_next, free, np.minimum(length, free))
    recorded = code != NOBODY
    exits = _part(spell, ends[spell], code, -1, np.where(kind == 0, FOUND_WORK, INTERRUPTED).astype(np.int8))
    silences = _part(spell[recorded], until[recorded], NOBODY, -1)
    return _joined(exits, silences)


# ---------------------------------------------------------------- records


def _known_ends(turned: Turns, last: int) -> tuple[Days, Days]:
    """Return each turn's last day and when that was written down, MISSING while it is not known."""
    follows = np.append(turned.person[1:] == turned.person[:-1], False)
    entered = np.append(turned.entered[1:], MISSING)
    known = follows & (entered <= last)
    end = np.where(known, np.append(turned.day[1:], MISSING) - 1, MISSING).astype(np.int32)
    return end, np.where(known, entered, MISSING).astype(np.int32)


def employment_codes(turned: Turns, last: int) -> Rows:
    """Return the employment codes that were known on the last day."""
    end, end_entered = _known_ends(turned, last)
    rows = Rows(
        turned.person,
        {"code": turned.code, "start": turned.day, "end": end, "entered": turned.entered, "end_entered": end_entered},
        {"code": CODES},
    )
    return rows.only((turned.code != NOBODY) & (turned.entered <= last))


def services(turned: Turns, lives: Lives, kept: Bools, ends: Days, last: int, rng: np.random.Generator) -> Rows:
    """Return the services that were known on the last day: those behind a code, and guidance centres beside them."""
    end, end_entered = _known_ends(turned, last)
    names = np.array([KINDS.index(name) for name in nature.SERVICE_STATES])
    how = np.where(end > MISSING, np.append(turned.how[1:], -1), -1)
    keep = (turned.state >= nature.FIRST_SERVICE) & (turned.entered <= last)
    kind = names[np.maximum(turned.state[keep] - nature.FIRST_SERVICE, 0)]
    columns = {"kind": kind, "start": turned.day[keep], "end": end[keep], "ended": how[keep],
               "entered": turned.entered[keep], "end_entered": end_entered[keep]}  # fmt: skip
    person, guided = _guidance(lives, kept, ends, last, rng)
    person = np.concatenate([turned.person[keep], person])
    together = {name: np.concatenate([columns[name], guided[name]]) for name in columns}
    order = np.lexsort((together["start"], person))
    columns = {name: values[order] for name, values in together.items()}
    return Rows(person[order], columns, {"kind": KINDS, "ended": ENDINGS})


def _guidance(
    lives: Lives, kept: Bools, ends: Days, last: int, rng: np.random.Generator
) -> tuple[Index, dict[str, Index]]:
    spells = lives.spells
    age = (spells.start - lives.people.born[spells.person]) / YEAR
    spell = np.flatnonzero(kept & (age < 30) & (rng.random(len(kept)) < GUIDED))
    start = spells.start[spell] + rng.integers(5, 60, len(spell), dtype=np.int32)
    end = start + rng.integers(14, 90, len(spell), dtype=np.int32)
    found = end >= ends[spell]
    how = np.where(found, np.where(spells.exit_kind[spell] == 0, FOUND_WORK, INTERRUPTED), COMPLETED)
    end = np.minimum(end, ends[spell] - 1)
    entered = entered_after(start, rng)
    end_entered = np.maximum(on_working_days(end + 1), np.maximum(entered, entered_after(end, rng)))
    known = end_entered <= last
    keep = (start <= end) & (entered <= last)
    columns = {
        "kind": np.full(len(spell), KINDS.index("guidance_centre"), np.int32),
        "start": start,
        "end": np.where(known, end, MISSING),
        "ended": np.where(known, how, -1),
        "entered": entered,
        "end_entered": np.where(known, end_entered, MISSING),
    }
    return spells.person[spell][keep], {name: values[keep].astype(np.int32) for name, values in columns.items()}
