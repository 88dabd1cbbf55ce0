"""Marks: the few columns in which a group differs most from everybody, as figures that may be shown.

One scale for all types, -1 to 1: of a number, how much likelier a member is to lie above anybody than below (Cliff's
delta; 1993); of a yes, a level or a missing value, the difference of shares, which is the same thing for two values.
Shares are made of rounded counts, and a figure that rests on one to four people, or on all but so few, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from ml.contracts import Bools, Column, ColumnType, Floats
from ml.disclosure import THRESHOLD, redact
from ml.models.fractions.coding import family

SMALLEST = 0.1  # an effect that is worth telling
MOST = 5  # marks a group
DIGITS = 2  # of a median: the value of one person in the middle should not be told
MISSING = "missing"
YES = "yes"


@dataclass(frozen=True)
class Found:
    """A mark without its words; `value` as in `report.Mark`, `over` the number when the value is "over" one."""

    column: Column
    measure: str
    value: str | None
    effect: float
    group: float
    everybody: float
    over: float | None = None


def marks(features: pd.DataFrame, columns: Sequence[Column], member: Bools) -> tuple[Found, ...]:
    """Return what sets a group apart, strongest first, one mark a fact; `member` (n,) is True in the group."""
    found = [each for column in columns for each in _of_column(features[column.name], column, member)]
    chosen: list[Found] = []
    for each in sorted(found, key=lambda mark: (-abs(mark.effect), mark.column.name)):
        if abs(each.effect) >= SMALLEST and not any(_same_fact(each, other) for other in chosen):
            chosen.append(each)
    return tuple(chosen[:MOST])


def _same_fact(one: Found, other: Found) -> bool:
    """Whether two marks tell the same: a column over two windows, one level of two columns, or the same people."""
    if family(one.column.name) == family(other.column.name):
        return True
    if one.measure != "share" or other.measure != "share":
        return False
    if one.value == other.value and one.value not in (YES, MISSING) and one.over is other.over is None:
        return True
    shares, same = (one.group, one.everybody), (other.group, other.everybody)
    return shares in (same, tuple(round(1 - share, 4) for share in same))


def _of_column(values: pd.Series, column: Column, member: Bools) -> Iterable[Found]:
    if column.type is ColumnType.DATE:
        return
    missing = values.isna().to_numpy()
    yield from _share(column, MISSING, missing, member)
    if column.type is ColumnType.CATEGORY:
        yield from _level(values, column, member)
    elif column.type is ColumnType.BOOLEAN:
        yield from _share(column, YES, values.to_numpy(dtype=np.float64) == 1, member)
    elif member[~missing].any():
        yield from _number(values.to_numpy(dtype=np.float64)[~missing], column, member[~missing])


def _level(values: pd.Series, column: Column, member: Bools) -> Iterable[Found]:
    """Yield the level whose share is most above everybody's: what members are, not what they are not."""
    levels = sorted(map(str, values.dropna().unique()))
    of_level = [(values == level).to_numpy() for level in levels]
    if of_level and member.any():
        above = [float(each[member].mean() - each.mean()) for each in of_level]
        best = int(np.argmax(above))
        yield from _share(column, levels[best], of_level[best], member)


def _number(numbers: Floats, column: Column, member: Bools) -> Iterable[Found]:
    """Yield the median when it tells the difference, else the share of those above everybody's median."""
    effect = float(2 * ((rankdata(numbers)[member] - 0.5) / len(numbers)).mean() - 1)
    if member.sum() < 2 * THRESHOLD:  # fewer would stand on one side of the median
        return
    group, everybody = rounded(float(np.median(numbers[member]))), rounded(float(np.median(numbers)))
    if (group - everybody) * effect > 0:
        yield Found(column, "median", None, round(effect, 2), group, everybody)
        return
    for each in _share(column, f"over {everybody:g}", numbers > everybody, member):
        if each.effect * effect > 0:
            yield Found(column, "share", each.value, each.effect, each.group, each.everybody, everybody)


def _share(column: Column, value: str, has: Bools, member: Bools) -> Iterable[Found]:
    group, everybody = shown_share(int((has & member).sum()), int(member.sum())), shown_share(int(has.sum()), len(has))
    if group is not None and everybody is not None:
        effect = float(has[member].mean() - has.mean())
        yield Found(column, "share", value, round(effect, 2), group, everybody)


def shown_share(count: int, people: int) -> float | None:
    """Return a share made of rounded counts, two decimals; None when it rests on too few, or on all but too few."""
    shown, rest, whole = redact(count), redact(people - count), redact(people)
    if shown is None or rest is None or not whole:
        return None
    return round(min(shown / whole, 1.0), 2)


def rounded(number: float) -> float:
    """Return a number with two digits."""
    return float(f"{number:.{DIGITS}g}")
