"""Where a register comes from: a folder, or a database."""

from __future__ import annotations

from pathlib import Path

from ml.errors import UsageError
from ml.register.intake.database import DatabaseSource, database_source
from ml.register.intake.folder import FolderSource

Source = FolderSource | DatabaseSource


def source_of(text: str, schema: str | None = None) -> Source:
    """Return the source that `--from` and `--schema` name.

    Raises UsageError: a URL that cannot be read, or a schema for a folder.
    """
    if "://" in text:
        return database_source(text, schema)
    if schema is not None:
        raise UsageError("--schema: is for a database; a folder has none")
    return FolderSource(Path(text))
