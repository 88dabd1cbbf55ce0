"""Rows in an order that follows from what they say, written to Parquet in groups."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ml.register.pseudonymise.ladder import Numbers

GROUP_ROWS = 100_000
_ROOM = 2**62  # what fits into one sort key


def in_order(table: Any) -> Any:
    """Return the rows sorted by all columns from left to right, text by its bytes, nulls last.

    The order tells nothing of the order of the source, and the same rows always come out as the same table.
    """
    keys: list[Numbers] = []
    room = 0
    for column in table.columns:
        ranks, count = _ranks(column)
        if keys and room * count < _ROOM:
            keys[-1] = keys[-1] * count + ranks
            room *= count
        else:
            keys.append(ranks)
            room = count
    order = np.argsort(keys[0]) if len(keys) == 1 else np.lexsort(keys[::-1])
    return table.take(pa.array(order))


def write_groups(path: Path, schema: Any, tables: Iterable[Any]) -> None:
    """Write tables one after the other as one Parquet file of row groups of 100,000 rows, however they were cut."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        waiting = schema.empty_table()
        for table in tables:
            waiting = pa.concat_tables([waiting, table])
            whole = waiting.num_rows // GROUP_ROWS * GROUP_ROWS
            for start in range(0, whole, GROUP_ROWS):
                writer.write_table(waiting.slice(start, GROUP_ROWS).combine_chunks())
            waiting = waiting.slice(whole).combine_chunks()
        if waiting.num_rows:
            writer.write_table(waiting)


def _ranks(column: Any) -> tuple[Numbers, int]:
    """Return numbers that sort as the column's values do, and how many there may be."""
    if pa.types.is_string(column.type):
        return _text_ranks(column.combine_chunks())
    if pa.types.is_date32(column.type):
        column = pc.cast(column, pa.int32())
    numbers = pc.cast(column, pa.int64())
    if numbers.null_count == len(numbers):
        return np.zeros(len(numbers), dtype=np.int64), 1
    bounds = pc.min_max(numbers)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    filled = pc.fill_null(numbers, high + 1).to_numpy() - low
    return np.asarray(filled, dtype=np.int64), high - low + 2


def _text_ranks(column: Any) -> tuple[Numbers, int]:
    encoded = pc.dictionary_encode(column)
    count = len(encoded.dictionary)
    rank = np.empty(count + 1, dtype=np.int64)
    rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(count)
    rank[count] = count
    return rank[np.asarray(encoded.indices.fill_null(count).to_numpy(), dtype=np.int64)], count + 1
