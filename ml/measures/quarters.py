"""In which calendar quarter a spell was looked at: a model that is right on the whole may be wrong now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Dates, Floats, Outcome


def quarters(start: Dates, entry: Floats, outcome: Outcome) -> NDArray[np.str_]:
    """Return the quarter of each look, (n,), such as "2018 Q3".

    start  (n,) first day of the spell
    entry  (n,) how long it had lasted when it was looked at, in the contract's unit
    """
    days = np.floor(entry * outcome.unit_days + 1e-9).astype("timedelta64[D]")
    months = (start.astype("datetime64[D]") + days).astype("datetime64[M]").astype(np.int64)
    years, quarter = 1970 + months // 12, months % 12 // 3 + 1
    return np.array([f"{year} Q{number}" for year, number in zip(years, quarter, strict=True)])
