"""SQLite's write-ahead log reaches the disk, and is folded into the file, beside what is answered."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from serving.logs import facts

from .database import Database
from .engines import sqlite_file

EVERY_SECONDS = 1.0
LARGE_BYTES = 4 * 1024 * 1024  # of the write-ahead log; as large as SQLite itself lets it grow by default
_log = logging.getLogger(__name__)


class Checkpoints:
    """A thread that does so every second. PostgreSQL has such threads of its own."""

    def __init__(self, database: Database) -> None:
        """Know the file."""
        self._database, self._file = database, sqlite_file(database.engine)

    def start(self) -> None:
        """Fold until the process ends."""
        if self._file is not None:
            threading.Thread(target=self._run, name="checkpoints", daemon=True).start()

    def _run(self) -> None:
        while True:
            threading.Event().wait(EVERY_SECONDS)
            try:
                self.sync()
                self.fold()
                self._database.may_hurry = True
            except (sqlite3.Error, OSError) as problem:
                self._database.may_hurry = False  # every write waits for the disk itself now, and is told
                _log.error("checkpoint_failed", extra=facts(error=type(problem).__name__))

    def sync(self) -> None:
        """Bring to the disk what was written in a hurry."""
        if self._file is not None:
            _synced(self._file.with_name(f"{self._file.name}-wal"))

    def fold(self) -> bool:
        """Fold what can be folded without anybody waiting; return whether there was enough to do."""
        file = self._file
        if file is None:
            return False
        log = file.with_name(f"{file.name}-wal")
        if not log.exists() or log.stat().st_size < LARGE_BYTES:
            return False
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return True


def _synced(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return  # nobody has written yet
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
