"""The thread that listens waits for nobody: what would wait says so, and nothing was done."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from ml.errors import GateError, UnavailableError
from ml.models.trained import TrainedModel
from serving.models.held import Models
from serving.models.loading import InUse
from serving.models.watch import Watch
from serving.store.database import Database
from serving.store.log import Event
from serving.store.schema import upgrade
from serving.store.tables import log
from serving.waiting import AtOnce, WouldWaitError, before_waiting, waits
from serving.wire.inputs import inputs_model

EVENT = Event("test", "olli", "operator")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/service.db")
    upgrade(database)
    yield database
    database.close()


def entries(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(log)).scalar_one())


def test_one_thread_alone_may_not_wait() -> None:
    with AtOnce():
        assert not waits()
        with pytest.raises(WouldWaitError):
            before_waiting()
        other = threading.Thread(target=before_waiting)
        other.start()
        other.join()
    assert waits()
    before_waiting()


def test_whatever_happens_it_may_wait_afterwards() -> None:
    with pytest.raises(ValueError, match="something"), AtOnce():
        raise ValueError("something")
    assert waits()


def test_a_write_in_a_hurry_is_done_at_once(database: Database) -> None:
    with database.at_once():
        for _ in range(3):
            with database.recording(EVENT, hurried=True):
                pass
        assert entries(database) == 3


def test_a_write_that_lasts_would_wait_for_the_disk(database: Database) -> None:
    with database.at_once(), pytest.raises(WouldWaitError), database.recording(EVENT):
        raise AssertionError("it began")
    database.may_hurry = False  # a disk has failed: everything lasts now
    with database.at_once(), pytest.raises(WouldWaitError), database.recording(EVENT, hurried=True):
        raise AssertionError("it began")
    assert entries(database) == 0


def test_another_writer_of_this_process(database: Database) -> None:
    under_way, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with database.recording(EVENT):
            under_way.set()
            go_on.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    assert under_way.wait(10)
    with database.at_once():
        with pytest.raises(WouldWaitError), database.recording(EVENT, hurried=True):
            raise AssertionError("it began")
        assert entries(database) == 0  # who reads waits for nobody
    go_on.set()
    writer.join()
    with database.at_once(), database.recording(EVENT, hurried=True):
        pass
    assert entries(database) == 2


def test_a_writer_of_another_process(database: Database) -> None:
    file = Path(database.engine.url.database or "")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with database.at_once(), pytest.raises(WouldWaitError), database.recording(EVENT, hurried=True):
            raise AssertionError("it began")
        other.execute("ROLLBACK")
    with database.at_once(), database.recording(EVENT, hurried=True):
        pass
    assert entries(database) == 1


def test_for_a_moment_it_looks_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hint of another worker is written in a tenth of a millisecond: to begin anew in another thread takes longer."""
    with closing(sqlite3.connect(Path(database.engine.url.database or ""), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("serving.store.engines.time.sleep", lambda _: other.execute("ROLLBACK"))
        with database.at_once(), database.recording(EVENT, hurried=True):
            pass
    assert entries(database) == 1


def test_what_failed_is_taken_back_and_the_next_is_written(database: Database) -> None:
    with database.at_once():
        with pytest.raises(ValueError, match="something"), database.recording(EVENT, hurried=True):
            raise ValueError("something")
        with database.recording(EVENT, hurried=True):
            assert entries(database) == 0  # who reads meanwhile sees what is whole
        assert entries(database) == 1


def test_a_file_that_was_moved_and_came_back(database: Database) -> None:
    file = Path(database.engine.url.database or "")
    with database.at_once():
        with database.recording(EVENT, hurried=True):
            pass
        away = file.rename(file.with_name("away.db"))
        for _ in range(2):
            with pytest.raises(UnavailableError), database.recording(EVENT, hurried=True):
                raise AssertionError("it began")
            with pytest.raises(UnavailableError):
                entries(database)
        away.rename(file)
        with database.recording(EVENT, hurried=True):
            pass
        assert entries(database) == 2


@pytest.mark.parametrize("by_sqlalchemy", [False, True])
def test_a_commit_that_fails_leaves_nothing_under_way(by_sqlalchemy: bool, database: Database) -> None:
    with database.at_once():
        with database.recording(EVENT, hurried=True) as entry:
            driver: Any = entry.connection.connection.driver_connection

        def record(by_sqlalchemy: bool) -> None:
            with database.recording(EVENT, hurried=True) as entry:
                if by_sqlalchemy:
                    entry.connection.execute(select(log.c.seq)).all()

        driver.set_authorizer(lambda action, what, *_: sqlite3.SQLITE_DENY if what == "COMMIT" else sqlite3.SQLITE_OK)
        with pytest.raises(UnavailableError):
            record(by_sqlalchemy)
        driver.set_authorizer(None)
    with database.recording(EVENT):  # of whoever comes next, in this process or another
        pass
    assert entries(database) == 2


def test_a_beginning_that_fails_is_told_as_it_is(database: Database) -> None:
    once = iter([sqlite3.SQLITE_DENY])
    with database.at_once():
        with database.recording(EVENT, hurried=True) as entry:
            driver: Any = entry.connection.connection.driver_connection
        driver.set_authorizer(lambda *what: next(once, sqlite3.SQLITE_OK) if what[1] == "BEGIN" else sqlite3.SQLITE_OK)
        with pytest.raises(UnavailableError, match="not authorized"), database.recording(EVENT, hurried=True):
            raise AssertionError("it began")
        driver.set_authorizer(None)
    assert entries(database) == 1


def test_an_approval_that_is_asked_about_anew(tmp_path: Path) -> None:
    """That checks every signature, and may wait for whoever signs."""
    registry: Any = SimpleNamespace(watched=lambda _: (), require_still_approved=lambda *_: None)
    approved: Any = SimpleNamespace(name="ltu-risk", expires=datetime.max.replace(tzinfo=UTC))
    watch = Watch(registry, approved)
    with AtOnce(), pytest.raises(WouldWaitError):
        watch()
    watch()
    with AtOnce():
        watch()  # it was asked a moment ago


def test_a_newer_model_that_is_being_loaded(tmp_path: Path) -> None:
    """Its approval took the place of that of the model in use; somebody else loads it."""
    approvals = tmp_path / "log"
    approvals.write_text("one")

    def over() -> None:
        raise GateError("revoked")

    approved: Any = SimpleNamespace(version=1, digest="sha256:0")
    model: Any = object()
    used = InUse[TrainedModel](approved, model, False, inputs_model([]), over)
    models = Models(["ltu-risk"], lambda _: used, lambda: [approvals])
    with AtOnce(), pytest.raises(GateError, match="revoked"):  # nothing newer is to be expected
        models.risk()
    approvals.write_text("one, and another")
    with AtOnce(), pytest.raises(WouldWaitError):
        models.risk()
    assert models.wanted.is_set()
