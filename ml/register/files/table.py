"""A file of spells as a raw table: CSV or Parquet, its columns checked before anything else is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.errors import DataError
from ml.register.files.csv_file import read_csv
from ml.register.files.parquet_file import MAGIC, read_parquet

SPREADSHEET = b"PK\x03\x04"  # xlsx, ods and every other zip
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class RawTable:
    """The columns of a file as stored, not yet checked against their types.

    columns           Arrow table: dictionary-encoded text (CSV) or as stored (Parquet)
    first_row_number  how the file's reader numbers the first row of data: 2 in CSV, 1 in Parquet
    comma_allowed     whether a comma can be a decimal mark (not where it separates the fields)
    digest            "sha256:…" of the file's bytes
    """

    file: str
    columns: Any
    first_row_number: int
    comma_allowed: bool
    digest: str
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.columns.num_rows)


def read_table(path: Path, expected: Collection[str], ignored: Collection[str] = ()) -> RawTable:
    """Return the file's columns, without those ignored.

    `expected` names every column that the file must have, `ignored` those of them that are not kept.
    Raises DataError, one line: no such file, a column too many or too few, broken or ragged content, no rows.
    """
    if not path.is_file():
        kind = "is not a file" if path.exists() else "does not exist"
        raise DataError(f"{path}: {kind}; give the path of a CSV or Parquet file")
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
        _refuse_other_formats(path, magic)
        kept = [name for name in expected if name not in ignored]
        if magic == MAGIC:
            columns, digest = read_parquet(path, expected, kept)
            table = RawTable(path.name, columns, 1, True, digest)
        else:
            content = read_csv(path, expected, kept)
            table = RawTable(path.name, content.columns, 2, content.delimiter != ",", content.digest, content.warnings)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not len(table):
        raise DataError(f"{path.name}: has a header and no rows; there is nothing to learn from")
    return table


def _refuse_other_formats(path: Path, magic: bytes) -> None:
    if not magic:
        raise DataError(f"{path.name}: is empty")
    if magic == SPREADSHEET:
        raise DataError(f"{path.name}: is a spreadsheet or an archive; save the sheet as CSV")
    if magic.startswith(GZIP):
        raise DataError(f"{path.name}: is compressed; unpack it first")
    if path.suffix in (".parquet", ".pq") and magic != MAGIC:
        raise DataError(f"{path.name}: is not Parquet, though its name says so; write it again")
