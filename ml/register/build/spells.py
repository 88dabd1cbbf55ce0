"""The spells of a register as known on a day, and when its window opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from ml.progress import Say
from ml.register.build.facts import Part, load_fact, load_people
from ml.register.build.source import Source
from ml.register.features.query import sql
from ml.register.outcomes import UNDER_WAY


def find_spells(db: duckdb.DuckDBPyConnection, source: Source, parts: Sequence[Part], as_of: date, say: Say) -> None:
    """Make the table `all_spells`: part, person, start, opening_code, finish, ended."""
    db.execute(
        "CREATE OR REPLACE TEMP TABLE all_spells "
        "(part INTEGER, person BIGINT, start DATE, opening_code VARCHAR, finish DATE, ended VARCHAR)"
    )
    for part in parts:
        say(f"finding spells, part {part.number + 1} of {len(parts)}")
        load_people(db, source, part)
        load_fact(db, source, part, as_of, "employment")
        spells_of_people(db, as_of)
        db.execute(
            "INSERT INTO all_spells SELECT $part, moment, start, opening_code, finish, ended FROM spells",
            {"part": part.number},
        )


def follow_until(db: duckdb.DuckDBPyConnection, last: date) -> int:
    """End the follow-up of `all_spells` on a day; return how many began later, which are left out."""
    began = db.execute("DELETE FROM all_spells WHERE start >= $last RETURNING 1", {"last": last}).fetchall()
    db.execute(
        "UPDATE all_spells SET finish = $last, ended = $under_way WHERE finish > $last",
        {"last": last, "under_way": UNDER_WAY},
    )
    return len(began)


def spells_of_people(db: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Make the table `spells` of everybody in `employment`, as known on a day; `moment` is the person."""
    db.execute(
        "CREATE OR REPLACE TEMP TABLE moments AS "
        "SELECT DISTINCT person AS moment, person, $as_of::DATE AS day, $as_of::DATE + 1 AS bound FROM employment",
        {"as_of": as_of},
    )
    db.execute(sql("records"))
    db.execute(sql("spells"))


def first_end(db: duckdb.DuckDBPyConnection) -> date | None:
    """Return the day on which the first spell of `all_spells` ended, by which the register's window had opened.

    None when no spell has ended: then no day tells, and no spell is left out.
    """
    found = db.execute("SELECT min(finish) FROM all_spells WHERE ended <> $ended", {"ended": UNDER_WAY}).fetchone()
    opens: date | None = found[0] if found else None
    return opens
