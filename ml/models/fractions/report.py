"""What is told of client groups: aggregates only, rounded, in three languages. Nobody's group is among it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ml.contracts import Interval


@dataclass(frozen=True)
class Mark:
    """What sets a group apart in one column.

    measure    "median", or "share": of people with the value, the level or more than a number
    value      which: a level, "yes", "missing", "over 80"; None of a median
    effect     -1 to 1: how far the group lies above everybody (Cliff's delta; of shares, their difference)
    group, everybody   medians in the column's unit, two digits of them; shares 0 to 1
    words      language → one line for people
    """

    column: str
    measure: str
    value: str | None
    effect: float
    group: float
    everybody: float
    words: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """One client group; `people` and shares are rounded, `share` with the range over redrawn people.

    jaccard    mean over redrawn people of the overlap with the group most like it, 0 to 1
    stability  "stable", "doubtful" or "not stable"
    """

    name: Mapping[str, str]
    people: int
    share: Interval
    jaccard: float
    stability: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Tried:
    """One number of groups: how well halves agree, with the 5 % to 95 % range over halves, and what twins give.

    strength  prediction strength; rand  adjusted Rand index; spread  share of variance left within groups
    """

    groups: int
    strength: Interval
    rand: Interval
    spread: Interval
    twin_strength: Interval
    twin_spread: Interval
    separation_p: float  # the chance that people without groups are packed as closely, or come again as well


@dataclass(frozen=True)
class Fractions:
    """Client groups of people unemployed on one day, or why there are none to show.

    people   rounded; None when too few to tell
    chosen   the number of groups, None: insufficient evidence
    groups   largest first, those of too few people left out
    hidden   how many groups are not shown
    """

    as_of: date
    people: int | None
    columns: tuple[str, ...]
    axes: int
    chosen: int | None
    why: str
    tried: tuple[Tried, ...]
    groups: tuple[Group, ...]
    hidden: int
    seed: int
    digest: str  # of the data
