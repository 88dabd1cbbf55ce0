"""The frames of the output: of each table what models may learn from, apart what the audit and the rule may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from ml.errors import DataError
from ml.register.extract import Extract
from ml.register.pseudonymise.in_force import plans_in_force
from ml.register.pseudonymise.people import People
from ml.register.pseudonymise.placed import plans_at_placements
from ml.register.pseudonymise.plan import INPUTS, PLAN, PROTECTED, PSEUDONYM, RULE, Plan
from ml.register.pseudonymise.seekers import Seekers
from ml.register.schema import TABLES, Table
from ml.register.schema.tables.jobseekers import JOBSEEKERS
from ml.register.schema.tables.placements import PLACEMENTS


def frames(extract: Extract, plan: Plan, people: People, seekers: Seekers) -> Iterator[tuple[str, Table, Any]]:
    """Yield folder, table and rows in any order, one frame after the other; those without columns are left out."""
    for table in TABLES.values():
        wanted = {folder: plan.columns(folder, table) for folder in (INPUTS, PROTECTED)}
        if not any(wanted.values()):
            continue
        rows = table_of(extract, table)
        made = seekers.columns() if table is JOBSEEKERS else {}
        persons = seekers.persons if table is JOBSEEKERS else people.numbers(table.name, rows.column("identity_code"))
        if table is PLACEMENTS and PLAN in wanted[PROTECTED]:
            made[PLAN] = plans_at_placements(table_of(extract, JOBSEEKERS), seekers, rows.column("date"), persons)
        made[PSEUDONYM] = people.pseudonym_column(persons)
        for folder, names in wanted.items():
            if names:
                yield folder, table, _frame(rows, made, (PSEUDONYM, *names))
    if plan.plan_days is not None:
        persons, days = plans_in_force(table_of(extract, JOBSEEKERS), seekers.persons, extract.manifest.as_of)
        yield RULE, JOBSEEKERS, days.add_column(0, PSEUDONYM, people.pseudonym_column(persons))


def table_of(extract: Extract, table: Table) -> Any:
    """Return a table of the extract. Raises DataError when the extract lacks it."""
    if table.name not in extract.tables:
        raise DataError(f"{table.name}: the extract lacks the table; run apualy register intake")
    return extract.tables[table.name]


def _frame(rows: Any, made: dict[str, Any], names: tuple[str, ...]) -> Any:
    return pa.table({name: made[name] if name in made else rows.column(name) for name in names})
