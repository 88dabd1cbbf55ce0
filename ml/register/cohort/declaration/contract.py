"""The cohort contract: a TOML file that declares every column of a flat file of spells."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

from ml.contracts import CohortContract, Column, ColumnType, Outcome, Role
from ml.errors import ContractError, UsageError
from ml.register.cohort.declaration.column import read_column
from ml.register.cohort.declaration.outcome import exit_type, read_outcome
from ml.register.cohort.declaration.reason import with_reasons
from ml.register.cohort.declaration.toml import Table, read_toml
from ml.register.cohort.values.truth import truth_of
from ml.register.wording import listed, quoted

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def read_contract(path: Path) -> CohortContract:
    """Return the contract that the file declares, every column of the data in it.

    Columns that only [outcome] or [time] name are added in front.
    Raises ContractError, one line: file, table, key, value, what to do.
    """
    root, source = read_toml(path)
    root.only(("cohort", "outcome", "time", "columns", "reasons"))
    cohort, time = root.table("cohort"), root.table("time")
    if "purpose" in cohort.content:
        cohort.fail("purpose", "makes it no cohort of spells; give the folder of one built for ltu-risk")
    cohort.only(("name", "description", "licence", "quality_report"))
    time.only(("start",))
    outcome = read_outcome(root.table("outcome"))
    start = time.text("start") if "time" in root.content else None
    columns = with_reasons(root, _columns(root, outcome, start))
    _check_exit_values(root.table("outcome"), outcome, columns)
    if outcome.entry is not None:
        columns[outcome.entry] = _entry(root.table("outcome"), columns.get(outcome.entry))
    if outcome.rule is not None:
        _number_input(root.table("outcome"), "rule", columns.get(outcome.rule))
    contract = CohortContract(
        name=_name(cohort),
        description=cohort.text("description", ""),
        licence=cohort.text("licence", ""),
        outcome=outcome,
        start=start,
        columns=columns,
        source=source,
        quality_report=cohort.digest("quality_report"),
    )
    _check_whole(root, contract)
    return contract


def renamed(contract: CohortContract, name: str) -> CohortContract:
    """Return the contract under another name. Raises UsageError when it is no slug."""
    if not NAME.fullmatch(name):
        raise UsageError(f"--name {name!r} must be a slug: a-z, 0-9 and -, at most 60, no - in front")
    return replace(contract, name=name)


def _name(cohort: Table) -> str:
    name = cohort.text("name")
    if not NAME.fullmatch(name):
        cohort.fail("name", "must be a slug: a-z, 0-9 and -, at most 60, no - in front")
    return name


def _columns(root: Table, outcome: Outcome, start: str | None) -> dict[str, Column]:
    """Return every column of the data: those named as outcome or time first, if [columns] lacks them."""
    named = _named(root, outcome, start)
    tables = root.table("columns")
    columns = {name: column for name, column in named.items() if name not in tables.content}
    for name in tables.content:
        if not name or name != name.strip():
            tables.fail(name, "is no column name: it is empty, or begins or ends with a blank")
        demanded = named.get(name)
        column = read_column(tables.table(name), name, demanded.role if demanded else None)
        _check_named_type(tables.table(name), column, outcome, start)
        columns[name] = column
    return columns


def _named(root: Table, outcome: Outcome, start: str | None) -> dict[str, Column]:
    """Return the columns that [outcome] and [time] name, as that naming declares them."""
    named = [Column(outcome.duration, ColumnType.NUMBER, Role.OUTCOME)]
    if outcome.exit is not None:
        named.append(Column(outcome.exit, exit_type(root.table("outcome")), Role.OUTCOME))
    if start is not None:
        named.append(Column(start, ColumnType.DATE, Role.TIME))
    by_name = {column.name: column for column in named}
    if len(by_name) < len(named):
        root.table("outcome").fail("duration", "names a column twice: duration, exit and start must differ")
    return by_name


def _check_named_type(table: Table, column: Column, outcome: Outcome, start: str | None) -> None:
    if column.name == outcome.duration and column.type is not ColumnType.NUMBER:
        table.fail("type", "must be number: [outcome] names this column as the duration")
    if column.name == outcome.exit and column.type is ColumnType.DATE:
        table.fail("type", "cannot say how a spell ended: give a number, category or boolean")
    if column.name == start and column.type is not ColumnType.DATE:
        table.fail("type", "must be date (a year alone is a date, too): [time] names this column as the start")


def _check_exit_values(table: Table, outcome: Outcome, columns: dict[str, Column]) -> None:
    """Raise ContractError when a listed value could never occur in the exit column."""
    if outcome.exit is None:
        return
    column = columns[outcome.exit]
    key = "exit_when" if outcome.exit_when else "censored_when"
    for value in outcome.exit_when or outcome.censored_when:
        if not _possible(column, value):
            among = f", one of {listed(column.values)}" if column.values else ""
            table.fail(key, f"holds {quoted(value)}, and column {column.name} is a {column.type}{among}")


def _entry(table: Table, column: Column | None) -> Column:
    """Return the column of the entry, from 0 up; it must be an input, for the model is asked from that day on."""
    column = _number_input(table, "entry", column)
    if column.missing_allowed:
        table.fail("entry", 'may not be missing: leave missing = "allowed" out of the column')
    return replace(column, minimum=max(column.minimum or 0.0, 0.0))


def _number_input(table: Table, key: str, column: Column | None) -> Column:
    if column is None:
        table.fail(key, "names no column of [columns]: declare it")
    if column.type is not ColumnType.NUMBER or column.role is not Role.FEATURE:
        table.fail(key, f'must be a number with role = "feature"; it is a {column.type}, role = "{column.role}"')
    return column


def _possible(column: Column, value: str) -> bool:
    if column.type is ColumnType.NUMBER:
        try:
            return math.isfinite(float(value))
        except ValueError:
            return False
    if column.type is ColumnType.BOOLEAN:
        return truth_of(value) is not None
    return column.values is None or value in column.values


def _check_whole(root: Table, contract: CohortContract) -> None:
    if len(contract.with_role(Role.ID)) > 1:
        names = listed(column.name for column in contract.with_role(Role.ID))
        raise ContractError(f'{root.file}: only one column may have role = "id"; there are: {names}')
    paces = [column.name for column in contract.columns.values() if column.pace]
    if len(paces) > 1:
        raise ContractError(f"{root.file}: only one column may have pace = true; there are: {listed(paces)}")
    if paces and contract.start is None:
        raise ContractError(f"{root.file}: columns.{paces[0]} has pace = true, which needs [time]: days tell of times")
    if not contract.inputs:
        raise ContractError(f'{root.file}: no column has role = "feature": a model needs at least one; declare it')
