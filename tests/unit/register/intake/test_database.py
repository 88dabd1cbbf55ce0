"""A database through SQLAlchemy: SQLite here, PostgreSQL among the functional tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ml.errors import DataError, UsageError
from ml.progress import silent
from ml.register.intake import read_extract, source_of, take_in
from ml.register.schema import TABLES

AS_OF = date(2020, 1, 31)


@pytest.fixture
def database(valid: Path, tmp_path: Path) -> Path:
    """Return a database with the valid register: days as ISO text, numbers as numbers, truth as 0 and 1."""
    path = tmp_path / "ura.db"
    with closing(sqlite3.connect(path)) as made, made:
        for name, table in read_extract(valid, None, silent).tables.items():
            made.execute(f"CREATE TABLE {name} ({', '.join(table.column_names)})")
            rows = [
                [value.isoformat() if isinstance(value, date) else value for value in row.values()]
                for row in table.to_pylist()
            ]
            made.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * table.num_columns)})", rows)
        made.execute("CREATE TABLE something_else (a)")
    return path


def _run(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as opened, opened:
        for statement in statements:
            opened.execute(statement)


def test_says_the_same_as_the_files(database: Path, valid: Path) -> None:
    taken = take_in(source_of(f"sqlite:///{database}"), AS_OF, False, silent)
    expected = read_extract(valid, None, silent)
    assert all(taken.extract.tables[name].equals(expected.tables[name]) for name in TABLES)
    assert taken.extract.manifest.as_of == AS_OF
    assert {table.digest for table in taken.quality.tables} == {None}


def test_without_a_day_the_last_entry_is_it(database: Path) -> None:
    taken = take_in(source_of(f"sqlite:///{database}"), None, False, silent)
    assert taken.extract.manifest.as_of == date(2020, 1, 20)


def test_an_empty_table_is_empty(database: Path) -> None:
    _run(database, "DELETE FROM services")
    assert take_in(source_of(f"sqlite:///{database}"), AS_OF, False, silent).extract.tables["services"].num_rows == 0


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TABLE plans", "lacks the tables plans; name their schema with --schema"),
        ("ALTER TABLE plans DROP COLUMN kind", "table plans: lacks kind."),
        ("ALTER TABLE plans ADD COLUMN name", "table plans: has undeclared name."),
        ("UPDATE plans SET kind = x'00'", "holds bytes where text, numbers or dates belong"),
        (
            "UPDATE benefits SET days_paid = 1.5 WHERE days_paid = 22",
            "'not a whole number' in days_paid (row 1: \"1.5\")",
        ),
        ("UPDATE plans SET date = '2017-01-16 12:30:00' WHERE kind = 'employment_plan'", "'not a date' in date"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(database: Path, statement: str, words: str) -> None:
    _run(database, statement)
    with pytest.raises(DataError) as refused:
        take_in(source_of(f"sqlite:///{database}"), AS_OF, False, silent)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database, but long enough to be looked at as one would be")
    with pytest.raises(DataError, match=r"cannot be read \(file is not a database\)"):
        take_in(source_of(f"sqlite:///{tmp_path}/x.db"), None, False, silent)


SECRET = "hush-hush"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{SECRET}@127.0.0.1:1/ura",
        f"postgresql://ada@127.0.0.1:1/ura?password={SECRET}",
        f"mysql://ada:{SECRET}@127.0.0.1:1/ura",
        f"nonsense://ada:{SECRET}@127.0.0.1/ura",
        f"postgresql://ada:{SECRET}@127.0.0.1:port/ura",
    ],
)
def test_a_password_is_never_shown(url: str) -> None:
    with pytest.raises((DataError, UsageError)) as told:
        take_in(source_of(url, "work"), None, False, silent)
    shown: BaseException | None = told.value
    assert SECRET not in str(shown)
    assert shown.__suppress_context__ or shown.__context__ is None


def test_a_source_is_named_without_password_and_settings() -> None:
    source = source_of(f"postgresql://ada:{SECRET}@db.example/ura?password={SECRET}", "work")
    assert source.name == "postgresql://ada:***@db.example/ura schema work"
    assert SECRET not in repr(source)
