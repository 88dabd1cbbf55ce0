"""The facts of some of the people of an extract, in DuckDB, as they were known on a day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ml.register.build.source import ABILITATOR, OPTIONAL, PLACED, PLANS_THEN, PROTECTED, Source
from ml.register.duck import open_database
from ml.register.features.catalogue.abilitator import RATED

MEMORY = "3GB"  # beyond that DuckDB works on disk
RECORDS_TOGETHER = 1_500_000  # employment records of one part of the people

# table → what the SQL of the features sees of it; ends and endings are known from the day they were entered
KNOWN = {
    "employment": ("employment_codes", 'code, start, {end} AS "end", entered, {end_entered} AS end_entered', "start"),
    "services": (
        "services",
        'kind, start, {end} AS "end", {ended} AS ended, entered, {end_entered} AS end_entered',
        "start",
    ),
    "benefits": ("benefits", 'kind, start, "end", days_paid, entered', "start"),
    "plans": ("plans", "kind, date, entered", "date"),
    "jobseekers": ("jobseekers", "education_level, occupation, valid_from, entered", "valid_from"),
}
EMPTY = {"plans": "person BIGINT, kind VARCHAR, date DATE, entered DATE"}  # tables that some purpose never receives


@dataclass(frozen=True)
class Part:
    """A stretch of pseudonyms, both ends in it. Pseudonyms are keyed hashes, so a stretch is a sample of people."""

    number: int
    first: str
    last: str


@contextmanager
def database(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a DuckDB in memory that spills into `scratch` and uses all cores."""
    db = open_database(memory_limit=MEMORY, temp_directory=str(scratch), threads=os.cpu_count() or 1)
    try:
        yield db
    finally:
        db.close()


def parts_of(db: duckdb.DuckDBPyConnection, source: Source, together: int = RECORDS_TOGETHER) -> list[Part]:
    """Return stretches of pseudonyms that hold about `together` employment records each, all people in one of them."""
    found = db.execute(
        f"""
        WITH people AS (
            SELECT pseudonym, count(*) AS records
            FROM read_parquet({source.path("inputs/employment_codes.parquet")}) GROUP BY pseudonym
        ), running AS (
            SELECT pseudonym, (sum(records) OVER (ORDER BY pseudonym) - records) // $together AS part FROM people
        )
        SELECT min(pseudonym), max(pseudonym) FROM running GROUP BY part ORDER BY 1
        """,  # noqa: S608
        {"together": together},
    ).fetchall()
    return [Part(number, first, last) for number, (first, last) in enumerate(found)]


def load_people(db: duckdb.DuckDBPyConnection, source: Source, part: Part) -> None:
    """Make `people` (person, pseudonym): numbers that rise with the pseudonym."""
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE people AS
        SELECT row_number() OVER (ORDER BY pseudonym) AS person, pseudonym
        FROM (SELECT DISTINCT pseudonym FROM read_parquet({source.path("inputs/employment_codes.parquet")})
              WHERE pseudonym BETWEEN $first AND $last)
        """,  # noqa: S608
        {"first": part.first, "last": part.last},
    )


def load_fact(db: duckdb.DuckDBPyConnection, source: Source, part: Part, as_of: date, name: str) -> None:
    """Make one of the tables of KNOWN: what had been entered and had happened on the as-of date.

    What the purpose does not receive is not there: a table without rows, a column without values.
    """
    table, columns, happened = KNOWN[name]
    delivered = source.files.get(f"inputs/{table}.parquet", ())
    if not delivered:
        db.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({EMPTY[name]})")
        return
    known = {
        column: f'CASE WHEN end_entered <= $as_of THEN "{column}" END' if column in delivered else "NULL::VARCHAR"
        for column in ("end", "ended", "end_entered")
    }
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        SELECT person, {columns.format(**known)}
        FROM read_parquet({source.path(f"inputs/{table}.parquet")}) JOIN people USING (pseudonym)
        WHERE pseudonym BETWEEN $first AND $last AND entered <= $as_of AND {happened} <= $as_of
        """,  # noqa: S608
        {"first": part.first, "last": part.last, "as_of": as_of},
    )


def load_protected(db: duckdb.DuckDBPyConnection, source: Source, part: Part) -> None:
    """Make `protected`: the attributes of the audit, every version of them."""
    optional = OPTIONAL if source.special else "NULL"
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE protected AS
        SELECT person, age, gender, mother_tongue, citizenship, district, years_in_finland,
            {optional}::VARCHAR AS {OPTIONAL}, valid_from, entered
        FROM read_parquet({source.path(PROTECTED)}) JOIN people USING (pseudonym)
        WHERE pseudonym BETWEEN $first AND $last
        """,  # noqa: S608
        {"first": part.first, "last": part.last},
    )


def load_ratings(db: duckdb.DuckDBPyConnection, source: Source, part: Part, as_of: date) -> None:
    """Make `abilitator`: self-ratings entered by the as-of date; a side of life that was not delivered is NULL."""
    delivered = source.files[ABILITATOR]
    ratings = ", ".join(f"{name if name in delivered else 'NULL'}::INTEGER AS {name}" for name in RATED)
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE abilitator AS
        SELECT person, date, entered, {ratings}
        FROM read_parquet({source.path(ABILITATOR)}) JOIN people USING (pseudonym)
        WHERE pseudonym BETWEEN $first AND $last AND entered <= $as_of AND date <= $as_of
        """,  # noqa: S608
        {"first": part.first, "last": part.last, "as_of": as_of},
    )


def load_placements(db: duckdb.DuckDBPyConnection, source: Source, part: Part, as_of: date) -> None:
    """Make `placed` (person, day, service_entity, placed_by, integration_plan): what was entered by the as-of date."""
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE placed AS
        SELECT person, placement.date AS day, service_entity, placed_by, integration_plan
        FROM read_parquet({source.path(PLACED)}) AS placement
        JOIN read_parquet({source.path(PLANS_THEN)}) AS plan USING (pseudonym, date)
        JOIN people USING (pseudonym)
        WHERE pseudonym BETWEEN $first AND $last AND placement.entered <= $as_of AND placement.date <= $as_of
        """,  # noqa: S608
        {"first": part.first, "last": part.last, "as_of": as_of},
    )
