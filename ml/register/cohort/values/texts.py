"""Categories and booleans: what texts they may be, and what they mean."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.contracts import Column
from ml.register.cohort.values.truth import truth_of
from ml.register.distinct import Distinct, Fault, Parsed


def parse_booleans(given: Distinct) -> Parsed:
    """Return the distinct values as float64: 1 true, 0 false."""
    texts = given.text().to_pylist()
    truths = [truth_of(text) for text in texts]
    values = np.array([np.nan if truth is None else float(truth) for truth in truths], dtype=np.float64)
    missing = np.array([not text for text in texts], dtype=bool)
    hint = "write booleans as 1/0, true/false, yes/no, kyllä/ei or ja/nej"
    return Parsed(values, missing, (Fault(np.isnan(values) & ~missing, "is neither yes nor no", hint),))


def parse_categories(given: Distinct, column: Column) -> Parsed:
    """Return the distinct values as text, as coded in the file; only what `values` lists, if it lists."""
    text = given.text()
    values = np.array(text.to_pylist(), dtype=object)
    missing = np.array(pc.equal(text, "").to_numpy(zero_copy_only=False), dtype=bool)
    if column.values is None:
        return Parsed(values, missing)
    allowed = pc.is_in(text, value_set=pa.array(list(column.values), pa.string()))
    unknown = ~np.array(allowed.to_numpy(zero_copy_only=False), dtype=bool) & ~missing
    return Parsed(values, missing, (Fault(unknown, "is not among the declared values"),))
