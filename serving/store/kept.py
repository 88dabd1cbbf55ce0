"""The connection to SQLite of a thread that may not wait: kept, and begun and ended on the driver itself.

SQLAlchemy takes longer to lend one, to begin, to end and to take it back than SQLite takes for all of a hint; and one
that has written last still knows what it wrote.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from serving.waiting import before_waiting

from .engines import begin_sqlite, driver_of, sqlite_file, told


class Kept(threading.local):
    """One connection for each thread, as long as all goes well on it."""

    def __init__(self, engine: Engine) -> None:
        """Make none yet."""
        self._engine, self._file = engine, sqlite_file(engine)
        self._connection: Connection | None = None
        self.in_use = False

    @contextmanager
    def begun(self, writes: str | None) -> Iterator[Connection]:
        """Yield the thread's connection, with a transaction; one at a time (`in_use`).

        After whatever went wrong the pool takes it back: it rolls back, and knows what to do about any state.
        """
        connection = self._held()
        self.in_use = True
        try:
            begin_sqlite(connection, self._file, writes)
            yield connection
            _commit(connection)
        except BaseException as problem:
            connection.close()
            if _busy(problem):
                before_waiting()
            raise
        finally:
            self.in_use = False

    def _held(self) -> Connection:
        held = self._connection
        if held is None or held.closed or held.invalidated:
            if held is not None:
                held.close()
            held = self._connection = self._engine.connect()
        return held


def _commit(connection: Connection) -> None:
    if connection.in_transaction():  # SQLAlchemy noticed one: something was asked in its way
        connection.commit()
        return
    try:
        driver_of(connection).execute("COMMIT")
    except sqlite3.Error as problem:
        raise told(connection, problem, "COMMIT") from problem


def _busy(problem: BaseException) -> bool:
    """Return whether another process was in the way for a moment."""
    return isinstance(problem, DBAPIError) and getattr(problem.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
