"""People as numbers: every column of a mixed table on one footing, missing values among what it says.

Factor analysis of mixed data (Pagès 2004) codes a number by its z-score and a category by its indicators, each divided
by the root of its share, so that a column of either type weighs one along any axis. Three things are added:

* Numbers become ranks first. Days and counts have long tails and heaps at zero: of ranks, the longest subsidy is no
  further from the median than the thousandth longest, and no rare tail can make a group of its own. Of a yes or no,
  the z-score of the ranks is the z-score itself.
* What fewer than RARE of people share (a level, a missing value, all values but one) is pooled or left out.
* The same fact over several windows (`subsidy_days_1y`, `_3y`, `_5y`) is one voice: each of m windows weighs 1/m. And
  an indicator that repeats another (no service, so no ending of one) counts once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ml.contracts import Column, ColumnType, Floats, Rows

RARE = 0.02  # of people
SAME = 0.9995  # a correlation from which two columns say the same
WINDOW = re.compile(r"_\d+y$")  # how a window is written at the end of a name (ml/register/features)


@dataclass(frozen=True)
class Coded:
    """People as numbers.

    matrix   (n, width), each column of mean 0
    column   (width,) which of `columns` each was made from, rising
    columns  the columns that say something; those of one value are left out, and dates
    """

    matrix: Floats
    column: Rows
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.matrix)


def family(name: str) -> str:
    """Return the name without its window: what columns share that tell the same fact over several windows."""
    return WINDOW.sub("", name)


def code(features: pd.DataFrame, columns: Sequence[Column]) -> Coded:
    """Return the people of a table as numbers; a table without any variation has width 0."""
    made = [(column, _coded(features[column.name], column.type)) for column in columns]
    told = [(column, block) for column, block in made if block.shape[1]]
    sizes = Counter(family(column.name) for column, _ in told)
    blocks = [block / np.sqrt(sizes[family(column.name)]) for column, block in told]
    matrix = np.hstack([np.empty((len(features), 0)), *blocks])
    place = np.repeat(np.arange(len(told)), [block.shape[1] for _, block in told]).astype(np.int64)
    once = _once(matrix)
    return Coded(matrix[:, once], place[once], tuple(column for column, _ in told))


def _coded(values: pd.Series, kind: ColumnType) -> Floats:
    """Return one column as numbers, (n, 0 or more)."""
    if kind is ColumnType.DATE:  # a calendar day is nothing that people have in common
        return np.empty((len(values), 0))
    if kind is ColumnType.CATEGORY:
        return _indicators(values)
    numbers = values.to_numpy(dtype=np.float64)
    missing = np.isnan(numbers)
    return np.hstack([_ranked(numbers, ~missing), _standard(missing.astype(np.float64))])


def _ranked(numbers: Floats, known: np.ndarray) -> Floats:
    """Return the z-scores of the ranks, (n, 1): 0 where missing; (n, 0) where nearly all known values are one."""
    ranks = np.zeros((len(numbers), 1))
    _, counts = np.unique(numbers[known], return_counts=True)
    if not len(counts) or counts.max() > known.sum() - RARE * len(numbers):
        return ranks[:, :0]
    place = rankdata(numbers[known])
    ranks[known, 0] = (place - place.mean()) / place.std()
    return ranks


def _standard(indicator: Floats) -> Floats:
    """Return the z-scores of zeros and ones, (n, 1); (n, 0) where nearly all are the same."""
    share = indicator.mean() if len(indicator) else 0.0
    if not RARE <= share <= 1 - RARE:
        return np.empty((len(indicator), 0))
    return np.asarray(((indicator - share) / np.sqrt(share * (1 - share)))[:, None])


def _indicators(values: pd.Series) -> Floats:
    """Return one column a level, each divided by the root of its share; missing is a level, rare ones are pooled."""
    levels = values.astype(object).where(values.notna(), None)
    codes, _ = pd.factorize(levels, sort=True, use_na_sentinel=False)
    share = np.bincount(codes) / max(len(codes), 1)
    rare = share < RARE
    codes = np.where(rare[codes], len(share), codes)
    share = np.bincount(codes, minlength=len(share) + 1) / max(len(codes), 1)
    kept = np.flatnonzero((share >= RARE) & (share <= 1 - RARE))
    return np.column_stack(
        [np.empty((len(codes), 0)), *(((codes == level) - share[level]) / np.sqrt(share[level]) for level in kept)]
    )


def _once(matrix: Floats) -> Rows:
    """Return the columns that do not repeat an earlier one."""
    if not matrix.shape[1]:
        return np.zeros(0, dtype=np.int64)
    length = np.sqrt((matrix**2).sum(axis=0))
    alike = np.abs(matrix.T @ matrix) / np.outer(length, length) > SAME
    return np.flatnonzero(~np.triu(alike, 1).any(axis=0))
