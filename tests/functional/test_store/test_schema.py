"""Tables as the code declares them, and the revision that it is written for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ml.errors import UnavailableError
from serving.run import prepare
from serving.store import schema
from serving.store.database import Database
from serving.store.schema import NEWEST, revision, upgrade
from serving.store.tables import metadata
from serving.store.verify import verify

from ...serving_databases import DATABASES, create_on
from .writing import everything, judge, rows


def test_migrations_make_the_tables_that_the_code_declares(databases: Database) -> None:
    with databases.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_new_file_has_small_pages(tmp_path: Path) -> None:
    """A hint changes eight, and all of each is written."""
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    upgrade(database)
    with database.reading() as connection:
        assert connection.execute(text("PRAGMA page_size")).scalar() == 2048
    database.close()


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(databases: Database) -> None:
    judge(databases)
    before = {table.name: rows(databases, table) for table in metadata.sorted_tables}
    upgrade(databases)
    assert {table.name: rows(databases, table) for table in metadata.sorted_tables} == before


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield a database without tables, of each kind in its turn."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    if request.param == "postgresql":
        url = create_on(request.getfixturevalue("postgresql"), "without_tables")
    database = Database(url)
    yield database
    database.close()


def test_an_older_database_is_brought_up_to_date_with_all_that_it_holds(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(schema, "NEWEST", "0001")
        upgrade(empty)
    everything(empty)
    before = {table.name: rows(empty, table) for table in metadata.sorted_tables}
    with pytest.raises(UnavailableError, match="the database is at 0001"):
        prepare(empty)
    upgrade(empty)
    prepare(empty)
    assert {table.name: rows(empty, table) for table in metadata.sorted_tables} == before
    with empty.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert verify(connection).entries == len(before["log"])


def stamp(database: Database, found: str | None) -> None:
    with database.migrating() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if found is not None:
            connection.execute(text("INSERT INTO alembic_version VALUES (:found)"), {"found": found})


OLDER, NEWER = "0000", "9999"
REFUSALS = [
    (OLDER, f"the database is at 0000, this version needs {NEWEST}; run apualy database upgrade"),
    (NEWER, f"the database is at 9999, of a newer apualy; this version knows {NEWEST}: run the newer version"),
]


@pytest.mark.parametrize(("found", "words"), REFUSALS)
@pytest.mark.parametrize("command", [("log", "verify"), ("log", "head"), ("purge",), ("database", "status")])
def test_commands_refuse_another_revision(
    databases: Database, database_url: str, apualy: Any, command: tuple[str, ...], found: str, words: str
) -> None:
    stamp(databases, found)
    ran = apualy(*command, APUALY_DATABASE=database_url)
    assert (ran.code, ran.out, ran.err) == (1, "", f"apualy: {words}\n")


@pytest.mark.parametrize(("found", "words"), REFUSALS)
def test_the_service_refuses_another_revision(databases: Database, found: str, words: str) -> None:
    stamp(databases, found)
    with pytest.raises(UnavailableError) as refused:
        prepare(databases)
    assert str(refused.value) == words


def test_an_upgrade_leaves_what_a_newer_version_made(databases: Database, database_url: str, apualy: Any) -> None:
    stamp(databases, NEWER)
    ran = apualy("database", "upgrade", APUALY_DATABASE=database_url)
    assert (ran.code, ran.err) == (1, f"apualy: {REFUSALS[1][1]}\n")
    with databases.reading() as connection:
        assert revision(connection) == NEWER
