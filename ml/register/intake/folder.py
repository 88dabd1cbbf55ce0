"""A folder with one file a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ml.errors import DataError
from ml.progress import Say
from ml.register.extract import Manifest, read_manifest
from ml.register.intake.csv_table import read_csv_table
from ml.register.intake.parquet_table import read_parquet_table
from ml.register.intake.raw import RawRecords
from ml.register.schema import TABLES
from ml.register.wording import listed

READERS = {".csv": read_csv_table, ".parquet": read_parquet_table}


@dataclass(frozen=True)
class FolderSource:
    """A folder with <table>.csv or <table>.parquet for each of the seven tables, and maybe a register.toml."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder as messages and reports name it."""
        return self.folder.resolve().name or str(self.folder)

    def manifest(self) -> Manifest | None:
        """Return what the folder's register.toml says, None when it has none. Raises DataError."""
        return read_manifest(self.folder)

    def tables(self, say: Say) -> Iterator[RawRecords]:
        """Yield the seven tables. Raises DataError: a file is missing, undeclared, doubled or broken."""
        for name, path in self._files().items():
            say(f"reading {name}")
            try:
                yield READERS[path.suffix.lower()](path, TABLES[name])
            except OSError as error:
                raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None

    def _files(self) -> dict[str, Path]:
        if not self.folder.is_dir():
            kind = "is not a folder" if self.folder.exists() else "does not exist"
            raise DataError(f"{self.folder}: {kind}; give a folder with one CSV or Parquet file a table")
        there = [path for path in sorted(self.folder.iterdir()) if path.suffix.lower() in READERS and path.is_file()]
        missing = [name for name in TABLES if not any(path.stem == name for path in there)]
        undeclared = [path.name for path in there if path.stem not in TABLES]
        doubled = [name for name in TABLES if sum(path.stem == name for path in there) > 1]
        said = [
            f"{what} {listed(those)}"
            for what, those in (
                ("lacks a file (.csv or .parquet) for the tables", missing),
                ("holds undeclared", undeclared),
                ("holds two files for", doubled),
            )
            if those
        ]
        if said:
            raise DataError(f"{self.folder}: {'; '.join(said)}. To do: deliver exactly one file a table")
        return {name: next(path for path in there if path.stem == name) for name in TABLES}
