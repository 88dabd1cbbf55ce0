"""An extract of the register: its tables, checked and typed, and the day up to which it knows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from ml.errors import DataError
from ml.register.schema import Table, ValueType

MANIFEST = "register.toml"
ARROW = {
    ValueType.IDENTITY_CODE: pa.string(),
    ValueType.CODE: pa.string(),
    ValueType.INTEGER: pa.int32(),
    ValueType.BOOLEAN: pa.bool_(),
    ValueType.DATE: pa.date32(),
}


@dataclass(frozen=True)
class Manifest:
    """What stands in an extract's `register.toml`: the day up to which it knows, and where it came from."""

    as_of: date
    source: str

    def as_toml(self) -> str:
        """Return the manifest as it is written."""
        source = self.source.replace("\\", "\\\\").replace('"', '\\"')
        return f'as_of = {self.as_of.isoformat()}\nsource = "{source}"\n'


@dataclass(frozen=True)
class Extract:
    """A checked extract.

    tables  name → Arrow table with the columns of the schema in its order, typed by `arrow_schema`
    """

    tables: Mapping[str, Any]
    manifest: Manifest


def arrow_schema(table: Table) -> Any:
    """Return the Arrow schema of a checked table."""
    return pa.schema([pa.field(column.name, ARROW[column.type]) for column in table.columns])


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of an extract, None when it carries none.

    Raises DataError when the manifest is there and cannot be read.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); correct it or delete it and give --as-of") from None
    as_of, source = content.get("as_of"), content.get("source", "")
    if type(as_of) is not date or not isinstance(source, str):
        raise DataError(f"{path}: needs a line like as_of = 2020-01-31")
    return Manifest(as_of, source)
