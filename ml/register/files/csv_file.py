"""A CSV file: its delimiter and header, then its rows as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ml.errors import DataError
from ml.register.distinct import distinct_values, spread
from ml.register.files.header import check_names, clean_names
from ml.register.files.text_scan import LONGEST_LINE, READS, read_head, scan
from ml.register.wording import counted

DELIMITERS = (";", ",", "\t", "|")
BLOCK = 8 * LONGEST_LINE  # bytes read at a time; no row may be longer


@dataclass(frozen=True)
class CsvContent:
    """The kept columns of a CSV file as an Arrow table of text, and how the file was read."""

    columns: Any
    delimiter: str
    digest: str
    warnings: tuple[str, ...]


def read_csv(path: Path, expected: Collection[str], kept: Sequence[str]) -> CsvContent:
    """Return the kept columns of a CSV file as text.

    The header is checked first; then one pass checks the bytes in bounded memory; then the rows are read.
    Raises DataError.
    """
    head = read_head(path)
    delimiter, names = _header(path.name, head, expected)
    check_names(path.name, names, expected)
    _check_rows(path, head, delimiter)
    found = scan(path)
    columns = _rows(path, names, kept, delimiter, found.encoding)
    read_as = READS.get(found.encoding)
    warnings = (f"{path.name} is not UTF-8: it was read as {read_as}; check its letters",) if read_as else ()
    return CsvContent(columns, delimiter, found.digest, warnings)


def _header(file: str, head: str, expected: Collection[str]) -> tuple[str, list[str]]:
    """Return the delimiter that makes the header match most declared names, and the names."""
    first_line = head.split("\n", 1)[0]
    if "\0" in first_line:
        raise DataError(f"{file}: holds NUL bytes: it is not text, or UTF-16 without its mark")
    if not first_line.strip():
        raise DataError(f"{file}: row 1 is blank; the first row must name the columns")
    if len(head) > LONGEST_LINE and "\n" not in head and "\r" not in head:
        raise DataError(f"{file}: line 1 is longer than {LONGEST_LINE} bytes; is this a table?")
    read = {delimiter: _first_record(file, head, delimiter) for delimiter in DELIMITERS}
    wanted = set(expected)

    def fit(delimiter: str) -> tuple[int, int]:
        record = read[delimiter]
        return len({name.strip() for name in record} & wanted), len(record)

    best = max(DELIMITERS, key=fit)
    return best, clean_names(file, read[best])


def _first_record(file: str, head: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"{file}: the header cannot be read ({error})") from None


def _check_rows(path: Path, head: str, delimiter: str) -> None:
    """Raise DataError when a small file holds a header and nothing else (Arrow then says something odd)."""
    if path.stat().st_size > LONGEST_LINE:
        return
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    next(rows)
    try:
        if any(field.strip() for row in rows for field in row):
            return
    except csv.Error:  # a field too long for this reader is a row nevertheless
        return
    raise DataError(f"{path.name}: has a header and no rows; there is nothing to learn from")


def _rows(path: Path, names: Sequence[str], kept: Sequence[str], delimiter: str, encoding: str) -> Any:
    """Return the kept columns, each value as dictionary-encoded text, without blank rows at the end."""
    ragged: list[str] = []

    def refuse(row: Any) -> str:
        there_are = counted(row.actual_columns, "field", "fields")
        ragged.append(f"row {row.number} has {there_are}, the header has {row.expected_columns}")
        return "error"

    read = pyarrow.csv.ReadOptions(
        use_threads=False,  # only then does Arrow tell the number of a ragged row
        block_size=BLOCK,
        column_names=list(names),
        skip_rows_after_names=1,
        encoding=encoding,
    )
    form = pyarrow.csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=refuse
    )
    try:
        table = pyarrow.csv.read_csv(path, read, form, _as_text(names, kept))
    except pa.ArrowException as error:
        raise DataError(f"{path.name}: {ragged[0] if ragged else _reason(error)}") from None
    return _without_blank_end(table.unify_dictionaries())


def _as_text(names: Sequence[str], kept: Sequence[str]) -> Any:
    """Return options by which every value stays the text that it is, an empty one too."""
    return pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())),
        include_columns=list(kept),
        null_values=[],
        strings_can_be_null=False,
    )


def _reason(error: Exception) -> str:
    if "straddling" in str(error):
        return f"a row is longer than {BLOCK} bytes; is a quotation mark not closed?"
    return f"cannot be read as CSV ({str(error).splitlines()[0][:160]})"


def _without_blank_end(table: Any) -> Any:
    """Return the table without the blank rows that spreadsheets leave at its end."""
    rows = table.num_rows
    if not rows or any(str(column[rows - 1].as_py()).strip() for column in table.columns):
        return table
    filled = 0
    for column in table.columns:
        given = distinct_values("", column)
        has_text = np.array([bool(text) for text in given.text().to_pylist()], dtype=bool)
        where = np.flatnonzero(spread(has_text, given.codes, False))
        filled = max(filled, int(where[-1]) + 1 if len(where) else 0)
    return table.slice(0, filled)
