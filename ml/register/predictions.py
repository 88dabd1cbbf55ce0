"""A file of predictions of any system: what was said of people, what came true, and who they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ml.contracts import Bools, Floats, Predictions
from ml.errors import DataError, without_identity_codes
from ml.register.cohort.groups import number_groups

PARQUET = b"PAR1"
TRUE, FALSE = {"1", "1.0", "true", "yes"}, {"0", "0.0", "false", "no"}
UNKNOWN = {"", "nan", "na", "none", "null", "<na>"}
BLOCK = 1 << 20  # bytes that are digested at once


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

    Raises DataError, one line: no such file or column, no rows, a value that cannot be an outcome, a chance or a
    weight, and identity codes among the groups.
    """
    frame = _frame(path, columns)
    if not len(frame):
        raise DataError(f"{path.name}: has a header and no rows; there is nothing to audit")
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
    return PredictionFile(Predictions(1.0, score, outcome, weight, person), pd.DataFrame(groups), _digest(path))


def _frame(path: Path, columns: Columns) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"{path}: {'is not a file' if path.exists() else 'does not exist'}; give a CSV or Parquet file")
    with path.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        raise DataError(f"{path.name}: is empty")
    try:
        if magic == PARQUET:
            names = _parquet_names(path)
            _require(path.name, columns, names)
            return pd.read_parquet(path, columns=columns.named)
        names = list(pd.read_csv(path, nrows=0).columns)
        _require(path.name, columns, names)
        return pd.read_csv(path, usecols=columns.named, low_memory=False, keep_default_na=True)
    except (ValueError, OSError) as problem:  # parser and decoding errors of pandas and Arrow are ValueErrors
        raise DataError(
            f"{path.name}: cannot be read as {'Parquet' if magic == PARQUET else 'CSV'}: {problem}"
        ) from None


def _parquet_names(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return list(pq.read_schema(path).names)


def _require(file: str, columns: Columns, names: list[str]) -> None:
    absent = [name for name in columns.named if name not in names]
    if absent:
        raise DataError(
            f"{file}: there is no column {', '.join(map(repr, absent))}; it has {', '.join(map(repr, names[:20]))}"
            + (" and more" if len(names) > 20 else "")
        )


def _outcome(file: str, column: pd.Series[Any]) -> tuple[Bools, Bools]:
    """Return the outcomes and where they are known, (n,) each."""
    codes, values = pd.factorize(column)
    told = [str(value).strip().lower() for value in values]
    odd = [value for value, text in zip(values, told, strict=True) if text not in TRUE | FALSE | UNKNOWN]
    if odd:
        raise DataError(
            f"{file}: {column.name!r} holds {str(odd[0])[:40]!r}, which is no outcome; write 1 where it came true, "
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
        values = np.asarray(column, dtype=np.float64)
        return pd.Series(number_groups(values, bands), name=column.name, dtype=object)
    if bands:
        raise DataError(f"{file}: {column.name!r} holds text, which has no bands; leave --bands out for it")
    if any(without_identity_codes(str(value)) != str(value) for value in column.dropna().unique()):
        raise DataError(
            f"{file}: {column.name!r} holds identity codes; they are no groups of people, and must not be here"
        )
    return column.reset_index(drop=True)


def _digest(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            made.update(block)
    return f"sha256:{made.hexdigest()}"
