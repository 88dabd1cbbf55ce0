"""The people of an extract: which person each row tells of, and what that person is called in the output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.errors import DataError
from ml.pseudonym import Pseudonymiser, normalised
from ml.register.pseudonymise.ladder import Numbers


@dataclass(frozen=True)
class People:
    """The people of an extract, numbered 0 … n - 1 in the order of their identity codes.

    codes       Arrow array of normalised identity codes; it never leaves the process
    pseudonyms  Arrow array of their pseudonyms
    """

    codes: Any
    pseudonyms: Any

    def __repr__(self) -> str:
        """Say nothing of anybody."""
        return f"People({len(self.codes)})"

    def numbers(self, table: str, codes: Any) -> Numbers:
        """Return the number of each row's person. Raises DataError when one is not among the jobseekers."""
        distinct, row = _distinct(table, codes)
        found = pc.index_in(distinct, value_set=self.codes)
        if found.null_count:
            raise DataError(f"{table}: tells of people who are not among the jobseekers; run apualy register intake")
        return np.asarray(found.to_numpy(), dtype=np.int64)[row]

    def pseudonym_column(self, numbers: Numbers) -> Any:
        """Return the pseudonyms of numbered people as an Arrow array."""
        return self.pseudonyms.take(pa.array(numbers))


def people_of(jobseekers: Any, pseudonymiser: Pseudonymiser) -> People:
    """Return the people of the table of jobseekers, each pseudonym computed once."""
    distinct, _ = _distinct("jobseekers", jobseekers.column("identity_code"))
    codes = sorted(set(distinct.to_pylist()))
    return People(pa.array(codes, pa.string()), pa.array(pseudonymiser.pseudonyms(codes), pa.string()))


def _distinct(table: str, codes: Any) -> tuple[Any, Numbers]:
    """Return the distinct codes in their one form, and which of them each row holds."""
    if codes.null_count:
        raise DataError(f"{table}: a row tells of nobody; run apualy register intake")
    encoded = pc.dictionary_encode(codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes)
    try:
        forms = [normalised(code) for code in encoded.dictionary.to_pylist()]
    except DataError:
        raise DataError(f"{table}: a row's identity code is not one; run apualy register intake") from None
    return pa.array(forms, pa.string()), np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
