"""A table from a CSV file, as texts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from ml.errors import DataError
from ml.register.files.text_scan import LONGEST_LINE, READS, UTF_16, Scan, read_head, scan
from ml.register.intake.header import check_header, clean
from ml.register.intake.raw import RawRecords, raw_columns, without_blank_end
from ml.register.schema import Table
from ml.register.wording import counted

DELIMITERS = (";", ",", "\t", "|")
BLOCK = 8 * LONGEST_LINE  # bytes read at a time; no record may be longer
NOT_TEXT = ((b"PK\x03\x04", "is a spreadsheet or an archive; save it as CSV"),
            (b"\x1f\x8b", "is compressed; unpack it first"),
            (b"PAR1", "is Parquet; name it .parquet"))  # fmt: skip


def read_csv_table(path: Path, table: Table) -> RawRecords:
    """Return the records of a CSV file: any of four delimiters, UTF-8, UTF-16, Windows-1252 or Latin-1.

    The header is checked first; then one pass checks the bytes in bounded memory; then the records are read.
    Raises DataError.
    """
    _refuse_other_formats(path)
    head = read_head(path)
    delimiter, names = _header(path, head, table)
    check_header(path.name, table, names)
    found = scan(path)
    names = [clean(name) for name in names]
    read = _read(path, names, delimiter, found) if _has_records(head) else _empty(names)
    columns, blank = without_blank_end(raw_columns(read.select(table.names)))
    return RawRecords(table, path.name, columns, 2, found.digest, _remarks(path, found, blank))


def _refuse_other_formats(path: Path) -> None:
    with path.open("rb") as stream:
        beginning = stream.read(4)
    if not beginning:
        raise DataError(f"{path.name}: is empty; deliver a file with a header at least")
    for magic, said in NOT_TEXT:
        if beginning.startswith(magic):
            raise DataError(f"{path.name}: {said}")


def _header(path: Path, head: str, table: Table) -> tuple[str, list[str]]:
    """Return the delimiter that makes the first row match most declared names, and the names."""
    if "\0" in head.split("\n", 1)[0]:
        raise DataError(f"{path.name}: holds NUL bytes: it is not text, or UTF-16 without its mark")
    if len(head) > LONGEST_LINE and "\n" not in head and "\r" not in head:
        raise DataError(f"{path.name}: line 1 is longer than {LONGEST_LINE} bytes; is this a table?")
    read = {delimiter: _first_record(path, head, delimiter) for delimiter in DELIMITERS}

    def fit(delimiter: str) -> tuple[int, int]:
        return len({clean(name) for name in read[delimiter]} & set(table.names)), len(read[delimiter])

    best = max(DELIMITERS, key=fit)
    return best, read[best]


def _first_record(path: Path, head: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise DataError(f"{path.name}: the header cannot be read ({error})") from None


def _has_records(head: str) -> bool:
    """Whether anything follows the header (Arrow says something odd where nothing does)."""
    parts = head.replace("\r", "\n").split("\n", 1)
    return len(parts) > 1 and bool(parts[1].strip())


def _read(path: Path, names: Sequence[str], delimiter: str, found: Scan) -> Any:
    """Return the records as dictionary-encoded text."""
    try:
        return _parse(path, names, delimiter, found, [], threads=True)
    except pa.ArrowException:
        pass  # read again, slowly: only then does Arrow tell where
    ragged: list[str] = []
    try:
        return _parse(path, names, delimiter, found, ragged, threads=False)
    except pa.ArrowException as error:
        raise DataError(f"{path.name}: {ragged[0] if ragged else _reason(error)}") from None


def _parse(path: Path, names: Sequence[str], delimiter: str, found: Scan, ragged: list[str], *, threads: bool) -> Any:
    def refuse(row: Any) -> str:
        fields = counted(row.actual_columns, "field", "fields")
        ragged.append(
            f"row {row.number} has {fields}, the header has {row.expected_columns}; was the file cut, or a "
            "delimiter not quoted?"
        )
        return "error"

    read = pyarrow.csv.ReadOptions(
        use_threads=threads,
        block_size=BLOCK,
        column_names=list(names),
        skip_rows_after_names=1,
        encoding=found.encoding,
    )
    form = pyarrow.csv.ParseOptions(
        delimiter=delimiter,
        newlines_in_values=True,
        ignore_empty_lines=False,
        invalid_row_handler=None if threads else refuse,
    )
    types = dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string()))
    texts = pyarrow.csv.ConvertOptions(column_types=types, null_values=[], strings_can_be_null=False)
    return pyarrow.csv.read_csv(path, read, form, texts)


def _reason(error: Exception) -> str:
    if "straddling" in str(error):
        return f"a row is longer than {BLOCK} bytes; is a quotation mark not closed?"
    return "cannot be read as CSV; export it again"  # Arrow's own words may quote the record


def _empty(names: Sequence[str]) -> Any:
    return pa.table({name: pa.array([], pa.string()) for name in names})


def _remarks(path: Path, found: Scan, blank: int) -> tuple[str, ...]:
    with path.open("rb") as stream:
        stream.seek(-min(4, path.stat().st_size), 2)
        end = stream.read().replace(b"\0", b"") if found.encoding == UTF_16 else stream.read()
    said = []
    if found.encoding in READS:
        said.append(f"{path.name} is not UTF-8: it was read as {READS[found.encoding]}; check its letters")
    if not end.endswith((b"\n", b"\r")):
        said.append(f"{path.name} does not end with a line break: check that the file was not cut")
    if blank:
        said.append(f"{path.name} ends with {counted(blank, 'blank row', 'blank rows')}, which were passed over")
    return tuple(said)
