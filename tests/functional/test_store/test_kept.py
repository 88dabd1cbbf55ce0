"""What a thread that may not wait reads and writes at once is of one moment, or the write begins anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from ml.errors import UnavailableError
from serving.store.database import Database
from serving.store.engines import busy, driver_of
from serving.store.log import Event
from serving.store.prepared import Prepared
from serving.store.tables import log
from serving.store.verify import verify
from serving.waiting import WouldWaitError

from ...serving_databases import NewDatabase

OURS, THEIRS = Event("hint", "olli", "caseworker"), Event("stop", "oona", "operator")
NEWEST = Prepared(select(func.max(log.c.seq)))


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    """Yield a database with one entry."""
    database = Database(new_database("sqlite"))
    record(database)
    yield database
    database.close()


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """Yield the same database as another worker sees it."""
    other = Database(database.engine.url)
    yield other
    other.close()


def record(database: Database, event: Event = OURS, *, hurried: bool = False) -> int:
    with database.recording(event, hurried=hurried) as entry:
        return entry.seq


def read(database: Database) -> int:
    with database.reading() as connection:
        return newest(connection)


def newest(connection: Connection) -> int:
    row = NEWEST.first(connection)
    assert row is not None
    return int(row[0])


def file(database: Database) -> sqlite3.Connection:
    return sqlite3.connect(Path(database.engine.url.database or ""), isolation_level=None)


def actions(database: Database) -> list[str]:
    with database.reading() as connection:
        assert verify(connection).entries == newest(connection)
        return [row.action for row in connection.execute(select(log.c.action).order_by(log.c.seq))]


def test_what_was_read_still_stands_when_it_is_written_on(database: Database) -> None:
    with database.at_once():
        assert read(database) == 1
        assert record(database, hurried=True) == 2
        assert read(database) == 2
        assert record(database, hurried=True) == 3
    assert actions(database) == ["hint", "hint", "hint"]


def test_where_somebody_wrote_meanwhile_a_write_begins_anew_and_sees_it(database: Database, other: Database) -> None:
    with database.at_once():
        assert read(database) == 1
        record(other, THEIRS, hurried=True)
        with database.recording(OURS, hurried=True) as entry:
            assert entry.seq == 3
            assert newest(entry.connection) == 2
    assert actions(database) == ["hint", "stop", "hint"]


def test_what_is_read_twice_is_of_one_moment(database: Database, other: Database) -> None:
    with database.at_once():
        assert read(database) == 1
        record(other, THEIRS, hurried=True)
        assert read(database) == 1
    with database.at_once():
        assert read(database) == 2


def test_while_somebody_writes_nothing_is_written_and_a_thread_that_may_wait_does_it(database: Database) -> None:
    with closing(file(database)) as writer:
        with database.at_once():
            assert read(database) == 1
            writer.execute("BEGIN IMMEDIATE")
            with pytest.raises(WouldWaitError):
                record(database, hurried=True)
        writer.execute("COMMIT")
    with database.at_once():
        assert record(database, hurried=True) == 2
    assert actions(database) == ["hint", "hint"]


@pytest.mark.parametrize("error", [None, ValueError])
def test_nothing_is_read_beyond_the_end(database: Database, error: type[Exception] | None) -> None:
    """Who goes on reading keeps the write-ahead log from being begun anew."""
    try:
        with database.at_once():
            read(database)
            if error is not None:
                raise error
    except ValueError:
        pass
    with closing(file(database)) as writer:
        blocked, _, _ = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not blocked


def test_what_fails_leaves_nothing(database: Database) -> None:
    with database.at_once():
        read(database)
        with pytest.raises(ValueError, match="odd"), database.recording(OURS, hurried=True):
            raise ValueError("odd")
    assert actions(database) == ["hint"]


def test_what_sqlalchemy_was_asked_is_ended_with_it(database: Database) -> None:
    with database.at_once():
        with database.reading() as connection:
            assert newest(connection) == 1
            assert connection.execute(select(log.c.action)).scalar_one() == "hint"
        with database.recording(OURS, hurried=True) as entry:
            assert entry.connection.execute(select(func.count()).select_from(log)).scalar_one() == 1
    assert actions(database) == ["hint", "hint"]


def test_there_is_one_transaction_where_nobody_wrote_and_two_where_somebody_did(
    database: Database, other: Database
) -> None:
    asked: list[str] = []

    def read_and_write(between: Callable[[], object] = lambda: None) -> list[str]:
        with database.at_once():
            with database.reading() as connection:
                driver = driver_of(connection)
                newest(connection)
            between()
            driver.set_trace_callback(asked.append)
            record(database, hurried=True)
            driver.set_trace_callback(None)
        found = [each for each in asked if each.startswith(("BEGIN", "COMMIT"))]
        asked.clear()
        return found

    assert read_and_write() == ["COMMIT"]
    assert read_and_write(lambda: record(other, THEIRS, hurried=True)) == ["COMMIT", "BEGIN IMMEDIATE", "COMMIT"]


def test_a_file_that_was_moved_after_it_was_read_is_not_written(database: Database) -> None:
    path = Path(database.engine.url.database or "")
    with database.at_once():
        read(database)
        path.rename(path.with_name("away.db"))
        with pytest.raises(UnavailableError, match=r"moved|cannot be used"):
            record(database, hurried=True)
        path.with_name("away.db").rename(path)
    assert actions(database) == ["hint"]


def test_reading_that_cannot_be_ended_is_told_and_read_no_further(database: Database, other: Database) -> None:
    with database.at_once():
        with database.reading() as connection:
            driver = driver_of(connection)
            newest(connection)
        driver.set_authorizer(lambda *what: sqlite3.SQLITE_DENY if what[1] == "COMMIT" else sqlite3.SQLITE_OK)
        with pytest.raises(UnavailableError, match="not authorized"):
            database.look_anew()
        driver.set_authorizer(None)
        assert not driver.in_transaction
    record(other, THEIRS)
    with database.at_once():
        assert read(database) == 2


def test_what_it_writes_is_on_the_disk_within_a_second_from_the_first_on(database: Database) -> None:
    with database.at_once():
        read(database)
        with database.recording(OURS, hurried=True) as entry:
            assert driver_of(entry.connection).execute("PRAGMA synchronous").fetchone() == (1,)  # NORMAL


@pytest.mark.parametrize(
    ("code", "in_the_way"),
    [
        (sqlite3.SQLITE_BUSY, True),
        (sqlite3.SQLITE_BUSY_RECOVERY, True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, True),
        (sqlite3.SQLITE_READONLY, False),
        (sqlite3.SQLITE_IOERR, False),
        (None, False),
    ],
)
def test_what_is_waited_for(code: int | None, in_the_way: bool) -> None:
    problem = sqlite3.OperationalError("database is locked")
    if code is not None:
        problem.sqlite_errorcode = code
    assert busy(problem) is in_the_way
