"""What was removed leaves the disk, too."""

from __future__ import annotations

from contextlib import closing

from .database import Database


def leave_the_disk(database: Database) -> None:
    """Let SQLite fold its write-ahead log into the file, where removed rows were overwritten, and cut it to nothing.

    While somebody still reads what stood there before, some of it stays, until the next time. PostgreSQL does as its
    vacuum is set up.
    """
    if database.engine.dialect.name != "sqlite":
        return
    with closing(database.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
