"""The rules of whole records, of a person's records together, and of tables together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Bools
from ml.register.intake.days import NONE
from ml.register.intake.finding import Finding, Rule
from ml.register.intake.records import Persons, Records

FOREVER = np.int32(2**31 - 1)


@dataclass(frozen=True)
class Facts:
    """What a rule may know beside the records that it looks at.

    as_of  the day up to which the extract knows, since 1970-01-01
    known  (p,) which persons have a record in jobseekers
    """

    as_of: int
    persons: Persons
    known: Bools


Breaks = Callable[[Records, Facts], Bools]


@dataclass(frozen=True)
class RecordRule:
    """A rule where it holds: which table, which of its columns it looks at, and which records break it."""

    rule: Rule
    table: str
    columns: tuple[str, ...]
    breaks: Breaks


def record_findings(records: Records, facts: Facts, rules: Iterable[RecordRule]) -> list[Finding]:
    """Return which records of a table break which of the rules; those of other tables are passed over."""
    found = []
    for each in rules:
        if each.table == records.table.name:
            rows = np.sort(records.position[each.breaks(records, facts)])
            if len(rows):
                found.append(Finding(each.rule, each.table, each.columns, rows))
    return found


# ---------------------------------------------------------------- one record


def before(earlier: str, later: str) -> Breaks:
    """Return a rule that is broken where one day, if there, comes before another, if there."""

    def breaks(records: Records, _: Facts) -> Bools:
        first, second = records.days(earlier), records.days(later)
        return np.asarray((first != NONE) & (second != NONE) & (first < second), dtype=bool)

    return breaks


def known_before(entered: str, happened: str) -> Breaks:
    """Return a rule that is broken where a fact was entered before it happened, unless it lies in the future."""
    written_first = before(entered, happened)
    return lambda records, facts: written_first(records, facts) & (records.days(happened) <= facts.as_of)


def after_as_of(name: str) -> Breaks:
    """Return a rule that is broken where a day lies after the as-of date."""
    return lambda records, facts: records.days(name) > facts.as_of


def given_without(given: str, missing: str) -> Breaks:
    """Return a rule that is broken where one column has a value and the other has none."""
    return lambda records, _: records.has(given) & ~records.has(missing)


def of_impossible_age(records: Records, facts: Facts) -> Bools:
    """Return which records happened when the person was under 15 or over 100."""
    happened, person = records.days(records.table.happened), records.person
    persons = facts.persons
    return (happened < persons.old_enough[person]) | (happened >= persons.too_old[person])


def birth_disagrees(records: Records, facts: Facts) -> Bools:
    """Return which records give another date of birth than the identity code."""
    return np.asarray(records.days("birth_date") != facts.persons.born[records.person], dtype=bool)


def gender_disagrees(records: Records, facts: Facts) -> Bools:
    """Return which records give another gender than the identity code: odd numbers are men's."""
    said = records.texts("gender")
    of_code = np.where(facts.persons.number[records.person] % 2 == 1, "1", "2")
    return np.asarray(said != of_code, dtype=bool)


def more_days_than_period(records: Records, _: Facts) -> Bools:
    """Return which records pay more days than their period has."""
    start, end = records.days("start"), records.days("end")
    return (end >= start) & (records.numbers("days_paid") > end.astype(np.int64) - start + 1)


# ---------------------------------------------------------------- records together


def _numbered(records: Records, names: Iterable[str]) -> NDArray[np.int64]:
    """Return a number a record that orders the records by some columns, and is equal where they are."""
    number, size = np.zeros(len(records), dtype=np.int64), 1
    for name in names:
        values = records.comparable(name).astype(np.int64)
        values -= values.min() if len(values) else 0
        width = int(values.max(initial=0)) + 1
        if size * width >= 2**62:  # too many combinations to count: those that are there fit
            number = np.unique(number, return_inverse=True)[1].astype(np.int64)
            size = int(number.max(initial=0)) + 1
        if size * width >= 2**62:
            values = np.unique(values, return_inverse=True)[1].astype(np.int64)
            width = int(values.max(initial=0)) + 1
        number, size = number * width + values, size * width
    return number


def _shared(number: NDArray[np.int64]) -> Bools:
    """Return where a number is another record's, too."""
    ordered = np.sort(number)
    return np.isin(number, ordered[1:][ordered[1:] == ordered[:-1]])


def repeats(records: Records, _: Facts) -> Bools:
    """Return which records are the same as an earlier one in every column."""
    rows = np.flatnonzero(_shared(_numbered(records, records.table.key)))  # few, and only they can be the same
    number = _numbered(records.where(rows), records.table.names)
    again = np.ones(len(rows), dtype=bool)
    again[np.unique(number, return_index=True)[1]] = False
    repeats = np.zeros(len(records), dtype=bool)
    repeats[rows[again]] = True
    return repeats


def shares_key(records: Records, facts: Facts) -> Bools:
    """Return which records share their key with another that says something else: none of them can be trusted."""
    rows = np.flatnonzero(~repeats(records, facts))
    shares = np.zeros(len(records), dtype=bool)
    shares[rows] = _shared(_numbered(records, records.table.key)[rows])
    return shares


def reaches_into_next(records: Records, _: Facts) -> Bools:
    """Return which records last until the person's next one begins; those that begin on one day share a key."""
    number = _numbered(records, ("identity_code", "start"))
    order = np.argsort(number, kind="stable")
    person, start, end = (records.comparable(name)[order] for name in ("identity_code", "start", "end"))
    reaches = np.zeros(len(records), dtype=bool)
    ended = np.where(end == NONE, FOREVER, end)
    reaches[order[:-1]] = (person[1:] == person[:-1]) & (start[1:] > start[:-1]) & (ended[:-1] >= start[1:])
    return reaches


def of_nobody(records: Records, facts: Facts) -> Bools:
    """Return which records are of persons who are not in jobseekers."""
    return ~facts.known[records.person]


def artificial_among_real(records: Records, facts: Facts) -> Bools:
    """Return which records are of made-up persons, where others are of real ones."""
    artificial = facts.persons.artificial[records.person]
    return artificial & ~artificial.all()
