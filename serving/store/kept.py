"""The connection to SQLite of a thread that may not wait: kept, and begun and ended on the driver itself.

SQLAlchemy takes longer to lend one, to begin, to end and to take it back than SQLite takes for all of a hint; and one
that has written last still knows what it wrote.

What is read before a write, by `Prepared`, stays one transaction with it, unless somebody else wrote in between: then
it is ended, and the write begins anew.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from serving.waiting import before_waiting

from .engines import begin_sqlite, busy, driver_of, keep, keep_no_more, require_same, run, sqlite_file

MAY_WRITE = "DELETE FROM alembic_version WHERE 0"  # changes nothing; refused unless what was read is the newest


class Kept(threading.local):
    """One connection for each thread, as long as all goes well on it."""

    def __init__(self, engine: Engine) -> None:
        """Make none yet."""
        self._engine, self._file = engine, sqlite_file(engine)
        self._connection: Connection | None = None
        self.in_use = False

    @contextmanager
    def begun(self, writes: str | None) -> Iterator[Connection]:
        """Yield the thread's connection, in a transaction; one use at a time (`in_use`). Reading stays until `end`.

        After whatever went wrong the pool takes it back, with nothing under way.
        """
        connection = self._held()
        self.in_use = True
        try:
            if not self._goes_on(connection, writes):
                begin_sqlite(connection, self._file, writes)
            yield connection
            if writes is not None or connection.in_transaction():
                _commit(connection)
        except BaseException as problem:
            _give_back(connection)
            if isinstance(problem, DBAPIError) and busy(problem.orig):
                before_waiting()
            raise
        finally:
            self.in_use = False

    def end(self) -> None:
        """End what was read: what is read next is what stands there then. Raises what SQLAlchemy raises."""
        held = self._usable()
        if held is None or not driver_of(held).in_transaction:
            return
        try:
            _commit(held)
        except BaseException:
            _give_back(held)
            raise

    def _held(self) -> Connection:
        held = self._usable()
        if held is None:
            if self._connection is not None:
                self._connection.close()
            held = self._connection = self._engine.connect()
            keep(held)
        return held

    def _usable(self) -> Connection | None:
        held = self._connection
        return None if held is None or held.closed or held.invalidated else held

    def _goes_on(self, connection: Connection, writes: str | None) -> bool:
        """Return whether what was read before is read on, or written on."""
        driver = driver_of(connection)
        if writes is None or not driver.in_transaction:
            return driver.in_transaction
        require_same(connection, self._file)
        try:
            driver.execute(MAY_WRITE)
        except sqlite3.Error:  # somebody wrote meanwhile, or writes; whatever else it is, the new beginning tells
            _commit(connection)
            return False
        return True


def _commit(connection: Connection) -> None:
    if connection.in_transaction():  # SQLAlchemy noticed one: something was asked in its way
        connection.commit()
    else:
        run(connection, "COMMIT")


def _give_back(connection: Connection) -> None:
    """Give a connection back to the pool with nothing under way; SQLAlchemy does not know of all that was begun."""
    if not connection.invalidated:
        try:
            driver_of(connection).rollback()
        except sqlite3.Error:
            connection.invalidate()
        else:
            keep_no_more(connection)
    connection.close()
