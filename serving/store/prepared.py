"""Statements of every hint, compiled once and asked on the driver's own cursor.

SQLAlchemy's way to the driver and back costs these few more than the database does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Select

from .engines import told


class Prepared:
    """A statement, asked in the transaction that a connection is in.

    Only for values that drivers take as they are, texts and whole numbers; a row comes as the driver gives it, in
    SQLite with 0 and 1 for false and true.
    """

    def __init__(self, statement: Select[Any] | Insert) -> None:
        """Know the statement; it is compiled for a database when it is first asked there."""
        self._statement = statement
        self._compiled = lru_cache(2)(self._compile)

    def first(self, connection: Connection, values: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
        """Return the first row; None: there is none. Raises what SQLAlchemy raises."""
        cursor = self._asked(connection, values or {})
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()
        return row

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Do what the statement says. Raises what SQLAlchemy raises."""
        self._asked(connection, values).close()

    def _asked(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        text, order, usual, error = self._compiled(connection.dialect)
        given = {**usual, **values}
        try:
            driver: Any = connection.connection.dbapi_connection
            cursor = driver.cursor()
            cursor.execute(text, given if order is None else [given[name] for name in order])
        except error as problem:
            raise told(connection, problem, text) from problem
        return cursor

    def _compile(self, dialect: Dialect) -> tuple[str, list[str] | None, Mapping[str, Any], type[Exception]]:
        """Return text, order of values that go by place, those that it has itself, and what the driver raises."""
        compiled = self._statement.compile(dialect=dialect)
        order = compiled.positiontup if compiled.positional else None
        own = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), order, own, dialect.loaded_dbapi.Error
