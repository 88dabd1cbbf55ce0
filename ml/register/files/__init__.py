"""A file, CSV or Parquet → a raw table whose columns are the declared ones."""

from ml.register.files.table import RawTable, read_table

__all__ = ["RawTable", "read_table"]
