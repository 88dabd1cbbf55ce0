"""A table as its source holds it: texts, not yet checked; each distinct text once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ml.contracts import Rows
from ml.register.distinct import distinct_values
from ml.register.schema import Table

Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Texts:
    """The texts of one column.

    texts  Arrow array of text, each once, without blanks around them, none empty
    codes  (n,) where each row's text stands in `texts`, -1 where the source has none
    """

    texts: Any
    codes: Codes

    def taken(self, rows: Rows) -> Any:
        """Return the texts of some rows, by position, as an Arrow array; null where there is none."""
        codes = self.codes[rows]
        return self.texts.take(pa.array(codes, mask=codes < 0))


@dataclass(frozen=True)
class RawRecords:
    """One table of the register, not yet checked.

    where      the file's name, or the database's table
    columns    name → texts, in the order of the schema
    first_row  how a reader of the source numbers the first record: 2 in CSV, 1 elsewhere
    digest     "sha256:…" of the file's bytes; None for a database
    remarks    what is odd about the file and no reason to refuse it
    """

    table: Table
    where: str
    columns: Mapping[str, Texts]
    first_row: int
    digest: str | None
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of records."""
        return len(next(iter(self.columns.values())).codes)


def raw_columns(table: Any) -> dict[str, Texts]:
    """Return the columns of an Arrow table as texts.

    Raises DataError for a column that is stored in a way that has no plain values (lists, bytes).
    """
    unified = table.unify_dictionaries()
    return {name: _texts(name, unified[name]) for name in unified.column_names}


def without_blank_end(columns: Mapping[str, Texts]) -> tuple[dict[str, Texts], int]:
    """Return the columns without the rows at their end that hold nothing, and how many those were."""
    filled = {name: np.flatnonzero(texts.codes >= 0) for name, texts in columns.items()}
    kept = max(int(rows[-1]) + 1 if len(rows) else 0 for rows in filled.values())
    blank = len(next(iter(columns.values())).codes) - kept
    return {name: Texts(texts.texts, texts.codes[:kept]) for name, texts in columns.items()}, blank


def _texts(name: str, column: Any) -> Texts:
    found = distinct_values(name, column)
    trimmed = found.text().dictionary_encode()  # distinct values may become equal once blanks are gone
    texts = trimmed.dictionary
    kept = np.array(pc.not_equal(texts, "").to_numpy(zero_copy_only=False), dtype=bool)
    renumbered = np.where(kept, np.cumsum(kept) - 1, -1)
    of_stored = np.append(renumbered[trimmed.indices.to_numpy(zero_copy_only=False)], -1).astype(np.int32)
    return Texts(texts.filter(pa.array(kept)), of_stored[found.codes])
