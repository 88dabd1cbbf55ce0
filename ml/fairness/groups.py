"""Who is of which group: of one attribute, or of several together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ml.contracts import Bools, Rows
from ml.contracts.audit import MISSING, SUPPRESSED, TIMES
from ml.errors import DataError

UNNAMED = (MISSING, SUPPRESSED)  # nobody is of these, and others are compared with them only where that is asked
MOST_GROUPS = 1000  # of one attribute: more are no groups that people belong to, but names of places or of persons
SPARSE = 4  # times as many possible groups as rows: few of them can be there
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

    given  the reference; None: the largest group that is neither "missing" nor "suppressed"

    Raises DataError when nobody is of the given reference, and when there are too many groups to be groups.
    """
    attribute = str(column.name)
    codes, values = pd.factorize(column, use_na_sentinel=True)
    if len(values) > MOST_GROUPS:
        raise DataError(
            f"protected attribute {attribute!r}: more than {MOST_GROUPS} different values are no groups of people; "
            "band numbers, join places, or leave the column out"
        )
    told = [str(value) if str(value).strip() else MISSING for value in values] + [MISSING] * bool((codes < 0).any())
    names = tuple(sorted(set(told)))
    place = np.array([names.index(name) for name in told] + [0])
    code = place[np.where(codes < 0, len(told) - 1, codes)]
    return Grouping(
        attribute, names, code, _reference(attribute, names, np.bincount(code, minlength=len(names)), given)
    )


@dataclass(frozen=True)
class Crossed:
    """The combinations of groups that somebody is of: few, however many the rows are.

    code   (n,) each row's combination
    rows   (combinations,) number of rows of each
    parts  what was crossed, of combinations instead of rows: each code is (combinations,)
    """

    code: Rows
    rows: Rows
    parts: tuple[Grouping, ...]


def crossed(parts: tuple[Grouping, ...]) -> Crossed:
    """Return the combinations of the groups of the parts, one or more, in the order of their names."""
    code, groups = _numbered(parts[0].code, len(parts[0].names))
    codes = [groups]
    for part in parts[1:]:
        size = len(part.names)
        code, there = _numbered(code * size + part.code, len(codes[0]) * size)
        codes = [*(each[there // size] for each in codes), there % size]
    of_combinations = tuple(replace(part, code=each) for part, each in zip(parts, codes, strict=True))
    return Crossed(code, np.bincount(code, minlength=len(codes[0])), of_combinations)


def _numbered(code: Rows, most: int) -> tuple[Rows, Rows]:
    """Return the codes, below `most`, numbered anew without gaps, and which old one each new number is."""
    if most > SPARSE * max(len(code), MOST_GROUPS):  # counting what could be would cost more than sorting what is
        there, numbers = np.unique(code, return_inverse=True)
        return numbers, there
    there = np.flatnonzero(np.bincount(code, minlength=most))
    place = np.zeros(most, dtype=np.int64)
    place[there] = np.arange(len(there))
    return place[code], there


def together(parts: tuple[Grouping, ...], fewest: int, rows: Rows | None = None) -> Grouping:
    """Return the groups of people who are of one group of each of the parts.

    fewest  rows that a group needs to stand alone; those of smaller ones are of REST, and so are those of the smallest
            groups above MOST_GROUPS. The reference is the group of the parts' references, or the largest
    rows    where the parts are of combinations (`crossed`): the number of rows of each
    """
    combined = crossed(parts)
    sizes = combined.rows if rows is None else np.bincount(combined.code, weights=rows)
    kept = np.sort(np.argsort(-sizes, kind="stable")[:MOST_GROUPS])
    kept = kept[sizes[kept] >= max(fewest, 1)]
    place = np.full(len(sizes), len(kept))
    place[kept] = np.arange(len(kept))
    told = tuple(TIMES.join(part.names[part.code[each]] for part in combined.parts) for each in kept.tolist())
    of_references = TIMES.join(part.names[part.reference] for part in parts)
    largest = int(sizes[kept].argmax()) if len(kept) else 0
    reference = told.index(of_references) if of_references in told else largest
    attribute = TIMES.join(part.attribute for part in parts)
    return Grouping(attribute, (*told, REST), place[combined.code], reference)


def _reference(attribute: str, names: tuple[str, ...], sizes: Rows, given: str | None) -> int:
    if given is None:
        known = [place for place, name in enumerate(names) if name not in UNNAMED] or list(range(len(names)))
        return max(known, key=lambda place: (sizes[place], -place))
    if given not in names:
        raise DataError(
            f"protected attribute {attribute!r}: nobody in the audited rows is of the reference group {given!r} "
            f"(groups present: {', '.join(map(repr, names))}); name one of these as reference, or none"
        )
    return names.index(given)
