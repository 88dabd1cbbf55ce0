"""Small pseudonymised extracts, written as text: events in, spells and features out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.register.build import Built, build, build_placements
from ml.register.pseudonymise.manifest import FILE, Pseudonymised

LONG_AGO = date(1990, 1, 1)  # the window of these registers opened before anything in them
TEXT, DAY, NUMBER = pa.string(), pa.date32(), pa.int32()
SCHEMAS = {
    "inputs/employment_codes": {
        "pseudonym": TEXT, "code": TEXT, "start": DAY, "end": DAY, "entered": DAY, "end_entered": DAY,
    },
    "inputs/services": {
        "pseudonym": TEXT, "kind": TEXT, "start": DAY, "end": DAY, "ended": TEXT, "entered": DAY, "end_entered": DAY,
    },
    "inputs/benefits": {
        "pseudonym": TEXT, "kind": TEXT, "start": DAY, "end": DAY, "days_paid": NUMBER, "entered": DAY,
    },
    "inputs/plans": {"pseudonym": TEXT, "kind": TEXT, "date": DAY, "entered": DAY},
    "inputs/jobseekers": {
        "pseudonym": TEXT, "education_level": TEXT, "education_code": TEXT, "occupation": TEXT, "valid_from": DAY,
        "entered": DAY,
    },
    "protected/jobseekers": {
        "pseudonym": TEXT, "age": TEXT, "gender": TEXT, "mother_tongue": TEXT, "citizenship": TEXT,
        "municipality": TEXT, "district": TEXT, "years_in_finland": TEXT, "valid_from": DAY, "entered": DAY,
    },
}  # fmt: skip
NEEDS = {
    "inputs/placements": {"pseudonym": TEXT, "service_entity": TEXT, "date": DAY, "placed_by": TEXT, "entered": DAY},
    "protected/placements": {"pseudonym": TEXT, "date": DAY, "entered": DAY, "integration_plan": TEXT},
    "inputs/abilitator": {
        "pseudonym": TEXT, "date": DAY, "entered": DAY, "work_ability": NUMBER, "daily_life": NUMBER,
        "inclusion": NUMBER, "skills": NUMBER,
    },
}  # fmt: skip
RATINGS = ("work_ability", "daily_life", "inclusion", "skills")
ON_A_BASIS = {f"abilitator.{name}": "an Act" for name in RATINGS}
SCHEMAS_FOR = {"ltu-risk": SCHEMAS, "service-need": SCHEMAS | NEEDS, "planning": SCHEMAS}
SHORT = {
    "employment": "inputs/employment_codes",
    "protected": "protected/jobseekers",
    "plans_then": "protected/placements",
}
SPACED = ("age", "district", "integration_plan")  # whose texts have blanks, written "_" here
HAPPENED = ("start", "date", "valid_from")
Records = list[dict[str, Any]]


def read(text: str, columns: Mapping[str, Any]) -> Records:
    """Return the records of a text table: a header, "-" for nothing.

    What is not said: the person is anna; records and ends were entered on the day on which they happened.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    header, *rows = lines
    return [record(dict(zip(header, row, strict=True)), columns) for row in rows]


def record(given: Mapping[str, str], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return one record with each column typed."""
    said = {"pseudonym": "anna", **given}
    happened = next(said[name] for name in HAPPENED if name in said)
    said.setdefault("entered", happened)
    if "end" in said:
        said.setdefault("end_entered", said["end"])
    texts = {name: said.get(name, "-").replace("_", " " if name in SPACED else "_") for name in columns}
    return {name: None if text == "-" else typed(text, columns[name]) for name, text in texts.items()}


def typed(text: str, kind: Any) -> Any:
    return date.fromisoformat(text) if kind is DAY else int(text) if kind is NUMBER else text


Write = Callable[..., Path]


@pytest.fixture(scope="session")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Return a writer of pseudonymised extracts: as-of date, then tables as text or records, by short name."""

    def write(as_of: str, key: str = "0123456789abcdef", purpose: str = "ltu-risk", **tables: str | Records) -> Path:
        folder = tmp_path_factory.mktemp("register") / "extract"
        for path, columns in SCHEMAS_FOR[purpose].items():
            short = next((short for short, long in SHORT.items() if long == path), path.removeprefix("inputs/"))
            given = tables.get(short, [])
            records = read(given, columns) if isinstance(given, str) else given
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            schema = pa.schema(list(columns.items()))
            pq.write_table(pa.Table.from_pylist(records, schema), folder / f"{path}.parquet")
        said = Pseudonymised(
            date.fromisoformat(as_of), purpose, 5, key, datetime(2020, 1, 1, tzinfo=UTC), "test", "0" * 64,
            ON_A_BASIS if purpose == "service-need" and "abilitator" in tables else {},
        )  # fmt: skip
        (folder / FILE).write_text(said.as_toml(), encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def cohort(extract: Write) -> Callable[..., tuple[Built, Records]]:
    """Return a builder of cohorts from an as-of date and tables: what was built, and the rows of its inputs."""

    def make(as_of: str, **tables: str) -> tuple[Built, Records]:
        folder = extract(as_of, **tables)
        built = build(folder, folder.parent / "cohort", opens=LONG_AGO, settled_days=0, history_years=0)
        return built, pq.read_table(built.folder / "inputs.parquet").to_pylist()

    return make


@pytest.fixture(scope="session")
def looks(cohort: Callable[..., tuple[Built, Records]]) -> Callable[..., Records]:
    """Return a builder of the rows of a cohort from an as-of date and tables."""
    return lambda as_of, **tables: cohort(as_of, **tables)[1]


def _named(text: str, person: str) -> list[str]:
    """Return the records of a text, one a line, as those of a person."""
    return [f"{person} {line.strip()}" for line in text.strip().splitlines()]


@pytest.fixture(scope="session")
def placed(extract: Write) -> Callable[..., Records]:
    """Return a builder of the rows of placements, inputs with protected attributes, from an as-of date and tables."""

    def make(as_of: str, **tables: str | Records) -> Records:
        folder = extract(as_of, purpose="service-need", **tables)
        built = build_placements(folder, folder.parent / "cohort", opens=LONG_AGO, history_years=0)
        inputs, protected = (
            pq.read_table(built.folder / name).to_pylist() for name in ("inputs.parquet", "protected.parquet")
        )
        return [{**one, **other} for one, other in zip(inputs, protected, strict=True)]

    return make


@pytest.fixture(scope="session")
def people() -> Callable[..., str]:
    """Return a maker of one table out of many people's: header, and person → records of that person."""

    def table(header: str, records: Mapping[str, str]) -> str:
        lines = [line for person, text in records.items() for line in _named(text, person.replace(" ", "_"))]
        return "\n".join((f"pseudonym {header}", *lines))

    return table
