"""What becomes of each column of the register for one purpose: where it goes, as what, or why it stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ml.contracts import Role
from ml.errors import UsageError, without_identity_codes
from ml.register.pseudonymise.attributes import ATTRIBUTES, DELIVERED, Attribute
from ml.register.schema import PURPOSES, TABLES, RegisterColumn, Sensitivity, Table
from ml.register.schema.tables.jobseekers import JOBSEEKERS, PLAN_DAYS
from ml.register.schema.tables.placements import PLACEMENTS

INPUTS, PROTECTED, RULE = "inputs", "protected", "rule"
PSEUDONYM = "pseudonym"  # the column that stands in place of the identity code
PLAN = "integration_plan"  # the attribute that placements carry, too: as it was on their day
Special = Sequence[tuple[str, str]]  # (table.column, legal basis)


@dataclass(frozen=True)
class Fate:
    """What becomes of one column of the register.

    delivered  folder → names of what is made of it there; empty when it stays
    reason     why it is delivered, or why it stays
    """

    table: str
    column: str
    delivered: Mapping[str, tuple[str, ...]]
    reason: str


@dataclass(frozen=True)
class Plan:
    """What a purpose receives of the register.

    special     special-category column → legal basis on which it is delivered
    attributes  the recognisable attributes that are generalised
    plan_days   legal basis on which the days of integration plans in force are delivered; None: they are not
    """

    purpose: str
    special: dict[str, str]
    attributes: tuple[Attribute, ...]
    fates: tuple[Fate, ...]
    plan_days: str | None = None

    def columns(self, folder: str, table: Table) -> tuple[str, ...]:
        """Return the columns of a table in a folder besides the pseudonym: key first, so that rows sort by it."""
        made = (fate.delivered.get(folder, ()) for fate in self.fates if fate.table == table.name)
        names = dict.fromkeys(name for each in made for name in each if name != PSEUDONYM)
        first = [name for name in (table.happened, table.entered, *table.key) if name in names]
        return tuple(dict.fromkeys([*first, *names]))


def plan_for(purpose: str, special: Special = (), plan_days: str | None = None) -> Plan:
    """Return what a purpose receives.

    plan_days  legal basis on which the days of integration plans in force are delivered
    Raises UsageError for an unknown purpose, a wrong special column, or days of plans that the purpose may not have.
    """
    if purpose not in PURPOSES:
        raise UsageError(f"purpose {purpose!r} is not declared; choose one of {', '.join(PURPOSES)}")
    named = _named(purpose, special)
    attributes = tuple(attribute for attribute in ATTRIBUTES if attribute.role(purpose) is not None)
    fates = [fate for table in TABLES.values() for fate in _fates(table, purpose, named, attributes)]
    if plan_days is None:
        return Plan(purpose, named, attributes, tuple(fates))
    basis = _basis_of_plan_days(purpose, plan_days)
    return Plan(purpose, named, attributes, tuple(_with_days(fate, basis) for fate in fates), basis)


def _basis_of_plan_days(purpose: str, basis: str) -> str:
    if any(purpose not in JOBSEEKERS[name].roles for name in PLAN_DAYS):
        raise UsageError(f"integration plans are not for the purpose {purpose}; no legal basis changes that")
    if not basis.strip():
        raise UsageError("the days of integration plans are exact: give the legal basis on which they are delivered")
    return without_identity_codes(" ".join(basis.split()))


def _with_days(fate: Fate, basis: str) -> Fate:
    """Return the fate of a column with what is delivered of it for the rule."""
    if fate.table != JOBSEEKERS.name or fate.column not in PLAN_DAYS:
        return fate
    reason = f"{fate.reason}; of plans in force the day itself, for the rule of the integration entity, on: {basis}"
    return replace(fate, delivered={**fate.delivered, RULE: (fate.column,)}, reason=reason)


def _named(purpose: str, special: Special) -> dict[str, str]:
    """Return the special-category columns that are named with a legal basis."""
    named: dict[str, str] = {}
    for name, basis in special:
        table, _, column = name.partition(".")
        if table not in TABLES or column not in TABLES[table].names:
            raise UsageError(f"special column {name!r} is not declared; name it as table.column")
        declared = TABLES[table][column]
        if declared.sensitivity is not Sensitivity.SPECIAL_CATEGORY:
            raise UsageError(f"{name} is no special category; it needs no legal basis of its own")
        if purpose not in declared.roles:
            raise UsageError(f"{name} is not for the purpose {purpose}; no legal basis changes that")
        if not basis.strip():
            raise UsageError(f"{name} is a special category (GDPR 9): give the legal basis on which it is delivered")
        if name in named:
            raise UsageError(f"{name} is named twice; give one legal basis")
        named[name] = without_identity_codes(" ".join(basis.split()))
    return named


def _fates(table: Table, purpose: str, named: dict[str, str], attributes: Sequence[Attribute]) -> list[Fate]:
    """Return what becomes of a table's columns; its days go wherever something else of it goes."""
    others = [_fate(table, column, purpose, named, attributes) for column in table.columns]
    folders = [folder for folder in (INPUTS, PROTECTED) if any(folder in fate.delivered for fate in others)]
    if table is PLACEMENTS and folders and any(each.name == PLAN for each in attributes):
        folders.append(PROTECTED)
    fates = []
    for column, fate in zip(table.columns, others, strict=True):
        if column.roles.get(purpose) is Role.ID:
            says = dict.fromkeys(folders, (PSEUDONYM,))
            fate = Fate(table.name, column.name, says, "identifies: a pseudonym stands in its place")
        elif column.roles.get(purpose) is Role.TIME:
            days: dict[str, tuple[str, ...]] = dict.fromkeys(folders, (column.name,))
            why = "days are exact: durations are learnt from them" if days else "nothing else of the table is delivered"
            fate = Fate(table.name, column.name, days, why)
            if table is PLACEMENTS and column.name == table.happened and PROTECTED in days:
                days[PROTECTED] = (column.name, PLAN)
                fate = Fate(table.name, column.name, days, f"{why}; the rule asks for a plan in force on that day")
        fates.append(fate)
    return fates


def _fate(
    table: Table, column: RegisterColumn, purpose: str, named: dict[str, str], attributes: Iterable[Attribute]
) -> Fate:
    """Return what becomes of a column that is neither identifier nor day."""
    role, name = column.roles.get(purpose), f"{table.name}.{column.name}"
    stays = Fate(table.name, column.name, {}, "not for this purpose")
    if role is None or role in (Role.ID, Role.TIME):
        return stays
    folder = PROTECTED if role is Role.PROTECTED else INPUTS
    if column.sensitivity is Sensitivity.SPECIAL_CATEGORY:
        if name not in named:
            return Fate(table.name, column.name, {}, "special category (GDPR 9): no legal basis was named")
        return Fate(table.name, column.name, {folder: (column.name,)}, f"special category, on: {named[name]}")
    if column.sensitivity not in DELIVERED:
        return Fate(table.name, column.name, {folder: (column.name,)}, "for this purpose")
    made = tuple(each.name for each in attributes if table is JOBSEEKERS and column.name in each.sources)
    if not made:
        return Fate(table.name, column.name, {}, "recognisable, and no generalisation is declared")
    return Fate(table.name, column.name, {folder: made}, "recognisable: generalised until k people share it")
