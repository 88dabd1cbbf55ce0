"""The tables of a database, through SQLAlchemy, read in batches; its password stays out of every message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sql
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ml.errors import DataError, UsageError
from ml.progress import Say
from ml.register.extract import Manifest
from ml.register.intake.header import check_header
from ml.register.intake.raw import RawRecords, raw_columns
from ml.register.schema import TABLES, Table

BATCH = 50_000  # records a fetch
TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, repr=False)
class DatabaseSource:
    """A database that holds the register's seven tables, in a schema when one is named."""

    url: URL
    schema: str | None = None

    @property
    def name(self) -> str:
        """The database as messages and reports name it: without password and settings."""
        shown = self.url.set(query={}).render_as_string(hide_password=True)
        return f"{shown} schema {self.schema}" if self.schema else shown

    def __repr__(self) -> str:
        """Return the name: never the password."""
        return f"DatabaseSource({self.name})"

    def manifest(self) -> Manifest | None:
        """Return None: a database does not say up to which day it knows."""
        return None

    def tables(self, say: Say) -> Iterator[RawRecords]:
        """Yield the seven tables, all as of one moment where the database can.

        Raises DataError: the database cannot be read, or a table or column is missing or undeclared;
        UsageError: the driver is not installed.
        """
        try:
            engine = sql.create_engine(self.url)
        except (ImportError, NoSuchModuleError):
            raise UsageError(f"{self.name}: no driver for {self.url.drivername} is installed") from None
        try:
            with engine.connect().execution_options(**_as_of_one_moment(engine)) as connection:
                columns = self._columns(connection)
                for table in TABLES.values():
                    say(f"reading {table.name}")
                    yield self._table(connection, table, columns[table.name])
        except (SQLAlchemyError, OSError) as error:
            raise DataError(f"{self.name}: cannot be read ({self._reason(error)})") from None
        finally:
            engine.dispose()

    def _columns(self, connection: Connection) -> dict[str, list[str]]:
        """Return each table's columns, checked before anything is read."""
        inspector = sql.inspect(connection)
        there = set(inspector.get_table_names(self.schema)) | set(inspector.get_view_names(self.schema))
        missing = [name for name in TABLES if name not in there]
        if missing:
            raise DataError(f"{self.name}: lacks the tables {', '.join(missing)}; name their schema with --schema")
        found = {name: [column["name"] for column in inspector.get_columns(name, self.schema)] for name in TABLES}
        for name, names in found.items():
            check_header(f"{self.name} table {name}", TABLES[name], names)
        return found

    def _table(self, connection: Connection, table: Table, names: list[str]) -> RawRecords:
        described = sql.table(table.name, *map(sql.column, names), schema=self.schema)
        wanted = sql.select(*(described.c[name] for name in table.names))
        wanted = wanted.order_by(*(described.c[name] for name in table.key))
        options = {"stream_results": True, "max_row_buffer": BATCH}
        with connection.execute(wanted, execution_options=options) as rows:
            batches = [_batch(table, part) for part in rows.partitions(BATCH)]
        schema = pa.schema([pa.field(name, TEXT) for name in table.names])
        return RawRecords(table, table.name, raw_columns(pa.Table.from_batches(batches, schema)), 1, None)

    def _reason(self, error: Exception) -> str:
        """Return the driver's first line, without passwords."""
        said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
        line = said.splitlines()[0][:160]
        for secret in (self.url.password, self.url.query.get("password")):
            line = line.replace(str(secret), "***") if secret else line
        return line


def database_source(text: str, schema: str | None = None) -> DatabaseSource:
    """Return the database that a URL names. Raises UsageError, which does not quote it, when it cannot be read."""
    try:
        return DatabaseSource(make_url(text), schema)
    except (ArgumentError, ValueError):
        raise UsageError(
            "--from: is neither a folder nor the URL of a database; write postgresql://user@host/database"
        ) from None


def _as_of_one_moment(engine: sql.Engine) -> dict[str, Any]:
    if engine.dialect.name == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {}


def _batch(table: Table, rows: Any) -> Any:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(map(_text, column), pa.string()).dictionary_encode() for column in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([pa.field(name, TEXT) for name in table.names]))


def _text(value: object) -> str | None:
    """Return a value as a CSV of the same data would hold it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | memoryview):
        raise DataError("the database holds bytes where text, numbers or dates belong; deliver a view that casts them")
    whole = value == value.to_integral_value() if hasattr(value, "to_integral_value") else False
    return str(int(value)) if whole else str(value)  # type: ignore[call-overload]
