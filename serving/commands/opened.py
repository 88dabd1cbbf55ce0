"""The service's database for a command: there, and with the tables that this version is written for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ml.errors import UnavailableError
from serving.settings import database_address
from serving.store.database import Database
from serving.store.engines import sqlite_file
from serving.store.schema import require_current


@contextmanager
def opened(environ: Mapping[str, str]) -> Iterator[Database]:
    """Yield the database. Raises UnavailableError where it is not there, or another version's."""
    database = Database(database_address(environ))
    try:
        _require_file(database)
        with database.reading() as connection:
            require_current(connection)
        yield database
    finally:
        database.close()


def _require_file(database: Database) -> None:
    """Raise UnavailableError where there is no file yet."""
    file = sqlite_file(database.engine)
    if file is not None and not file.is_file():
        raise UnavailableError(f"there is no database at {file} yet; run apualy database upgrade")
