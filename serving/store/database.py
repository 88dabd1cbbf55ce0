"""The database: SQLite in the home folder, or PostgreSQL. Every write is one transaction with its entry in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import URL, Connection
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ml.errors import UnavailableError
from serving.logs import facts
from serving.waiting import MOMENT_SECONDS, AtOnce, before_waiting, waits

from .engines import BUSY_SECONDS, HURRIED, LASTING, engine_of, sqlite_file
from .kept import Kept
from .log import Event, append, next_entry

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
        self.engine = engine_of(url)
        self.clock = clock
        self.may_hurry = True  # until a disk fails (checkpoints.py)
        # SQLite lets one write at a time, and who waits looks again every few milliseconds: in one process a lock is
        # fairer and quicker.
        self._turn = Turn() if self.near else nullcontext()
        self._kept = Kept(self.engine)

    @property
    def near(self) -> bool:
        """Return whether it is a file of this machine: then who reads waits for nobody, and no line is in between."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that only reads. Raises UnavailableError when the database cannot be asked."""
        with _Told(), self._begun() as connection:
            yield connection

    @contextmanager
    def recording(self, event: Event, *, hurried: bool = False) -> Iterator[Entry]:
        """Yield a transaction that ends with its entry in the log: both appear, or neither.

        hurried  it is on the disk within a second, not before this ends: should the power go, it may be as if it had
                 never been, whole; a worker that is killed loses nothing
        Raises UnavailableError when the database cannot take it; nothing was written then.
        """
        writes = HURRIED if hurried and self.may_hurry else LASTING
        if writes == LASTING:
            before_waiting()  # for the disk
        with _Told(), self._turn, self._begun(writes) as connection:
            seq, before = next_entry(connection)
            at = self.clock()
            yield Entry(connection, seq, at)
            append(connection, event, seq, before, at)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let this thread wait for nothing; what it reads by `Prepared` is of one moment, until it writes."""
        with AtOnce():
            try:
                yield
            finally:
                self.look_anew()

    def look_anew(self) -> None:
        """Let what this thread reads next be what stands there then. Raises UnavailableError."""
        with _Told():
            self._kept.end()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Yield a transaction that changes the schema, which no entry of the log tells of; makes a SQLite file."""
        file = sqlite_file(self.engine)
        if file is not None:
            file.touch(mode=0o600)  # it holds people
        with _Told(), self._turn, self._begun(LASTING) as connection:
            yield connection

    def close(self) -> None:
        """Give the connections back, but one that is still in use."""
        self.engine.dispose()

    def _begun(self, writes: str | None = None) -> AbstractContextManager[Connection]:
        """Return a connection with a transaction; to whom may not wait always the same one."""
        return self._lent(writes) if waits() or self._kept.in_use else self._kept.begun(writes)

    @contextmanager
    def _lent(self, writes: str | None) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.execution_options(writes=writes).begin():
            yield connection


class Turn:
    """One writer after the other. Raises UnavailableError for who waited too long."""

    def __init__(self) -> None:
        """Nobody writes yet."""
        self._lock = Lock()

    def __enter__(self) -> None:
        """Wait."""
        if self._lock.acquire(timeout=MOMENT_SECONDS):
            return
        before_waiting()
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise UnavailableError("the database is busy with other writes; nothing was written, try again")

    def __exit__(self, *_: object) -> None:
        """Let the next one write."""
        self._lock.release()


class _Told:
    """Tells what is wrong with the database as something that whoever runs the service can act on."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if problem is None:
            return
        if isinstance(problem, OperationalError | InterfaceError | InternalError | PoolTimeout):
            raise UnavailableError(f"the database cannot be used now ({_why(problem)}); nothing was written") from None
        # A bare DatabaseError: "file is not a database"; what is wrong with a statement has a class of its own.
        if isinstance(problem, DBAPIError) and (
            problem.connection_invalidated or type(problem) is DatabaseError or "append-only" in str(problem.orig)
        ):
            raise UnavailableError(f"the database refused ({_why(problem)}); nothing was written") from None


def _why(problem: SQLAlchemyError) -> str:
    """Return the driver's words in one line, without the statement and its values."""
    _log.error("database_unavailable", extra=facts(error=type(problem).__name__))
    orig = getattr(problem, "orig", None)
    return str(orig).splitlines()[0] if orig is not None and str(orig) else "no connection was free in time"
