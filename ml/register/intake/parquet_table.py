"""A table from a Parquet file, as texts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ml.errors import DataError
from ml.register.intake.header import check_header, clean
from ml.register.intake.raw import RawRecords, raw_columns
from ml.register.schema import Table


def read_parquet_table(path: Path, table: Table) -> RawRecords:
    """Return the records of a Parquet file. The names are checked before any data is read. Raises DataError."""
    try:
        with pq.ParquetFile(path) as file:
            stored = file.schema_arrow.names
            check_header(path.name, table, stored)
            in_file = {clean(name): name for name in stored}
            columns = file.read(columns=[in_file[name] for name in table.names])
            columns = columns.select([in_file[name] for name in table.names]).rename_columns(list(table.names))
            columns.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise DataError(f"{path.name}: is damaged or no Parquet; write it again") from None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return RawRecords(table, path.name, raw_columns(columns), 1, f"sha256:{digest}")
