"""The [reasons.<name>] tables of the contract: what several inputs tell of together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ml.contracts import Column, Kind, Reason
from ml.register.cohort.declaration.column import read_label
from ml.register.cohort.declaration.toml import Table
from ml.register.wording import listed

KEYS = ("label", "kind")


def with_reasons(root: Table, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns with the reasons that their `reason` names, and of their reason's kind if it says one.

    root  the whole contract: its [reasons] and [columns]
    Raises ContractError: a reason that is declared nowhere or names no column, a column that is no input, members of
    several kinds, a name that is also that of another input, no label.
    """
    reasons, tables = root.table("reasons"), root.table("columns")
    declared = {name: _read(reasons, name) for name in reasons.content}
    told = {
        name: _joined(tables.table(name), column, reasons, declared) if name in tables.content else column
        for name, column in columns.items()
    }
    for name in declared:
        members = [column for column in told.values() if column.reason is not None and column.reason.name == name]
        _check_members(reasons, name, members, told)
    return told


def _read(reasons: Table, name: str) -> Reason:
    if not name or name != name.strip():
        reasons.fail(name, "is no name of a reason: it is empty, or begins or ends with a blank")
    table = reasons.table(name)
    table.only(KEYS)
    label = read_label(table)
    if not label:
        table.fail("label", "is missing: say what people are told")
    return Reason(name, label)


def _joined(table: Table, column: Column, reasons: Table, declared: Mapping[str, Reason]) -> Column:
    name = table.optional_text("reason")
    if name is None:
        return column
    if name not in declared:
        table.fail("reason", f"names no table of [reasons]: declare it; there are: {listed(declared) or 'none'}")
    if not column.in_model:
        table.fail("reason", f"is only for inputs of the model, and the role is {column.role}; leave it out")
    kind = reasons.table(name).choice("kind", list(Kind), column.kind)
    if "kind" in table.content and kind != column.kind:
        table.fail("kind", f"is not that of its reason, {kind}: leave it out, or give the column another reason")
    return replace(column, kind=Kind(kind), reason=declared[name])


def _check_members(reasons: Table, name: str, members: list[Column], columns: Mapping[str, Column]) -> None:
    if not members:
        reasons.fail(name, f'is the reason of no column: write reason = "{name}" in one, or leave it out')
    kinds = {column.kind: column.name for column in members}
    if len(kinds) > 1:
        each = listed(f"{column} is {kind}" for kind, column in kinds.items())
        reasons.fail(name, f"has members of several kinds ({each}): make a reason of each kind")
    namesake = columns.get(name)
    if namesake is not None and namesake.in_model and namesake.reason is not members[0].reason:
        reasons.fail(name, "is also the name of an input that is no member: give the reason another name")
