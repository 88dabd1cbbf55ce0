"""The database: SQLite in the home folder, or PostgreSQL. Every write is one transaction with its entry in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ml.errors import UnavailableError, UsageError
from serving.logs import facts

from .log import Event, append, next_entry

BUSY_SECONDS = 5  # a writer waits so long for the others
POOL = 8
LARGE_LOG_PAGES = 20_000  # of the write-ahead log, 80 MB
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A transaction under way, and the number its entry in the log will have."""

    connection: Connection
    seq: int
    at: datetime


class Database:
    """Where the service keeps what it knows."""

    def __init__(self, url: str | URL, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Prepare the connections; none is made yet. Raises UsageError when the address cannot be one."""
        self.engine = _engine(url)
        self.clock = clock
        # Writers wait their turn before they read. What they write is on the disk before they are told so, but of
        # those who need not wait for the disk.
        self._writers = self.engine.execution_options(writes="lasting")
        self._hurried = self.engine.execution_options(writes="hurried")
        self.may_hurry = True  # until a disk fails (checkpoints.py)
        # SQLite lets one write at a time, and who waits looks again every few milliseconds: in one process a lock is
        # fairer and quicker.
        self._turn = Turn() if self.engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that only reads. Raises UnavailableError when the database cannot be asked."""
        with _told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def recording(self, event: Event, *, hurried: bool = False) -> Iterator[Entry]:
        """Yield a transaction that ends with its entry in the log: both appear, or neither.

        hurried  it is on the disk within a second, not before this ends: should the power go, it may be as if it had
                 never been, whole; a worker that is killed loses nothing
        Raises UnavailableError when the database cannot take it; nothing was written then.
        """
        engine = self._hurried if hurried and self.may_hurry else self._writers
        with _told(), self._turn, engine.connect() as connection, connection.begin():
            seq, before = next_entry(connection)
            at = self.clock()
            yield Entry(connection, seq, at)
            append(connection, event, seq, before, at)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Yield a transaction that changes the schema, which no entry of the log tells of; makes a SQLite file."""
        file = sqlite_file(self.engine)
        if file is not None:
            file.touch(mode=0o600)  # it holds people
        with _told(), self._turn, self._writers.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


class Turn:
    """One writer after the other. Raises UnavailableError for who waited too long."""

    def __init__(self) -> None:
        """Nobody writes yet."""
        self._lock = Lock()

    def __enter__(self) -> None:
        """Wait."""
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise UnavailableError("the database is busy with other writes; nothing was written, try again")

    def __exit__(self, *_: object) -> None:
        """Let the next one write."""
        self._lock.release()


@contextmanager
def _told() -> Iterator[None]:
    """Tell what is wrong with the database as something that whoever runs the service can act on."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeout) as problem:
        raise UnavailableError(f"the database cannot be used now ({_why(problem)}); nothing was written") from None
    except DBAPIError as problem:
        # A bare DatabaseError: "file is not a database"; what is wrong with a statement has a class of its own.
        if problem.connection_invalidated or type(problem) is DatabaseError or "append-only" in str(problem.orig):
            raise UnavailableError(f"the database refused ({_why(problem)}); nothing was written") from None
        raise


def _why(problem: SQLAlchemyError) -> str:
    """Return the driver's words in one line, without the statement and its values."""
    _log.error("database_unavailable", extra=facts(error=type(problem).__name__))
    orig = getattr(problem, "orig", None)
    return str(orig).splitlines()[0] if orig is not None and str(orig) else "no connection was free in time"


def _engine(url: str | URL) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        if parsed.get_backend_name() == "postgresql":
            return _postgresql(parsed)
    except (ArgumentError, ImportError):
        pass
    raise UsageError("APUALY_DATABASE must be a SQLite or PostgreSQL address, as postgresql://user@host/name")


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=False,
        pool_recycle=600,
        # Whatever the server's default is: who waited for the log's lock must see what was written meanwhile.
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 3, "options": f"-c lock_timeout={BUSY_SECONDS}s -c statement_timeout=60s"},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes") == "hurried":
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    return engine


def sqlite_file(engine: Engine) -> Path | None:
    """Return the file of a SQLite database; None: it is no file, or no SQLite."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


def _which(file: Path | None) -> tuple[int, int] | None:
    """Return which file it is that has this name now. Raises UnavailableError when none has."""
    if file is None:
        return None
    try:
        found = file.stat()
    except OSError as problem:
        _log.error("database_unavailable", extra=facts(error=type(problem).__name__))
        raise UnavailableError(f"the database cannot be used now ({problem.strerror}); nothing was written") from None
    return found.st_dev, found.st_ino


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, pool_size=POOL, max_overflow=0, pool_timeout=BUSY_SECONDS)
    file = sqlite_file(engine)

    @event.listens_for(engine, "do_connect")
    def look(*_: Any) -> None:
        _which(file)  # SQLite would make a new one

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        record.info["file"] = _which(file)
        connection.isolation_level = None  # we begin ourselves, so that a writer waits its turn before it reads
        for pragma in (
            "journal_mode=WAL",
            f"wal_autocheckpoint={LARGE_LOG_PAGES}",  # workers fold it themselves, before that (checkpoints.py)
            "foreign_keys=ON",
            "secure_delete=ON",  # what a right removed is overwritten
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.info["file"] != _which(file):  # what is written to a file that was moved away is lost
            connection.invalidate()
            _log.error("database_unavailable", extra=facts(error="Moved"))
            raise UnavailableError("the database file was moved or replaced; nothing was written, try again")
        writes = connection.get_execution_options().get("writes")
        if writes is None:
            connection.exec_driver_sql("BEGIN")
            return
        waits = "NORMAL" if writes == "hurried" else "FULL"
        if connection.info.get("synchronous") != waits:
            connection.exec_driver_sql(f"PRAGMA synchronous={waits}")
            connection.info["synchronous"] = waits
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
