"""Inputs as numbers: our own integer codes, so that a row costs microseconds (design.md 2.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.contracts import Column, ColumnType, Floats
from ml.errors import DataError


@dataclass(frozen=True)
class Input:
    """One input as training saw it. `center` and `scale` put numbers on one footing for the linear model."""

    column: Column
    categories: tuple[str, ...]  # empty for numbers, booleans and dates
    low: float
    high: float
    center: float
    scale: float
    missing_seen: bool  # a model that never saw a missing value says nothing sensible about one

    @property
    def is_category(self) -> bool:
        """Whether the input is a category, coded by its place in `categories`."""
        return self.column.type is ColumnType.CATEGORY

    @property
    def width(self) -> int:
        """Return how many design columns the input takes: the missing indicator is always one of them."""
        return 1 + (len(self.categories) if self.is_category else 1)

    def code(self, value: object) -> float:
        """Return the number of a value; NaN where it is missing or a category never seen."""
        if value is None:
            return float("nan")
        if self.is_category:
            text = str(value)
            return float(self.categories.index(text)) if text in self.categories else float("nan")
        return float(value)  # type: ignore[arg-type]  # the wire model and the cohort both hold numbers here

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

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the inputs."""
        return tuple(each.column.name for each in self.inputs)

    @property
    def categorical(self) -> list[int]:
        """Return the places of the categories."""
        return [place for place, each in enumerate(self.inputs) if each.is_category]

    def frame(self, features: pd.DataFrame) -> Floats:
        """Return the codes of a frame, (n, inputs), NaN where missing or never seen."""
        codes = np.empty((len(features), len(self.inputs)))
        for place, each in enumerate(self.inputs):
            values = features[each.column.name]
            if each.is_category:
                found = pd.Index(each.categories, dtype=object).get_indexer(pd.Index(values, dtype=object))
                codes[:, place] = np.where(found < 0, np.nan, found)
            else:
                codes[:, place] = values.to_numpy(dtype=np.float64)
        return codes

    def rows(self, rows: Sequence[Mapping[str, object]]) -> Floats:
        """Return the codes of a few rows, (n, inputs); a column left out is missing."""
        return np.array([[each.code(row.get(each.column.name)) for each in self.inputs] for row in rows])

    def design(self, codes: Floats) -> Floats:
        """Return the columns of the linear model, (n, sum of widths): missing, then the value or one-hot."""
        columns = []
        for place, each in enumerate(self.inputs):
            values = codes[:, place]
            missing = np.isnan(values)
            columns.append(missing.astype(np.float64))
            if each.is_category:
                columns.extend((values == code).astype(np.float64) for code in range(len(each.categories)))
            else:
                columns.append(np.where(missing, 0.0, (values - each.center) / each.scale))
        return np.column_stack(columns)


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
    numbers = values.to_numpy(dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return Input(column, (), 1.0, 0.0, 0.0, 1.0, missing_seen)  # an empty range: every number is unfamiliar
    low, high, center, scale = (float(figure) for figure in (known.min(), known.max(), known.mean(), known.std()))
    # Of equal numbers the deviation is not quite 0, and dividing by it would blow up every other value.
    return Input(column, (), low, high, center, scale if low < high else 1.0, missing_seen)
