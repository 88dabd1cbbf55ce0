"""Records that were entered late: they had happened by a day, and were written down only after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from ml.register.build.source import FACTS, Source
from ml.register.schema import TABLES

MOST_LISTED = 1000


@dataclass(frozen=True)
class Late:
    """A record entered late, or one whose end was.

    person  the first eight characters of the pseudonym
    """

    table: str
    person: str
    happened: str
    entered: str


def find_late(db: duckdb.DuckDBPyConnection, source: Source, as_of: date) -> None:
    """Make the table `late` (name, pseudonym, happened, entered) of an extract."""
    queries = []
    for name in FACTS:
        table = TABLES[name]
        pairs = [(table.happened, table.entered)]
        if table.end and table.end_entered:
            pairs.append((table.end, table.end_entered))
        queries += [
            f'SELECT \'{name}\' AS name, pseudonym, "{happened}" AS happened, "{entered}" AS entered '  # noqa: S608
            f"FROM read_parquet({source.path(f'inputs/{name}.parquet')}) "
            f"WHERE \"{happened}\" <= DATE '{as_of}' AND \"{entered}\" > DATE '{as_of}'"
            for happened, entered in pairs
        ]
    db.execute(f"CREATE OR REPLACE TEMP TABLE late AS {' UNION ALL '.join(queries)}")


def counted(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return table → late records."""
    return dict(db.execute("SELECT name, count(*) FROM late GROUP BY name ORDER BY name").fetchall())


def listed(db: duckdb.DuckDBPyConnection) -> tuple[Late, ...]:
    """Return the first late records, by table, person and day."""
    found = db.execute(
        "SELECT name, left(pseudonym, 8) AS person, happened::VARCHAR, entered::VARCHAR FROM late "
        "ORDER BY name, person, happened, entered LIMIT $most",
        {"most": MOST_LISTED},
    ).fetchall()
    return tuple(Late(*record) for record in found)
