"""The declaration of a cohort of service needs, of planning or of those unemployed now: its name, day and columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ml.contracts import Column, Role
from ml.errors import ContractError, DataError
from ml.register.cohort.declaration.column import read_column
from ml.register.cohort.declaration.reason import with_reasons
from ml.register.cohort.declaration.toml import Table, read_toml
from ml.register.cohort.folder import CONTRACT, CURRENT

MADE_BY = {CONTRACT: "apualy register build", CURRENT: "apualy register build --current"}
AGAIN = f"build the cohort again with {MADE_BY[CONTRACT]}"


@dataclass(frozen=True)
class Declared:
    """What a cohort says of itself.

    source          the declaration as read
    quality_report  digest of the data-quality report of the register's intake; empty when it is not known
    key             fingerprint of the key of the pseudonyms; empty when it does not say
    """

    name: str
    as_of: date
    columns: dict[str, Column]
    source: str
    quality_report: str = ""
    key: str = ""

    def with_role(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of one role, in the declaration's order."""
        return tuple(column for column in self.columns.values() if column.role is role)


def read_declared(folder: Path, purpose: str, file: str = CONTRACT) -> Declared:
    """Return the declaration of a cohort folder of that purpose.

    file  its name in the folder
    Raises DataError, one line: no such folder, a declaration that is damaged or of another purpose.
    """
    path = folder / file
    if not path.is_file():
        raise DataError(f"{folder}: there is no cohort ({file} is missing); make it with {MADE_BY[file]}")
    try:
        return _read(path, folder, purpose)
    except ContractError as error:
        raise DataError(f"{folder}: {error}; build the cohort again with {MADE_BY[file]}") from None


def _read(path: Path, folder: Path, purpose: str) -> Declared:
    root, source = read_toml(path)
    cohort = root.table("cohort")
    found = cohort.content.get("purpose", "ltu-risk")  # a cohort of spells does not say
    if found != purpose:
        raise DataError(f"{folder}: is a cohort for {found}, not for {purpose}; give the folder of one for {purpose}")
    root.only(("cohort", "time", "columns", "reasons"))
    cohort.only(("name", "purpose", "as_of", "description", "licence", "quality_report", "key"))
    as_of = cohort.content.get("as_of")
    if type(as_of) is not date:
        cohort.fail("as_of", "must be a day like 2020-01-31")
    day = root.table("time").optional_text("start")
    tables = root.table("columns")
    columns = {name: _column(tables, name, day) for name in tables.content}
    quality = cohort.digest("quality_report")
    key = cohort.optional_text("key") or ""
    return Declared(cohort.text("name"), as_of, with_reasons(root, columns), source, quality, key)


def _column(tables: Table, name: str, day: str | None) -> Column:
    return read_column(tables.table(name), name, Role.TIME if name == day else None)
