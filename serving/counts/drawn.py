"""Clients of a month → moved counts of every table, by group: all, each office of some size, the other offices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.disclosure import ROUNDING
from serving.store.counts import Seen

from .noise import FURTHEST, moved
from .reckoned import narrowest
from .shown import shown
from .tables import BY_KEY, CLIENTS, CROSSED, TABLES, Counts

ALL, OFFICE, OTHER = "all", "office", "other"
FEWEST_OF_OFFICE = 10  # clients; an office of fewer is among the others
MOST_DRAWS = 100
CROSSINGS = {table.key: (table.rows.key, table.columns.key) for table in CROSSED}


@dataclass(frozen=True)
class Group:
    """Whose clients: everybody's, those of one office, or those of the offices that are too small to be named."""

    kind: str
    office: str | None = None


@dataclass(frozen=True)
class Drawn:
    """Moved counts: groups (all of them, offices by name, the others), and of each table (groups, columns).

    Of a crossed table (rows, columns): it is of all offices together.
    """

    groups: tuple[Group, ...]
    counts: Mapping[str, Counts]

    def shown(self) -> dict[str, list[list[int | None]]]:
        """Return what is shown of each table, groups (or rows) × columns."""
        return {key: [[shown(int(each)) for each in row] for row in rows] for key, rows in self.counts.items()}


def draw(seen: Sequence[Seen], rng: np.random.Generator) -> Drawn:
    """Return moved counts of which nobody can reckon a hidden one more closely than shown ones are rounded.

    That a draw is thrown away happens where many chances go to their ends together; the tests say how seldom.
    """
    for _ in range(MOST_DRAWS):
        drawn = _draw(seen, rng)
        if narrowest(drawn.shown(), CLIENTS, CROSSINGS) >= ROUNDING:
            return drawn
    raise RuntimeError("no draw hides what it must; this is a fault of the tables")


def _draw(seen: Sequence[Seen], rng: np.random.Generator) -> Drawn:
    by_office: dict[str | None, list[Seen]] = defaultdict(list)
    for each in seen:
        by_office[each.office].append(each)
    named, people = _named(by_office, rng)
    rest = [each for office, its in by_office.items() if office not in named for each in its]
    groups = (Group(ALL), *(Group(OFFICE, office) for office in named), Group(OTHER))
    of_groups = [seen, *(by_office[office] for office in named), rest]
    counts = {table.key: np.stack([moved(table.count(its), rng) for its in of_groups]) for table in TABLES}
    counts |= {table.key: moved(table.count(seen), rng) for table in CROSSED}
    counts[CLIENTS][1:-1, 0] = people  # the chance that let an office be named is the one that is shown
    return Drawn(groups, counts)


def _named(by_office: Mapping[str | None, Sequence[Seen]], rng: np.random.Generator) -> tuple[list[str], Counts]:
    """Return the offices that are named, and their moved numbers of clients; whether one is named is moved, too."""
    offices = sorted(office for office in by_office if office is not None)
    exact = np.array([BY_KEY[CLIENTS].count(by_office[office])[0] for office in offices], dtype=np.int64)
    people = moved(exact, rng)
    big = people >= FEWEST_OF_OFFICE + FURTHEST
    return [office for office, each in zip(offices, big, strict=True) if each], people[big]
