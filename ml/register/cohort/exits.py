"""How a spell ended, from the exit column and the values that mean an exit or an end of watching."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from ml.contracts import Bools, ColumnType, Outcome
from ml.register.cohort.values.validate import Checked, parse
from ml.register.distinct import distinct_values
from ml.register.wording import listed

WHOLE_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))[.,]0+")


def exits_seen(outcome: Outcome, ended: Checked | None, spells: int) -> tuple[Bools, tuple[str, ...]]:
    """Return for each spell whether its exit was seen (n,), and warnings of listed values that never occur.

    `ended` is the exit column, None when every exit was seen. The listed values read as the column's own do:
    1 is "1" and "1.0" of a number, "true" of a boolean, "1" of a category.
    """
    if ended is None:
        return np.ones(spells, dtype=bool), ()
    texts = outcome.exit_when or outcome.censored_when
    column = pa.chunked_array([pa.array(texts, pa.string())])
    parsed = parse(distinct_values(ended.column.name, column), ended.column)
    wanted, present = parsed.values, ended.values
    if ended.column.type is ColumnType.CATEGORY:
        wanted, present = _as_codes(wanted), _as_codes(present)
    listed_values: Bools = np.isin(present, wanted)
    occurring = set(np.unique(present).tolist())
    unseen = [text for text, value in zip(texts, wanted.tolist(), strict=True) if value not in occurring]
    key = "exit_when" if outcome.exit_when else "censored_when"
    warnings = (f"[outcome] {key}: {listed(unseen)} never occurs in column {ended.column.name}",) if unseen else ()
    return (listed_values if outcome.exit_when else ~listed_values), warnings


def _as_codes(
    values: np.ndarray[tuple[int], np.dtype[np.object_]],
) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Return codes of categories with whole numbers alike: "1.0" is "1"; "01" stays itself."""
    distinct, index = np.unique(values.astype(str), return_inverse=True)
    alike = [WHOLE_NUMBER.sub(r"\1", code) if WHOLE_NUMBER.fullmatch(code) else code for code in distinct]
    return np.array(alike, dtype=str)[index]
