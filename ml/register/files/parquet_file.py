"""A Parquet file: its columns as stored."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ml.errors import DataError
from ml.register.files.header import check_names, clean_names

MAGIC = b"PAR1"


def read_parquet(path: Path, expected: Collection[str], kept: Sequence[str]) -> tuple[Any, str]:
    """Return the kept columns as an Arrow table, and the digest of the file's bytes.

    The names are checked before any data is read. Raises DataError.
    """
    try:
        with pq.ParquetFile(path) as file:
            stored = file.schema_arrow.names
            names = clean_names(path.name, stored)
            check_names(path.name, names, expected)
            in_file = dict(zip(names, stored, strict=True))
            columns = file.read(columns=[in_file[name] for name in kept]).select([in_file[name] for name in kept])
            columns.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path.name}: is damaged Parquet ({reason[:160]}); write it again") from None
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return columns.rename_columns(list(kept)), f"sha256:{digest}"
