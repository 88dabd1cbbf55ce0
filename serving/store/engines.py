"""How SQLite and PostgreSQL are reached, and how a transaction begins on each.

Who writes says so before it begins (`execution_options(writes=…)`): LASTING is on the disk when the transaction ends,
HURRIED within a second.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from ml.errors import UnavailableError, UsageError
from serving.logs import facts
from serving.waiting import MOMENT_SECONDS, before_waiting, waits

BUSY_SECONDS = 5  # a writer waits so long for the others
FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS, SLOWER = 0.0002, 0.005, 1.5  # between looks whether it is its turn
LASTING, HURRIED = "lasting", "hurried"
FULL, NORMAL = "FULL", "NORMAL"  # as SQLite calls them
POOL = 8
LARGE_LOG_PAGES = 40_000  # of the write-ahead log, 80 MB
PRIMARY = 0xFF  # of an error's code: what is beyond says it more closely
KEPT = "kept"  # by a thread (kept.py)
PRAGMAS = (
    "page_size=2048",  # of a new file: a hint changes eight pages, and all of each is written
    "journal_mode=WAL",
    f"wal_autocheckpoint={LARGE_LOG_PAGES}",  # workers fold it themselves, before that (checkpoints.py)
    "foreign_keys=ON",
    "secure_delete=ON",  # what a right removed is overwritten
)
_log = logging.getLogger(__name__)


def engine_of(url: str | URL) -> Engine:
    """Return what makes the connections; none is made yet. Raises UsageError when the address cannot be one."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        if parsed.get_backend_name() == "postgresql":
            return _postgresql(parsed)
    except (ArgumentError, ImportError):
        pass
    raise UsageError("APUALY_DATABASE must be a SQLite or PostgreSQL address, as postgresql://user@host/name")


def sqlite_file(engine: Engine) -> Path | None:
    """Return the file of a SQLite database; None: it is no file, or no SQLite."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


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
        if _writes(connection) == HURRIED:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    return engine


def _sqlite(url: URL) -> Engine:
    # The connection that was given back last remembers most of the file.
    engine = create_engine(url, pool_size=POOL, max_overflow=0, pool_timeout=BUSY_SECONDS, pool_use_lifo=True)
    file = sqlite_file(engine)

    @event.listens_for(engine, "do_connect")
    def look(*_: Any) -> None:
        _which(file)  # SQLite would make a new one

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        record.info["file"] = _which(file)
        connection.isolation_level = None  # we begin ourselves, so that a writer waits its turn before it reads
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begun = connection.info.get(KEPT) and driver_of(connection).in_transaction  # on the driver (kept.py)
        if not begun:
            begin_sqlite(connection, file, _writes(connection))

    return engine


def begin_sqlite(connection: Connection, file: Path | None, writes: str | None) -> None:
    """Begin a transaction. Raises UnavailableError where it is no longer the database's file."""
    require_same(connection, file)
    # A writer waits in its own way (`_wait_for_turn`), and a reader hardly ever.
    _set(connection, "busy_timeout", BUSY_SECONDS * 1000 if writes is None and waits() else 0)
    if writes is None:
        run(connection, "BEGIN")
        return
    _set(connection, "synchronous", NORMAL if writes == HURRIED else FULL)
    _wait_for_turn(connection)


def require_same(connection: Connection, file: Path | None) -> None:
    """Raise UnavailableError where the file was moved away: what is written to it is lost."""
    if connection.connection.info["file"] != _which(file):
        connection.invalidate()
        _log.error("database_unavailable", extra=facts(error="Moved"))
        raise UnavailableError("the database file was moved or replaced; nothing was written, try again")


def keep(connection: Connection) -> None:
    """Let a thread keep a connection; it writes hurried alone, which within a transaction SQLite lets nobody say."""
    connection.connection.info[KEPT] = True
    _set(connection, "synchronous", NORMAL)


def keep_no_more(connection: Connection) -> None:
    """Let everybody have the connection."""
    connection.connection.info.pop(KEPT, None)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return SQLite's own connection."""
    return connection.connection.dbapi_connection  # type: ignore[return-value]  # of SQLite's


def told(connection: Connection, problem: Exception, statement: str) -> DBAPIError:
    """Return what a driver says is wrong in SQLAlchemy's terms; a connection that is lost is given up."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(problem, connection.connection, None)  # type: ignore[arg-type]  # one of the driver's
    if gone:
        connection.invalidate(problem)
    error = dialect.loaded_dbapi.Error
    found = DBAPIError.instance(statement, None, problem, error, connection_invalidated=gone, dialect=dialect)
    return cast("DBAPIError", found)


def _set(connection: Connection, pragma: str, value: Any) -> None:
    """Set what is otherwise on this connection."""
    known = connection.connection.info
    if known.get(pragma) != value:
        run(connection, f"PRAGMA {pragma}={value}")
        known[pragma] = value


def _wait_for_turn(connection: Connection) -> None:
    """Begin to write when no other process does.

    SQLite itself looks again after 1, 2, 5, 10 milliseconds and more, and a write takes a tenth of one: of two workers
    the one that waited was always late, and both together gave no more answers than one alone.
    """
    driver, began, pause = driver_of(connection), time.monotonic(), FIRST_LOOK_SECONDS
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as problem:
            waited = time.monotonic() - began
            if waited > BUSY_SECONDS or not busy(problem):
                raise told(connection, problem, "BEGIN IMMEDIATE") from problem
            if waited > MOMENT_SECONDS:
                before_waiting()
            time.sleep(pause)
            pause = min(pause * SLOWER, LONGEST_LOOK_SECONDS)
        else:
            return


def busy(problem: BaseException | None) -> bool:
    """Return whether another process was in the way, be it that it takes up a log that was left (BUSY_RECOVERY)."""
    return getattr(problem, "sqlite_errorcode", 0) & PRIMARY == sqlite3.SQLITE_BUSY


def run(connection: Connection, statement: str) -> None:
    """Run a statement of SQLite's own: SQLAlchemy's way to the driver takes ten times as long as these do.

    Raises what SQLAlchemy raises.
    """
    try:
        driver_of(connection).execute(statement)
    except sqlite3.Error as problem:
        raise told(connection, problem, statement) from problem


def _writes(connection: Connection) -> str | None:
    """Return how a connection's owner means to write; None: it reads."""
    said: str | None = connection.get_execution_options().get("writes")
    return said


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
