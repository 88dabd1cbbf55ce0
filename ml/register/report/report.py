"""The comparison of an extract with the city's figures: read, measured, written as a table or JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ml.errors import DataError
from ml.progress import Say, silent
from ml.register.duck import open_database
from ml.register.extract import read_manifest
from ml.register.report.measures import measures
from ml.register.report.targets import HELSINKI, JANUARY, OF_OTHER_DAYS, Target, targets
from ml.register.schema import TABLES, Table, ValueType

USED = ("jobseekers", "employment_codes", "benefits")
TYPES = {
    ValueType.IDENTITY_CODE: "VARCHAR",
    ValueType.CODE: "VARCHAR",
    ValueType.INTEGER: "INTEGER",
    ValueType.BOOLEAN: "BOOLEAN",
    ValueType.DATE: "DATE",
}


@dataclass(frozen=True)
class Figure:
    """One figure beside what it should be; NaN where the extract has nobody to tell it of."""

    target: Target
    value: float

    @property
    def within(self) -> bool:
        """Whether the figure is near enough."""
        return self.target.low <= self.value <= self.target.high


@dataclass(frozen=True)
class RegisterReport:
    """What an extract says of a day, beside the city's figures."""

    as_of: date
    figures: tuple[Figure, ...]

    def as_json(self) -> str:
        """Return the report as JSON: the day, and each figure's target, limits and value."""
        figures = [
            {
                "name": figure.target.name,
                "target": _plain(figure.target.target),
                "low": _plain(figure.target.low),
                "high": _plain(figure.target.high),
                "value": _plain(figure.value),
                "within": figure.within,
            }
            for figure in self.figures
        ]
        return json.dumps({"as_of": self.as_of.isoformat(), "figures": figures}, indent=2, allow_nan=False) + "\n"

    def as_table(self) -> str:
        """Return the report as a table for people."""
        rows = [("", "target", "from", "to", "here", ""), *map(_row, self.figures)]
        width = max(len(row[0]) for row in rows)
        lines = [_line(row, width) for row in rows]
        title = f"{'As of ' + self.as_of.isoformat():{width}}{self._remark()}".rstrip()
        return "\n".join([title, *lines]) + "\n"

    def _remark(self) -> str:
        if self.as_of == JANUARY:
            return ""
        some = ", where nothing else is said" if self.as_of in OF_OTHER_DAYS else ""
        return f"  (targets are of January 2020{some})"


def report(folder: Path, say: Say = silent) -> RegisterReport:
    """Return an extract's figures on its as-of date, held against the city's.

    The folder holds the tables of the schema, one CSV (as a raw extract has it) or Parquet file each. Its day is that
    of `register.toml`, else the latest on which anything was entered in the tables that are read. Counts are held
    against Helsinki's of January 2020, those of a synthetic register as much smaller or larger as its target group
    was asked to be.

    Raises DataError when a table is missing or is not as the schema declares it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; name one with the tables of an extract")
    manifest = read_manifest(folder)
    with open_database() as connection:
        for name in USED:
            say(f"reading {name}")
            _take(connection, folder, TABLES[name])
        as_of = manifest.as_of if manifest else _latest(connection, folder)
        say("counting")
        values = measures(connection, as_of)
    asked = manifest.target_group if manifest else None
    wanted = targets(as_of, (asked or HELSINKI) / HELSINKI)
    return RegisterReport(as_of, tuple(Figure(target, values[target.name]) for target in wanted))


def _take(connection: Any, folder: Path, table: Table) -> None:
    """Read a table into the connection, with the schema's types."""
    path = next((each for each in _places(folder, table) if each.exists()), None)
    if path is None:
        raise DataError(f"{folder}: no table {table.name}; an extract holds {table.name}.csv or .parquet")
    place = str(path).replace("'", "''")
    columns = {column.name: TYPES[column.type] for column in table.columns}
    typed = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
    source = _csv(place, columns) if path.suffix == ".csv" else f"FROM read_parquet('{place}')"
    try:
        connection.execute(f"CREATE TEMP TABLE {table.name} AS SELECT {typed} FROM ({source})")  # noqa: S608
    except duckdb.Error:  # its message may quote a row
        raise DataError(f"{path}: not as the schema declares it; apualy register intake tells what is wrong") from None


def _places(folder: Path, table: Table) -> tuple[Path, Path]:
    return folder / f"{table.name}.csv", folder / f"{table.name}.parquet"


def _csv(place: str, columns: dict[str, str]) -> str:
    declared = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return (
        f"FROM read_csv('{place}', columns = {{{declared}}}, auto_detect = false, delim = ';', "
        "header = true, quote = '\"', dateformat = '%d.%m.%Y', nullstr = '')"
    )


def _latest(connection: Any, folder: Path) -> date:
    days = [connection.execute(f"SELECT max(entered) FROM {name}").fetchone()[0] for name in USED]  # noqa: S608
    known: list[date] = [day for day in days if day is not None]
    if not known:
        raise DataError(f"{folder}: the tables are empty; there is nothing to compare")
    return max(known)


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _row(figure: Figure) -> tuple[str, ...]:
    target = figure.target
    numbers = (_read(target, value) for value in (target.target, target.low, target.high, figure.value))
    return (target.words, *numbers, "" if figure.within else "off")


def _read(target: Target, value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if target.counts else f"{value:.1%}"


def _line(row: tuple[str, ...], width: int) -> str:
    return f"{row[0]:{width}}{''.join(f'{cell:>9}' for cell in row[1:5])}  {row[5]}".rstrip()
