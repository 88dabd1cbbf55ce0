"""The looks of two cohorts side by side: which numbers differ, and which only for want of detail."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from ml.errors import DataError
from ml.register.cohort.folder import INPUTS, KEYS
from ml.register.features import FEATURES, PACE

OUTCOMES = ("duration_days", "ended")
COMPARED = (*(feature.name for feature in (*FEATURES, PACE)), *OUTCOMES)
GENERALISED = ("education", "occupation_group")  # made from columns that k-anonymity may suppress
ROW = "row"  # stands for a look that only one of the two cohorts has


def pair(db: duckdb.DuckDBPyConnection, name: str, left: Path, right: Path, since: date | None = None) -> None:
    """Make a table of the looks of two cohort folders, those from the day `since` on.

    Its columns: pseudonym, start, landmark_months, look; differs, the names of the columns whose values differ or
    ROW; generalised, the names of those whose value one of the two lacks though it has the look.

    Raises DataError when a folder has no inputs.
    """
    differs = [f'CASE WHEN here."{column}" IS DISTINCT FROM there."{column}" AND {_told(column)} THEN \'{column}\' END'
               for column in COMPARED]  # fmt: skip
    generalised = [f"CASE WHEN NOT ({_told(column)}) THEN '{column}' END" for column in GENERALISED]
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {name} AS
        WITH joined AS (
            SELECT *, start + coalesce(here.days_unemployed, there.days_unemployed)::INTEGER AS look,
                here IS NOT NULL AND there IS NOT NULL AS in_both
            FROM {_inputs(left, "here")} FULL JOIN {_inputs(right, "there")} USING ({", ".join(KEYS)})
        )
        SELECT {", ".join(KEYS)}, look,
            CASE WHEN in_both THEN {_filled(differs)} ELSE ['{ROW}'] END AS differs,
            CASE WHEN in_both THEN {_filled(generalised)} ELSE [] END AS generalised
        FROM joined
        WHERE $since::DATE IS NULL OR look >= $since
        """,  # noqa: S608
        {"since": since},
    )


def counts(db: duckdb.DuckDBPyConnection, name: str, column: str) -> dict[str, int]:
    """Return name → looks, of `differs` or `generalised` of a table of pairs."""
    found = db.execute(f"SELECT unnest({column}) AS name, count(*) FROM {name} GROUP BY name ORDER BY name").fetchall()  # noqa: S608
    return dict(found)


def _told(column: str) -> str:
    """Return whether a difference tells something: not where one of the two lacks a value that may be suppressed."""
    if column not in GENERALISED:
        return "TRUE"
    return f'(here."{column}" IS NULL) = (there."{column}" IS NULL)'


def _filled(names: list[str]) -> str:
    return f"list_filter([{', '.join(names)}], lambda name: name IS NOT NULL)"


def _inputs(folder: Path, side: str) -> str:
    path = folder / INPUTS
    if not path.is_file():
        raise DataError(f"{path}: does not exist; build the cohort with apualy register build")
    columns = ", ".join(f'"{column}" := "{column}"' for column in COMPARED)
    file = str(path).replace("'", "''")
    return f"(SELECT {', '.join(KEYS)}, struct_pack({columns}) AS {side} FROM read_parquet('{file}'))"  # noqa: S608
