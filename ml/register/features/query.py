"""The SQL of the features: read from its files, windows written out, run on a connection."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import duckdb

from ml.contracts import ColumnType
from ml.register.features.catalogue import FEATURES, WINDOWS
from ml.register.features.catalogue.abilitator import ABILITATOR
from ml.register.features.feature import Feature
from ml.register.outcomes import LATEST_LOOK_DAYS, TOLERATED_DAYS

LANDMARKS = ((0, 0), (3, 91), (6, 182))  # months since registration, and in days, as horizons are
SUBJECTS: tuple[str, ...] = ("history", "person", "benefits", "services", "plans")
STORED = {ColumnType.NUMBER: "DOUBLE", ColumnType.CATEGORY: "VARCHAR", ColumnType.BOOLEAN: "BOOLEAN"}
TABLES: tuple[str, ...] = ("history", "person_facts", "benefit_facts", "service_facts", "plan_facts")


@cache
def sql(name: str) -> str:
    """Return the statements of sql/<name>.sql: a line that holds {years} stands once for each window."""
    text = files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    lines = (_for_windows(line) if "{years}" in line else line for line in text.splitlines())
    fixed = {"{tolerated}": TOLERATED_DAYS, "{latest}": LATEST_LOOK_DAYS, "{landmarks}": ", ".join(map(str, LANDMARKS))}
    whole = "\n".join(lines)
    for mark, value in fixed.items():
        whole = whole.replace(mark, str(value))
    return whole


def _for_windows(line: str) -> str:
    """Return an expression of a list once for each window, parted by commas."""
    between = "\n" if line.endswith(",") else ",\n"
    return between.join(line.replace("{years}", str(years)) for years in WINDOWS)


def compute(db: duckdb.DuckDBPyConnection, features: Sequence[Feature] = FEATURES) -> None:
    """Make the table `features` from `looks` and the facts of the connection: one row a look, named by `moment`.

    Nothing else of the connection is read: what a feature may know stands in these tables. Self-ratings are read only
    when one of their features is asked for.
    """
    db.execute(sql("macros"))
    db.execute("CREATE OR REPLACE TEMP TABLE moments AS SELECT moment, person, look AS day, start AS bound FROM looks")
    subjects, tables = SUBJECTS, TABLES
    if rates(features):
        subjects, tables = (*subjects, "abilitator"), (*tables, "ability_facts")
    for name in ("records", "spells", *subjects):
        db.execute(sql(name))
    columns = ", ".join(f"{feature.name}::{STORED[feature.type]} AS {feature.name}" for feature in features)
    first, *others = tables
    joined = " ".join((first, *(f"JOIN {table} USING (moment)" for table in others)))
    db.execute(f"CREATE OR REPLACE TEMP TABLE features AS SELECT moment, {columns} FROM {joined}")  # noqa: S608


def rates(features: Sequence[Feature]) -> bool:
    """Return whether self-ratings are among the features."""
    return any(feature in ABILITATOR for feature in features)
