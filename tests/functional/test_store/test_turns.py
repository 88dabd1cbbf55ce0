"""Writers of two processes take turns; who waits too long is told, and has written nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ml.errors import UnavailableError
from serving.store import engines
from serving.store.database import Database
from serving.store.log import Event
from serving.store.tables import log

from ...serving_databases import NewDatabase

EVENT = Event("test", "olli", "operator")


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    database = Database(new_database("sqlite"))
    yield database
    database.close()


def other_writer(database: Database) -> sqlite3.Connection:
    """Return a connection of somebody else's that is writing."""
    other = sqlite3.connect(Path(database.engine.url.database or ""), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def entries(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(log)).scalar_one())


def test_a_writer_waits_for_its_turn(database: Database) -> None:
    with closing(other_writer(database)) as other:
        written = threading.Event()

        def write() -> None:
            with database.recording(EVENT):
                pass
            written.set()

        waiting = threading.Thread(target=write)
        waiting.start()
        assert not written.wait(0.1)
        assert entries(database) == 0  # who reads waits for nobody
        other.execute("COMMIT")
        waiting.join()
        assert written.is_set()
    assert entries(database) == 1


def test_who_waits_too_long_is_told_and_nothing_is_written(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.05)
    with closing(other_writer(database)) as other:
        with pytest.raises(UnavailableError, match="locked"), database.recording(EVENT):
            pass
        other.execute("COMMIT")
    assert entries(database) == 0
    with database.recording(EVENT):
        pass
    assert entries(database) == 1


def test_what_is_wrong_otherwise_is_told_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no database gets no better by waiting."""

    def never(seconds: float) -> None:
        raise AssertionError(f"waited {seconds} s")

    path = Path(database.engine.url.database or "")
    path.write_bytes(b"Helsinki" * 4096)
    monkeypatch.setattr(engines.time, "sleep", never)
    with pytest.raises(UnavailableError, match="not a database"), database.recording(EVENT):
        pass
