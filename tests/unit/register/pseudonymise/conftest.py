"""Small raw extracts of people who do not exist, made as Arrow tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ml.pseudonym import MasterKey
from ml.register.extract import Extract, Manifest, arrow_schema
from ml.register.schema import TABLES

AS_OF = date(2020, 1, 31)
MADE_AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MakeExtract = Callable[..., Extract]
Row = Mapping[str, Any]


def identity_code(number: int) -> str:
    """Return the identity code of an artificial person; each of the first 90,000 numbers gives another."""
    born = date(1950, 1, 1) + timedelta(days=number % 9000)
    digits = f"{born:%d%m%y}{900 + number // 9000 % 10}"
    return f"{digits[:6]}-{digits[6:]}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(digits) % 31]}"


SEEKER = {
    "birth_date": date(1985, 7, 14),
    "gender": "1",
    "mother_tongue": "fi",
    "citizenship": "FI",
    "municipality": "091",
    "postal_code": "00530",
    "education_level": "3",
    "education_code": "3512",
    "occupation": "512",
    "arrived_in_finland": None,
    "integration_plan_start": None,
    "integration_plan_end": None,
    "work_ability_limited": True,
    "valid_from": date(2018, 3, 5),
    "entered": date(2018, 3, 6),
}
OTHERS: dict[str, Row] = {
    "employment_codes": {"code": "02", "start": date(2019, 1, 7), "entered": date(2019, 1, 8)},
    "services": {"kind": "training", "start": date(2019, 2, 4), "entered": date(2019, 2, 5)},
    "benefits": {"kind": "basic_allowance", "start": date(2019, 3, 1), "end": date(2019, 3, 31), "days_paid": 21,
                 "entered": date(2019, 4, 1)},
    "plans": {"kind": "interview", "date": date(2019, 5, 6), "entered": date(2019, 5, 6)},
    "abilitator": {"date": date(2019, 6, 3), "work_ability": 7, "health": 6, "entered": date(2019, 6, 3)},
    "placements": {"service_entity": "skills", "date": date(2019, 7, 1), "placed_by": "rule",
                   "entered": date(2019, 7, 2)},
}  # fmt: skip


def make_extract(seekers: Sequence[Row], *, others: Mapping[str, Sequence[Row]] | None = None) -> Extract:
    """Return an extract with a row of jobseekers for each mapping; "person" tells whose, all else has a default.

    Each person has one record in each other table unless `others` gives the rows of a table.
    """
    seekers = [{"person": number, **row} for number, row in enumerate(seekers)]
    people = sorted({row["person"] for row in seekers})
    rows = {"jobseekers": [{**SEEKER, **row} for row in seekers]}
    for name, record in OTHERS.items():
        rows[name] = [{"person": person, **record} for person in people]
    rows |= {name: list(given) for name, given in (others or {}).items()}
    tables = {}
    for name, table in TABLES.items():
        content = [
            {column: row.get(column) for column in table.names} | {"identity_code": identity_code(row["person"])}
            for row in rows[name]
        ]
        tables[name] = pa.Table.from_pylist(content, schema=arrow_schema(table))
    return Extract(tables, Manifest(AS_OF, "made for a test"))


@pytest.fixture(name="make_extract")
def _make_extract() -> MakeExtract:
    return make_extract


@pytest.fixture(name="identity_code")
def _identity_code() -> Callable[[int], str]:
    return identity_code


@pytest.fixture
def varied() -> Extract:
    """Return an extract of 60 people who differ in everything, ten of them with a second version of their facts."""
    seekers = [
        {
            "person": number,
            "birth_date": date(1957 + number % 43, 1 + number % 12, 1 + number % 28),
            "gender": "12"[number % 2],
            "mother_tongue": ("fi", "fi", "sv", "ru", "so", "se")[number % 6],
            "citizenship": ("FI", "FI", "EE", "SO")[number % 4],
            "municipality": "049" if number % 10 == 0 else "091",
            "postal_code": "02100" if number % 10 == 0 else ("00530", "00100", "00980")[number % 3],
            "education_level": ("1", "3", "6", None)[number % 4],
            "education_code": ("1000", "3512", "6411", None)[number % 4],
            "occupation": ("512", "522", "911", "251", None)[number % 5],
            "arrived_in_finland": date(2010 + number % 10, 5, 17) if number % 6 > 2 else None,
            "integration_plan_start": date(2017 + number % 3, 9, 13) if number % 6 == 4 else None,
            "integration_plan_end": date(2020, 9, 12) if number % 6 == 4 else None,
            "work_ability_limited": number % 7 == 0,
        }
        for number in range(60)
    ]
    second = [{**seekers[n], "occupation": "962", "valid_from": date(2019, 8, 8), "entered": date(2019, 8, 9)}
              for n in range(0, 60, 6)]  # fmt: skip
    return make_extract([*seekers, *second])


@pytest.fixture
def key() -> MasterKey:
    return MasterKey(bytes(range(32)))


@pytest.fixture
def other_key() -> MasterKey:
    return MasterKey(bytes(range(1, 33)))


@pytest.fixture
def made_at() -> datetime:
    return MADE_AT


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
