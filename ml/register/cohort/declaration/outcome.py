"""The [outcome] table of the contract as an Outcome."""

from __future__ import annotations

import re

from ml.contracts import ColumnType, Outcome
from ml.register.cohort.declaration.toml import Table
from ml.register.wording import quoted

KEYS = ("duration", "unit", "exit", "exit_when", "censored_when", "horizon", "horizons", "entry", "rule")
UNIT = re.compile(r"(?:([1-9][0-9]{0,4}) )?(day|week|month)(s?)")
DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375}  # a month is a twelfth of 365.25 days


def read_outcome(table: Table) -> Outcome:
    """Return what [outcome] says: columns, unit, horizons. Raises ContractError."""
    table.only(KEYS)
    horizon = _horizon(table)
    further = table.numbers("horizons")
    if any(point <= 0 for point in further):
        table.fail("horizons", "must all be above 0")
    unit = table.text("unit")
    return Outcome(
        duration=table.text("duration"),
        unit=unit,
        unit_days=_unit_days(table, unit),
        horizon=horizon,
        horizons=tuple(sorted({horizon, *further})),
        exit=_exit(table),
        exit_when=_listed_values(table, "exit_when"),
        censored_when=_listed_values(table, "censored_when"),
        entry=table.optional_text("entry"),
        rule=table.optional_text("rule"),
    )


def exit_type(table: Table) -> ColumnType:
    """Return the type of an exit column that [columns] does not declare: boolean or category."""
    listed = table.array("exit_when") + table.array("censored_when")
    return ColumnType.BOOLEAN if any(isinstance(item, bool) for item in listed) else ColumnType.CATEGORY


def _horizon(table: Table) -> float:
    horizon = table.number("horizon")
    if horizon <= 0:
        table.fail("horizon", "must be above 0")
    return horizon


def _unit_days(table: Table, unit: str) -> float:
    found = UNIT.fullmatch(unit)
    if not found or (found[3] and not found[1]):
        table.fail("unit", 'must read "day", "week", "month" or "<n> days", "<n> weeks", "<n> months"')
    return int(found[1] or 1) * DAYS[found[2]]


def _exit(table: Table) -> str | None:
    exit_ = table.optional_text("exit")
    given = [key for key in ("exit_when", "censored_when") if key in table.content]
    if exit_ is None and given:
        table.fail(given[0], "needs the column: name it with exit, or leave both out if every exit was seen")
    if exit_ is not None and len(given) != 1:
        table.fail("exit", f"needs exactly one of exit_when and censored_when; there are {len(given)}")
    return exit_


def _listed_values(table: Table, key: str) -> tuple[str, ...]:
    texts = []
    for value in table.array(key):
        if not isinstance(value, str | int | float):
            table.fail(key, f"must hold texts, numbers, true or false, not {quoted(value)}")
        text = str(value).lower() if isinstance(value, bool) else str(value).strip()
        if not text:
            table.fail(key, "must not hold an empty text: how a spell ended is never missing")
        texts.append(text)
    return tuple(dict.fromkeys(texts))
