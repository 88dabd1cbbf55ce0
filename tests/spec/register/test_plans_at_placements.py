"""Whether an integration plan was in force on the day of a placement: versions of a person's facts in, one text out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.pseudonym import MasterKey
from ml.register.extract import Extract, Manifest, arrow_schema
from ml.register.pseudonymise import pseudonymise
from ml.register.schema import TABLES

SEEKER = {
    "birth_date": date(1985, 7, 14), "gender": "1", "mother_tongue": "so", "citizenship": "SO", "municipality": "091",
    "postal_code": "00530", "education_level": "3", "education_code": "3512", "occupation": "512",
}  # fmt: skip
PLACED = date(2019, 7, 1)

# versions of the facts (valid from, entered, plan from, plan until) → what the placement of 1 July 2019 says
CASES = {
    "in force": (["2019-02-01 2019-02-02 2019-02-01 2021-01-31"], "in force"),
    "begins on the day": (["2019-06-01 2019-06-02 2019-07-01 2021-01-31"], "in force"),
    "begins on the day after": (["2019-06-01 2019-06-02 2019-07-02 2021-01-31"], "not in force"),
    "ends on the day": (["2019-02-01 2019-02-02 2017-07-01 2019-07-01"], "in force"),
    "ended on the day before": (["2019-02-01 2019-02-02 2017-07-01 2019-06-30"], "not in force"),
    "without an end": (["2019-02-01 2019-02-02 2019-02-01 -"], "in force"),
    "no plan": (["2019-02-01 2019-02-02 - -"], "not in force"),
    "entered on the day of the placement": (["2019-06-01 2019-07-01 2019-02-01 2021-01-31"], "not in force"),
    "entered on the day before": (["2019-06-01 2019-06-30 2019-02-01 2021-01-31"], "in force"),
    "a version that did not hold yet": (["2019-07-01 2019-06-30 2019-02-01 2021-01-31"], "not in force"),
    "the latest version counts": (
        ["2018-02-01 2018-02-02 - -", "2019-02-01 2019-02-02 2019-02-01 2021-01-31"],
        "in force",
    ),
    "a plan that was taken back": (
        ["2018-02-01 2018-02-02 2018-02-01 2021-01-31", "2019-02-01 2019-02-02 2018-02-01 2019-03-31"],
        "not in force",
    ),
    "corrected after the placement": (
        ["2019-02-01 2019-02-02 - -", "2019-02-02 2019-08-02 2019-02-01 2021-01-31"],
        "not in force",
    ),
}


def _extract(versions: Sequence[str], people: int) -> Extract:
    """Return an extract of people who all have these versions, a placement and a spell each."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for number in range(people):
        code = f"1407859{number:02d}0"
        who = {"identity_code": f"{code[:6]}-{code[6:9]}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(code[:9]) % 31]}"}
        for version in versions:
            since, entered, first, last = (
                None if text == "-" else date.fromisoformat(text) for text in version.split()
            )
            plan = {"integration_plan_start": first, "integration_plan_end": last}
            rows["jobseekers"].append({**who, **SEEKER, **plan, "valid_from": since, "entered": entered})
        rows["employment_codes"].append({**who, "code": "02", "start": PLACED, "entered": PLACED})
        placed = {"service_entity": "skills", "date": PLACED, "placed_by": "caseworker", "entered": PLACED}
        rows["placements"].append({**who, **placed})
    tables = {
        name: pa.Table.from_pylist(
            [{column: row.get(column) for column in table.names} for row in rows[name]], arrow_schema(table)
        )
        for name, table in TABLES.items()
    }
    return Extract(tables, Manifest(date(2020, 1, 31), "made for a test"))


def _told(tmp_path: Path, versions: Sequence[str], people: int = 5) -> list[str]:
    pseudonymise(_extract(versions, people), tmp_path / "out", "service-need", MasterKey(bytes(range(32))),
                 made_at=datetime(2026, 1, 1, tzinfo=UTC), say=lambda _: None)  # fmt: skip
    rows = pq.read_table(tmp_path / "out/protected/placements.parquet")
    assert rows.column_names == ["pseudonym", "date", "entered", "integration_plan"]
    return [str(text) for text in rows["integration_plan"].to_pylist()]


@pytest.mark.parametrize("case", CASES)
def test_a_plan_counts_that_was_known_the_day_before_and_is_in_force_on_the_day(tmp_path: Path, case: str) -> None:
    versions, expected = CASES[case]
    assert _told(tmp_path, versions) == [expected] * 5


def test_who_is_recognisable_by_a_plan_keeps_it_here_too(tmp_path: Path) -> None:
    """One of ten people has a plan: k-anonymity suppresses it among jobseekers, and so it is suppressed here."""
    extract = _extract(["2019-02-01 2019-02-02 - -"], 10)
    seekers = extract.tables["jobseekers"].to_pylist()
    seekers[0] |= {"integration_plan_start": date(2019, 2, 1), "integration_plan_end": date(2021, 1, 31)}
    seekers = pa.Table.from_pylist(seekers, arrow_schema(TABLES["jobseekers"]))
    extract = Extract({**extract.tables, "jobseekers": seekers}, extract.manifest)
    pseudonymise(extract, tmp_path / "out", "service-need", MasterKey(bytes(range(32))),
                 made_at=datetime(2026, 1, 1, tzinfo=UTC), say=lambda _: None)  # fmt: skip
    of = pq.read_table(tmp_path / "out/protected/jobseekers.parquet").to_pylist()
    hidden = {row["pseudonym"] for row in of if row["integration_plan"] == "*"}
    told = pq.read_table(tmp_path / "out/protected/placements.parquet").to_pylist()
    assert len(hidden) >= 5
    assert {row["pseudonym"]: row["integration_plan"] for row in told} == {
        row["pseudonym"]: "*" if row["pseudonym"] in hidden else "not in force" for row in of
    }
