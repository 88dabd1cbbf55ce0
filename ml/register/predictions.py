"""A file of predictions of any system: what was said of people, what came true, and who they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ml.contracts import Bools, Floats, Predictions
from ml.errors import DataError, without_identity_codes
from ml.register.cohort.groups import number_groups
from ml.register.files import RawTable, read_table
from ml.register.files.csv_file import DELIMITERS
from ml.register.files.header import clean_names
from ml.register.files.parquet_file import MAGIC
from ml.register.files.table import GZIP, SPREADSHEET
from ml.register.files.text_scan import read_head
from ml.register.wording import cut

TRUE, FALSE = {"1", "1.0", "true", "yes"}, {"0", "0.0", "false", "no"}
UNKNOWN = {"", "nan", "na", "none", "null", "<na>"}
LEADING_ZERO = r"^0\d"  # what begins so is a code, as of a place, and no number


@dataclass(frozen=True)
class Columns:
    """Which columns of the file are what; None: the file has none such.

    bands  protected number → cut points of its groups; a number without is cut at its quartiles
    """

    outcome: str
    score: str
    protected: tuple[str, ...]
    weight: str | None = None
    person: str | None = None
    bands: Mapping[str, tuple[float, ...]] | None = None

    @property
    def named(self) -> list[str]:
        """Return every column once."""
        given = (self.outcome, self.score, self.weight, self.person, *self.protected)
        return list(dict.fromkeys(name for name in given if name is not None))


@dataclass(frozen=True)
class PredictionFile:
    """What a file holds: predictions, and the groups of people row by row beside them."""

    predictions: Predictions
    protected: pd.DataFrame
    digest: str


def read_predictions(path: Path, columns: Columns) -> PredictionFile:
    """Return what the columns hold. An outcome that is missing is not known, and says nothing.

    Raises DataError, one line: no such file or column, broken or ragged content, no rows, a value that cannot be an
    outcome, a chance or a weight, and identity codes among the groups.
    """
    table = read_table(path, names := _names(path, columns), [each for each in names if each not in columns.named])
    frame = pd.DataFrame({name: _read(table, name) for name in columns.named})
    outcome, known = _outcome(path.name, frame[columns.outcome])
    score = _numbers(path.name, frame[columns.score], "a chance from 0 to 1", 1.0)
    weight = known.astype(np.float64)
    if columns.weight is not None:
        weight *= _numbers(path.name, frame[columns.weight], "a weight, not negative", np.inf)
    person = np.arange(len(frame)) if columns.person is None else pd.factorize(frame[columns.person])[0]
    if columns.person is not None and (person < 0).any():
        raise DataError(
            f"{path.name}: {columns.person!r} is missing in {int((person < 0).sum())} rows; name each person"
        )
    groups = {name: _groups(path.name, frame[name], (columns.bands or {}).get(name, ())) for name in columns.protected}
    return PredictionFile(Predictions(1.0, score, outcome, weight, person), pd.DataFrame(groups), table.digest)


def _names(path: Path, columns: Columns) -> list[str]:
    """Return the names of all columns of the file; of what is no table those wanted, for `read_table` to refuse it."""
    coded = [name for name in columns.named if without_identity_codes(name) != name]
    if coded:
        raise DataError(f"{path.name}: a column is named by an identity code; give it another name")
    if not path.is_file():
        return columns.named
    with path.open("rb") as stream:
        magic = stream.read(4)
    try:
        names = list(pq.read_schema(path).names) if magic == MAGIC else _header(read_head(path), columns.named)
    except (pa.ArrowException, OSError, csv.Error):
        return columns.named
    if not names or magic.startswith((SPREADSHEET, GZIP)) or any("\0" in name for name in names):
        return columns.named
    names = clean_names(path.name, names)
    absent = [name for name in columns.named if name not in names]
    if absent:
        raise DataError(
            f"{path.name}: there is no column {', '.join(map(repr, absent))}; it has {', '.join(map(cut, names[:20]))}"
            + (" and more" if len(names) > 20 else "")
        )
    return names


def _header(head: str, wanted: list[str]) -> list[str]:
    """Return the first record, by the delimiter that makes most of it names that are wanted."""
    records = [next(csv.reader(io.StringIO(head, newline=""), delimiter=each), []) for each in DELIMITERS]
    return max(records, key=lambda record: (len({name.strip() for name in record} & set(wanted)), len(record)))


def _read(table: RawTable, name: str) -> pd.Series[Any]:
    """Return a column as numbers where all that is written are such, else as it is; None where nothing is."""
    stored = table.columns.column(name)
    if pa.types.is_nested(stored.type):
        raise DataError(f"{table.file}: {cut(name)} holds lists or records; give one value a row")
    if not pa.types.is_dictionary(stored.type):
        column: pd.Series[Any] = stored.to_pandas()
        return column
    values = stored.combine_chunks()
    told = pc.utf8_trim_whitespace(values.dictionary)
    told = pc.if_else(pc.is_in(pc.utf8_lower(told), pa.array(sorted(UNKNOWN))), None, told)
    numbers = _as_numbers(told, table.comma_allowed)
    made: pd.Series[Any] = (told if numbers is None else numbers).take(values.indices).to_pandas()
    return made


def _as_numbers(told: Any, comma_allowed: bool) -> Any:
    """Return an array of text as one of numbers, or None where some of it is none."""
    if pc.any(pc.match_substring_regex(told, LEADING_ZERO)).as_py():
        return None
    try:
        numbers = pc.cast(pc.replace_substring(told, ",", ".") if comma_allowed else told, pa.float64())
    except pa.ArrowInvalid:
        return None
    return numbers if pc.all(pc.is_finite(numbers)).as_py() is not False else None


def _outcome(file: str, column: pd.Series[Any]) -> tuple[Bools, Bools]:
    """Return the outcomes and where they are known, (n,) each."""
    codes, values = pd.factorize(column)
    told = [(f"{value:g}" if isinstance(value, float) else str(value).strip()).lower() for value in values]
    odd = [text for text in told if text not in TRUE | FALSE | UNKNOWN]
    if odd:
        raise DataError(
            f"{file}: {column.name!r} holds {cut(odd[0])!r}, which is no outcome; write 1 where it came true, "
            "0 where it did not, and nothing where it is not known"
        )
    true = np.array([*(text in TRUE for text in told), False])[codes]
    return true, np.array([*(text not in UNKNOWN for text in told), False])[codes]


def _numbers(file: str, column: pd.Series[Any], what: str, highest: float) -> Floats:
    values = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    wrong = ~((values >= 0) & (values <= highest) & np.isfinite(values))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DataError(
            f"{file}: {column.name!r} is not {what} in {int(wrong.sum())} of {len(values)} rows, the first in data row "
            f"{first + 1}"
        )
    return values


def _groups(file: str, column: pd.Series[Any], bands: tuple[float, ...]) -> pd.Series[Any]:
    """Return the groups of an attribute; numbers are banded."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = np.array(column, dtype=np.float64)
        values[np.isinf(values)] = np.nan
        return pd.Series(number_groups(values, bands), name=column.name, dtype=object)
    if bands:
        raise DataError(f"{file}: {column.name!r} holds text, which has no bands; leave --bands out for it")
    if any(without_identity_codes(str(value)) != str(value) for value in column.dropna().unique()):
        raise DataError(
            f"{file}: {column.name!r} holds identity codes; they are no groups of people, and must not be here"
        )
    return column.reset_index(drop=True)
