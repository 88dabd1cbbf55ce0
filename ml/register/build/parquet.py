"""A Parquet file that is written table by table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

GROUP_ROWS = 100_000


class Writer:
    """Appends Arrow tables of one schema to a Parquet file; use it in a `with`."""

    def __init__(self, path: Path) -> None:
        """Remember where to write; the file begins with the first table."""
        self.path = path
        self.writer: Any = None

    def __enter__(self) -> Writer:
        """Return the writer."""
        return self

    def write(self, table: Any) -> None:
        """Append the rows of a table."""
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self.writer.write_table(table, row_group_size=GROUP_ROWS)

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self.writer is not None:
            self.writer.close()
