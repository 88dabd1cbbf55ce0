"""Inputs as numbers: our own integer codes, so that a row costs microseconds (design.md 2.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, cast

import numpy as np

from ml.contracts import Bools, Column, ColumnType, Floats, Outcome, Rows
from ml.errors import DataError

from .grouping import Grouping, group

if TYPE_CHECKING:  # a server answers without them, and they load for half a second
    import pandas as pd
    from scipy.sparse import csr_array

FEW = 8  # rows for which a sparse matrix costs more than it saves
NONE = float("nan")


@dataclass(frozen=True)
class Input:
    """One input as training saw it. `center` and `scale` put numbers on one footing for the linear model.

    The pace has `low` and `high` of its column, not of what training saw: times change.
    """

    column: Column
    categories: tuple[str, ...]  # empty for numbers, booleans and dates
    low: float
    high: float
    center: float
    scale: float
    missing_seen: bool  # a model that never saw a missing value says nothing sensible about one

    @cached_property
    def is_category(self) -> bool:
        """Whether the input is a category, coded by its place in `categories`."""
        return self.column.type is ColumnType.CATEGORY

    @property
    def width(self) -> int:
        """Return how many design columns the input takes: the missing indicator is always one of them."""
        return 1 + (len(self.categories) if self.is_category else 1)

    def code(self, value: object) -> float:
        """Return the number of a value; NaN where it is missing or a category never seen."""
        return NONE if value is None else self.number(value)

    @cached_property
    def number(self) -> Callable[[object], float]:
        """Return what turns a value that is there into its number."""
        if self.is_category:
            return lambda value: self._code_of.get(str(value), NONE)
        return cast("Callable[[object], float]", float)  # the wire model and the cohort both hold numbers here

    @cached_property
    def _code_of(self) -> Mapping[str, float]:
        return {category: float(code) for code, category in enumerate(self.categories)}

    def unfamiliar(self, value: object) -> bool:
        """Whether training saw nothing like this value."""
        code = self.code(value)
        if np.isnan(code):
            return value is not None or not self.missing_seen
        return not self.is_category and not self.low <= code <= self.high


@dataclass(frozen=True)
class Encoder:
    """Inputs in their order."""

    inputs: tuple[Input, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the inputs."""
        return tuple(each.column.name for each in self.inputs)

    @cached_property
    def grouping(self) -> Grouping:
        """Return which reason each input belongs to."""
        return group([each.column for each in self.inputs])

    @property
    def pace(self) -> int | None:
        """Return the place of the pace; None where no input tells it."""
        return next((place for place, each in enumerate(self.inputs) if each.column.pace), None)

    @property
    def categorical(self) -> list[int]:
        """Return the places of the categories."""
        return [place for place, each in enumerate(self.inputs) if each.is_category]

    def as_far_as(self, outcome: Outcome) -> Encoder:
        """Return an encoder to which a spell of any length is familiar, until the last horizon (`between.py`)."""
        return Encoder(
            tuple(
                replace(each, low=min(each.low, 0.0), high=max(each.high, outcome.horizons[-1]))
                if each.column.name == outcome.entry
                else each
                for each in self.inputs
            )
        )

    def frame(self, features: pd.DataFrame) -> Floats:
        """Return the codes of a frame, (n, inputs), NaN where missing or never seen."""
        import pandas as pd

        codes = np.empty((len(features), len(self.inputs)))
        for place, each in enumerate(self.inputs):
            values = features[each.column.name]
            if each.is_category:
                found = pd.Index(each.categories, dtype=object).get_indexer(pd.Index(values, dtype=object))
                codes[:, place] = np.where(found < 0, np.nan, found)
            else:
                codes[:, place] = values.to_numpy(dtype=np.float64)
        return codes

    def learnable(self, codes: Floats) -> Floats:
        """Return the codes, (n, inputs), as models may learn from them: the pace is 0 in every row."""
        if self.pace is None:
            return codes
        learnable = codes.copy()
        learnable[:, self.pace] = 0.0
        return learnable

    def rows(self, rows: Sequence[Mapping[str, object]]) -> Floats:
        """Return the codes of a few rows, (n, inputs); a column left out is missing."""
        return np.array([self.row(each) for each in rows])

    def row(self, row: Mapping[str, object]) -> list[float]:
        """Return the codes of one row, (inputs,); a column left out is missing."""
        return [NONE if (value := row.get(name)) is None else number(value) for name, number in self._numbers]

    def unfamiliar(self, codes: Floats) -> Bools:
        """Return which codes training saw nothing like, (n, inputs): out of range, or missing where none ever was."""
        facts, missing = self._facts, np.isnan(codes)
        outside = (codes < facts.low) | (codes > facts.high)  # of NaN neither holds
        return np.asarray(outside | (missing & facts.never_missing))

    def unfamiliar_row(self, codes: Sequence[float]) -> list[bool]:
        """Return the same of one row, (inputs,)."""
        return [
            never_missing if code != code else not low <= code <= high  # NaN alone is not itself
            for code, (low, high, never_missing) in zip(codes, self._familiar, strict=True)
        ]

    def filled(self, codes: Floats) -> tuple[Rows, Floats]:
        """Return which design column each input fills, and with what, both (n, inputs).

        An input takes several columns of the linear model, missing, then the value or one-hot, and fills one of them.
        """
        facts, missing = self._facts, np.isnan(codes)
        offset = np.where(missing, 0.0, np.where(facts.category, 1 + codes, 1.0))
        filled = np.where(missing | facts.category, 1.0, (codes - facts.center) / facts.scale)
        return facts.start + offset.astype(np.int64), filled

    @cached_property
    def starts(self) -> list[int]:
        """Return the first design column of each input."""
        return [0, *accumulate(each.width for each in self.inputs)][:-1]

    def sparse_design(self, codes: Floats) -> csr_array:
        """Return the columns of the linear model, (n, sum of widths); hundreds of them, one an input filled."""
        from scipy.sparse import csr_array

        columns, filled = self.filled(codes)
        ends = np.arange(len(codes) + 1, dtype=np.int64) * len(self.inputs)
        shape = (len(codes), sum(each.width for each in self.inputs))
        parts = (filled.ravel(), columns.ravel().astype(np.int32), ends.astype(np.int32))
        return csr_array(parts, shape=shape)

    def design(self, codes: Floats) -> Floats:
        """Return the columns of the linear model with their zeros, (n, sum of widths)."""
        return np.asarray(self.sparse_design(codes).toarray())

    def design_times(self, codes: Floats, matrix: Floats) -> Floats:
        """Return the columns of the linear model times a matrix, (n, k); matrix (sum of widths, k)."""
        if len(codes) > FEW:
            return np.asarray(self.sparse_design(codes) @ matrix)
        return np.array([self.design_row_times(row, matrix) for row in codes.tolist()]).reshape(
            len(codes), matrix.shape[1]
        )

    def design_row_times(self, codes: Sequence[float], matrix: Floats) -> Floats:
        """Return the same of one row, (k,); codes (inputs,)."""
        columns, filled = [], []
        for code, (start, category, center, scale) in zip(codes, self._filling, strict=True):
            if code != code:
                columns.append(start)
                filled.append(1.0)
            elif category:
                columns.append(start + 1 + int(code))
                filled.append(1.0)
            else:
                columns.append(start + 1)
                filled.append((code - center) / scale)
        found = matrix.take(columns, axis=0)
        found *= np.array(filled)[:, None]
        # One after the other, as a sparse matrix does it: a row alone is told what it is told among many, to the bit.
        return np.asarray(np.add.reduce(found, axis=0))

    @cached_property
    def _numbers(self) -> list[tuple[str, Callable[[object], float]]]:
        return [(name, each.number) for name, each in zip(self.names, self.inputs, strict=True)]

    @cached_property
    def _familiar(self) -> list[tuple[float, float, bool]]:
        """Return low, high and whether training never saw it missing, of each input."""
        return [(each.low, each.high, not each.missing_seen) for each in self.inputs]

    @cached_property
    def _filling(self) -> list[tuple[int, bool, float, float]]:
        """Return the first design column, whether it is a category, center and scale, of each input."""
        each_start = zip(self.inputs, self.starts, strict=True)
        return [(start, each.is_category, each.center, each.scale) for each, start in each_start]

    @cached_property
    def _facts(self) -> _Facts:
        low, high, center, scale = (
            np.array([getattr(each, name) for each in self.inputs]) for name in ("low", "high", "center", "scale")
        )
        category, missing_seen = (
            np.array([getattr(each, name) for each in self.inputs], dtype=bool)
            for name in ("is_category", "missing_seen")
        )
        return _Facts(low, high, center, scale, category, ~missing_seen, np.array(self.starts, dtype=np.int64))


@dataclass(frozen=True)
class _Facts:
    """What the inputs are, as arrays, (inputs,) each; `start`: the first design column."""

    low: Floats
    high: Floats
    center: Floats
    scale: Floats
    category: Bools
    never_missing: Bools
    start: Rows


def fit_encoder(features: pd.DataFrame, columns: Sequence[Column]) -> Encoder:
    """Return the encoder of the training part.

    Columns that do not vary there stay: they add nothing to a model, and a value never seen can be told by them.
    Raises DataError when none varies.
    """
    if not any(features[column.name].nunique(dropna=False) > 1 for column in columns):
        raise DataError("no input varies in the training part: there is nothing to learn from")
    return Encoder(tuple(_input(features[column.name], column) for column in columns))


def _input(values: pd.Series, column: Column) -> Input:
    missing_seen = bool(values.isna().any())
    if column.type is ColumnType.CATEGORY:
        categories = tuple(sorted(map(str, values.dropna().unique())))
        return Input(column, categories, 0.0, float(len(categories) - 1), 0.0, 1.0, missing_seen)
    if column.pace:
        return Input(column, (), column.minimum or 0.0, column.maximum or 0.0, 0.0, 1.0, missing_seen)
    numbers = values.to_numpy(dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return Input(column, (), 1.0, 0.0, 0.0, 1.0, missing_seen)  # an empty range: every number is unfamiliar
    low, high, center, scale = (float(figure) for figure in (known.min(), known.max(), known.mean(), known.std()))
    # Of equal numbers the deviation is not quite 0, and dividing by it would blow up every other value.
    return Input(column, (), low, high, center, scale if low < high else 1.0, missing_seen)
