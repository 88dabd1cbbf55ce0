"""Groups as aggregates: what may be told of them, largest first, and nothing of anybody.

Rounding hides one person within a step of five. Whoever gets two answers on nearly the same people may still see a
count step over a boundary: tell one answer a day, not one a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.contracts import Interval, Rows, Stock
from ml.disclosure import redact
from ml.models.fractions.marks import Found, marks, shown_share
from ml.models.fractions.report import Group, Mark
from ml.models.fractions.stability import Refit
from ml.models.fractions.words import names, told

STABLE, DISSOLVED = 0.75, 0.6  # mean Jaccard; Hennig 2007, 2008


@dataclass(frozen=True)
class _Shown:
    people: int
    share: Interval
    jaccard: float
    marks: tuple[Found, ...]


def aggregated(stock: Stock, group: Rows, chosen: int, again: Sequence[Refit]) -> tuple[tuple[Group, ...], int]:
    """Return the groups that may be shown, largest first, and how many may not."""
    sizes = np.bincount(group, minlength=chosen)
    shown = []
    for place in showable(sizes):
        member = group == place
        low, high = np.quantile([each.share[place] for each in again], [0.025, 0.975])
        share = Interval(shown_share(int(sizes[place]), len(stock)) or 0.0, round(float(low), 2), round(float(high), 2))
        jaccard = float(np.mean([each.jaccard[place] for each in again]))
        shown.append(_Shown(redact(int(sizes[place])) or 0, share, round(jaccard, 2),
                            marks(stock.features, stock.columns, member)))  # fmt: skip
    named = names([each.marks for each in shown], stock.columns)
    groups = [Group(name, each.people, each.share, each.jaccard, _stability(each.jaccard), _told(each.marks))
              for name, each in zip(named, shown, strict=True)]  # fmt: skip
    return tuple(groups), chosen - len(groups)


def showable(sizes: Sequence[int] | Rows) -> list[int]:
    """Return the places of the groups that may be shown, largest first.

    Those of fewer than the disclosure threshold are not. Where that hides one alone, the next smallest is hidden with
    it: else the total without the shown ones would tell of it.
    """
    largest = sorted(range(len(sizes)), key=lambda place: (-int(sizes[place]), place))
    shown = [place for place in largest if redact(int(sizes[place]))]
    return shown[:-1] if len(largest) - len(shown) == 1 else shown


def _told(found: Sequence[Found]) -> tuple[Mark, ...]:
    return tuple(Mark(each.column.name, each.measure, each.value, each.effect, each.group, each.everybody, told(each))
                 for each in found)  # fmt: skip


def _stability(jaccard: float) -> str:
    if jaccard >= STABLE:
        return "stable"
    return "doubtful" if jaccard >= DISSOLVED else "not stable"
