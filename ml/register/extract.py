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
from ml.register.digest import is_digest
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
    """What stands in an extract's `register.toml`: the day up to which it knows, and where it came from.

    target_group  for a synthetic register, how large its target group was asked to be
    quality       for an extract that `apualy register intake` made, the digest of its data-quality report (JSON)
    """

    as_of: date
    source: str
    target_group: int | None = None
    quality: str | None = None

    def as_toml(self) -> str:
        """Return the manifest as it is written."""
        source = self.source.replace("\\", "\\\\").replace('"', '\\"')
        size = "" if self.target_group is None else f"target_group = {self.target_group}\n"
        quality = "" if self.quality is None else f'quality = "{self.quality}"\n'
        return f'as_of = {self.as_of.isoformat()}\nsource = "{source}"\n{size}{quality}'


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
    target_group = content.get("target_group")
    if not (target_group is None or (type(target_group) is int and target_group > 0)):
        raise DataError(f"{path}: target_group must be a whole number above 0; correct it or leave it out")
    quality = content.get("quality")
    if not (quality is None or is_digest(quality)):
        raise DataError(f'{path}: quality must be "sha256:" and 64 hexadecimal digits; correct it or leave it out')
    return Manifest(as_of, source, target_group, quality)
