"""The raw tables against every rule: refused when a hard one is broken, or the broken records set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from ml.contracts import Bools
from ml.errors import DataError
from ml.progress import Say
from ml.register.intake.days import NONE, as_date, day_number
from ml.register.intake.finding import Finding, refusal
from ml.register.intake.raw import RawRecords
from ml.register.intake.record_rules import Facts, record_findings
from ml.register.intake.records import Persons, Records, persons_of, records_of
from ml.register.intake.rulebook import HARD_RULES, SOFT_RULES
from ml.register.intake.value_rules import value_findings
from ml.register.schema import TABLES

NEVER_EMPTY = ("jobseekers", "employment_codes")

Raws = Mapping[str, RawRecords]
Tables = dict[str, Records]


@dataclass(frozen=True)
class Checked:
    """Tables that keep every hard rule.

    tables    name → the records kept, in the order of persons and time
    findings  every rule that is broken: hard ones by the records set aside, soft ones by records kept
    """

    tables: Mapping[str, Records]
    persons: Persons
    as_of: date
    findings: Sequence[Finding]


def check(raws: Raws, as_of: date | None, quarantine: bool, say: Say) -> Checked:
    """Return the records that keep every hard rule, as of a day, or of the last one on which anything was entered.

    Raises DataError: a hard rule is broken and broken records are not to be set aside; or nobody is left.
    """
    for name in NEVER_EMPTY:
        _refuse_empty(name, len(raws[name]), "deliver its records")
    values = []
    for raw in raws.values():
        say(f"checking the values of {raw.table.name}")
        values += value_findings(raw)
    persons = persons_of(raws.values())
    tables = {name: records_of(raw, persons) for name, raw in raws.items()}
    day = as_of or _last_entered(tables)
    known = _known(tables, persons)  # a person with a broken record is a person all the same
    kept = _without(tables, values)
    say("checking records against each other")
    found = _hard(kept, Facts(day_number(day), persons, known))
    if (values or found) and not quarantine:
        raise refusal(_in_order(values + found), raws)
    every = values + found
    while found or values:  # a removal can leave others without their person
        kept, values = _without(kept, found), []
        found = _hard(kept, Facts(day_number(day), persons, _known(kept, persons)))
        every += found
    for name in NEVER_EMPTY:
        _refuse_empty(name, len(kept[name]), "every one breaks a hard rule; run without --quarantine to see which")
    kept = {name: _sorted(records) for name, records in kept.items()}
    soft = _broken(kept, Facts(day_number(day), persons, _known(kept, persons)), SOFT_RULES)
    return Checked(kept, persons, day, _joined(_in_order(every + soft)))


def _refuse_empty(name: str, records: int, to_do: str) -> None:
    if not records:
        raise DataError(f"{name}: has no records left to take in; {to_do}")


def _last_entered(tables: Tables) -> date:
    """Return the last day on which anything was entered."""
    days = [
        int(records.days(name).max(initial=NONE))
        for records in tables.values()
        for name in (records.table.entered, records.table.end_entered)
        if name is not None
    ]
    if max(days) == NONE:
        raise DataError("no table has a day in its column entered; correct the days at the source")
    return as_date(max(days))


def _known(tables: Tables, persons: Persons) -> Bools:
    known = np.zeros(len(persons) + 1, dtype=bool)
    known[tables["jobseekers"].person] = True  # -1, nobody, falls on the last
    return known[:-1]


def _hard(tables: Tables, facts: Facts) -> list[Finding]:
    return _broken(tables, facts, HARD_RULES)


def _broken(tables: Tables, facts: Facts, rules: Any) -> list[Finding]:
    return [finding for records in tables.values() for finding in record_findings(records, facts, rules)]


def _without(tables: Tables, findings: Sequence[Finding]) -> Tables:
    """Return the tables without the records that break a rule."""
    left = dict(tables)
    for name, records in tables.items():
        rows = [finding.rows for finding in findings if finding.table == name]
        if rows:
            left[name] = records.where(~np.isin(records.position, np.concatenate(rows)))
    return left


def _sorted(records: Records) -> Records:
    """Return the records in the order of persons, then of time, then as read."""
    days = records.days(records.table.happened)
    key = records.person.astype(np.int64) << 32 | (days.astype(np.int64) - int(NONE))
    return records if (key[1:] >= key[:-1]).all() else records.where(np.argsort(key, kind="stable"))


def _in_order(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: tuple(TABLES).index(finding.table))


def _joined(findings: Sequence[Finding]) -> list[Finding]:
    """Return one finding a rule and place, though it may have been found in several rounds."""
    rounds: dict[tuple[str, str, tuple[str, ...]], list[Finding]] = {}
    for finding in findings:
        rounds.setdefault((finding.rule.name, finding.table, finding.columns), []).append(finding)
    return [
        Finding(each[0].rule, each[0].table, each[0].columns, np.sort(np.concatenate([one.rows for one in each])))
        for each in rounds.values()
    ]
