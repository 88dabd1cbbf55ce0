"""Names of the groups that the audit compares, from a column's declaration and its values."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ml.contracts import Bools, Column, ColumnType, Floats
from ml.contracts.audit import MISSING
from ml.register.wording import number_name

NO_YES = ("no", "yes")
MOST_NUMBERS = 10  # a number without bands and with more distinct values is cut at its quartiles


def band_names(cuts: tuple[float, ...]) -> tuple[str, ...]:
    """Return one name a band, lowest first: one more than there are cut points.

    Whole cut points read "under 25", "25–29", "50 and over"; others "25.5 to under 30".
    """
    if not cuts:
        return ()
    whole = all(float(cut).is_integer() and cut >= 0 for cut in cuts)
    between = []
    for low, high in pairwise(cuts):
        last = f"–{number_name(high - 1)}" if high - low > 1 else ""
        between.append(f"{number_name(low)}{last}" if whole else f"{number_name(low)} to under {number_name(high)}")
    return (f"under {number_name(cuts[0])}", *between, f"{number_name(cuts[-1])} and over")


def known_groups(column: Column) -> tuple[str, ...] | None:
    """Return the groups that the declaration fixes, or None where only the data tells."""
    if column.values is not None:
        return tuple(dict.fromkeys(column.values.values()))
    if column.type is ColumnType.BOOLEAN:
        return NO_YES
    return band_names(column.bands) or None


def number_groups(values: Floats, bands: tuple[float, ...]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the group name of each number; (n,), "missing" where it is NaN.

    Without bands each number is a group of its own, at most ten; beyond that quartiles of the data.
    A value on a cut point belongs to the band above it.
    """
    missing: Bools = np.isnan(values)
    distinct = np.unique(values[~missing])
    if not bands and len(distinct) <= MOST_NUMBERS:
        names = np.array([number_name(value) for value in distinct] or [MISSING], dtype=object)
        index = np.searchsorted(distinct, np.where(missing, distinct[0] if len(distinct) else 0.0, values))
    else:
        cuts = bands or _quartiles(values[~missing])
        names = np.array(band_names(cuts), dtype=object)
        index = np.digitize(np.where(missing, cuts[0], values), cuts)
    groups = names[index]
    groups[missing] = MISSING
    return groups


def _quartiles(values: Floats) -> tuple[float, ...]:
    """Return the quartiles as cut points that are values of the data and leave no band empty."""
    cuts = np.unique(np.quantile(values, [0.25, 0.5, 0.75], method="higher"))
    lowest = values.min()
    above = tuple(float(cut) for cut in cuts if cut > lowest)
    return above or (float(values[values > lowest].min()),)
