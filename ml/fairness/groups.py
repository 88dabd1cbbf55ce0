"""Who is of which group: of one attribute, or of several together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ml.contracts import Bools, Rows
from ml.errors import DataError

MISSING = "missing"  # the group of those whose value is not known
TIMES = " × "  # between the attributes, and the groups, of an intersection
MOST_GROUPS = 1000  # of one attribute: more are no groups that people belong to, but names of places or of persons
REST = ""  # those of an intersection who are too few in each of its groups to be told apart


@dataclass(frozen=True)
class Grouping:
    """Each row's group: `names[code]`, code (n,); others are compared with the group at place `reference`."""

    attribute: str
    names: tuple[str, ...]
    code: Rows
    reference: int

    def __getitem__(self, rows: Rows | Bools) -> Grouping:
        """Return the groups of some of the rows; groups that have none of them stay named."""
        return Grouping(self.attribute, self.names, self.code[rows], self.reference)

    @cached_property
    def sizes(self) -> Rows:
        """Return the number of rows of each group, (groups,)."""
        return np.bincount(self.code, minlength=len(self.names))


def grouping(column: pd.Series, given: str | None = None) -> Grouping:
    """Return the groups of one attribute, in alphabetical order; a value that is not known makes one of its own.

    given  the reference; None: the largest group that is not "missing"

    Raises DataError when nobody is of the given reference, and when there are too many groups to be groups.
    """
    attribute = str(column.name)
    codes, values = pd.factorize(column, use_na_sentinel=True)
    if len(values) > MOST_GROUPS:
        raise DataError(
            f"protected attribute {attribute!r}: more than {MOST_GROUPS} different values are no groups of people; "
            "band numbers, join places, or leave the column out"
        )
    told = [str(value) for value in values] + [MISSING] * bool((codes < 0).any())
    names = tuple(sorted(set(told)))
    place = np.array([names.index(name) for name in told] + [0])
    code = place[np.where(codes < 0, len(told) - 1, codes)]
    return Grouping(
        attribute, names, code, _reference(attribute, names, np.bincount(code, minlength=len(names)), given)
    )


def together(parts: tuple[Grouping, ...], fewest: int) -> Grouping:
    """Return the groups of people who are of one group of each of the parts.

    fewest  rows that a group needs to stand alone; those of smaller ones are of REST, and so are those of the smallest
            groups above MOST_GROUPS. The reference is the group of the parts' references, or the largest
    """
    code, names = parts[0].code, list(parts[0].names)
    for part in parts[1:]:
        code, names = _compact(code * len(part.names) + part.code, names, part.names)
    sizes = np.bincount(code, minlength=len(names))
    kept = np.sort(np.argsort(-sizes, kind="stable")[:MOST_GROUPS])
    kept = kept[sizes[kept] >= max(fewest, 1)]
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    told = tuple(names[each] for each in kept)
    of_references = TIMES.join(part.names[part.reference] for part in parts)
    largest = int(sizes[kept].argmax()) if len(kept) else 0
    reference = told.index(of_references) if of_references in told else largest
    return Grouping(TIMES.join(part.attribute for part in parts), (*told, REST), place[code], reference)


def _compact(code: Rows, first: list[str], second: tuple[str, ...]) -> tuple[Rows, list[str]]:
    """Return codes of the groups that somebody is of, and their names."""
    there = np.flatnonzero(np.bincount(code, minlength=len(first) * len(second)))
    place = np.zeros(len(first) * len(second), dtype=np.int64)
    place[there] = np.arange(len(there))
    names = [f"{first[each // len(second)]}{TIMES}{second[each % len(second)]}" for each in there.tolist()]
    return place[code], names


def _reference(attribute: str, names: tuple[str, ...], sizes: Rows, given: str | None) -> int:
    if given is None:
        known = [place for place, name in enumerate(names) if name != MISSING] or list(range(len(names)))
        return max(known, key=lambda place: (sizes[place], -place))
    if given not in names:
        raise DataError(
            f"protected attribute {attribute!r}: nobody in the audited rows is of the reference group {given!r} "
            f"(groups present: {', '.join(map(repr, names))}); name one of these as reference, or none"
        )
    return names.index(given)
