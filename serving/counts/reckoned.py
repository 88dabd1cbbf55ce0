"""What anybody can reckon of the cells that are not shown: sums of groups and of columns hold for true counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .shown import bounds

Shown = Mapping[str, Sequence[Sequence[int | None]]]  # table → groups × columns; crossed ones: rows × columns
Crossings = Mapping[str, tuple[str, str]]  # crossed table → the tables that its rows and its columns are columns of
Bounds = NDArray[np.int64]
ENOUGH = 50  # rounds; bounds that still move after that move by nothing that matters


def narrowest(tables: Shown, whole: str, crossings: Crossings | None = None) -> int:
    """Return how many people the bounds of the cell are wide that is known best among those not shown.

    tables     what is shown; the first group holds all the others, and every table has the same people in a group
    whole      the table of one column that says how many these are
    crossings  which of them are crossed ones, of the people of the first group; a table that they name and that is not
               shown says nothing of them
    """
    crossings = crossings or {}
    cells = {key: np.array([[bounds(count) for count in row] for row in rows]) for key, rows in tables.items()}
    low, high = ({key: each[..., end] for key, each in cells.items()} for end in (0, 1))
    for _ in range(ENOUGH):
        before = [each.copy() for each in (*low.values(), *high.values())]
        for key in tables.keys() - crossings.keys():
            _tighten(low[key][0], high[key][0], low[key][1:], high[key][1:])
            if key != whole:
                _tighten(low[whole][:, 0], high[whole][:, 0], low[key].T, high[key].T)
        for key, (by_row, by_column) in crossings.items():
            if by_row in tables:
                _tighten(low[by_row][0], high[by_row][0], low[key].T, high[key].T)
            _tighten(low[by_column][0], high[by_column][0], low[key], high[key])
        if all(np.array_equal(one, other) for one, other in zip(before, (*low.values(), *high.values()), strict=True)):
            break
    widths = [
        int(high[key][group, column] - low[key][group, column])
        for key, rows in tables.items()
        for group, row in enumerate(rows)
        for column, count in enumerate(row)
        if count is None
    ]
    return min(widths, default=np.iinfo(np.int64).max)


def _tighten(low: Bounds, high: Bounds, low_parts: Bounds, high_parts: Bounds) -> None:
    """Draw bounds of sums (n,) and of their parts (parts, n) closer, in place, as far as each sum is its parts'."""
    np.maximum(low, low_parts.sum(axis=0), out=low)
    np.minimum(high, high_parts.sum(axis=0), out=high)
    rest_low, rest_high = low_parts.sum(axis=0) - low_parts, high_parts.sum(axis=0) - high_parts
    np.maximum(low_parts, low - rest_high, out=low_parts)
    np.minimum(high_parts, high - rest_low, out=high_parts)
