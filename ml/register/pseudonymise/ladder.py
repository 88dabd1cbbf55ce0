"""One attribute of all rows, as numbers: which text each row would carry at each level of detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ml.register.pseudonymise.attributes import SUPPRESSED, Attribute

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Ladder:
    """The texts of one attribute, level by level.

    texts  the distinct texts of all levels; the last two are null (missing in the register) and "*" (suppressed)
    codes  level × row: which text a row carries there; level 0 is "*" for everybody
    """

    name: str
    texts: tuple[str | None, ...]
    codes: NDArray[np.int32]

    def column(self, levels: NDArray[np.int8]) -> Any:
        """Return the Arrow column of texts with each row at its level."""
        codes = self.codes[levels, np.arange(len(levels))]
        missing = codes == len(self.texts) - 2
        texts = pa.array([text or "" for text in self.texts])
        return texts.take(pa.array(codes, mask=missing))

    def is_missing(self) -> NDArray[np.bool_]:
        """Return for each row whether the register has no value."""
        return np.asarray(self.codes[-1] == len(self.texts) - 2)


def ladder_of(attribute: Attribute, values: Any) -> Ladder:
    """Return the ladder of an attribute's derived values (an Arrow array, one a row)."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    encoded = pc.dictionary_encode(values)
    distinct = encoded.dictionary.to_pylist()
    levels = [[level.text(value) for value in distinct] for level in attribute.levels]
    texts = sorted({text for level in levels for text in level})
    number = {text: index for index, text in enumerate(texts)}
    row = np.asarray(encoded.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False), dtype=np.int64)
    codes = np.full((len(levels) + 1, len(row)), len(texts) + 1, dtype=np.int32)
    for level, of_distinct in enumerate(levels, start=1):
        codes[level] = np.array([*(number[text] for text in of_distinct), len(texts)], dtype=np.int32)[row]
    return Ladder(attribute.name, (*texts, None, SUPPRESSED), codes)


def ladders_of(attributes: Sequence[Attribute], columns: Mapping[str, Any], as_of: Any) -> tuple[Ladder, ...]:
    """Return the ladders of attributes over the columns of `jobseekers`."""
    return tuple(ladder_of(attribute, attribute.derive(columns, as_of)) for attribute in attributes)
