"""Random months of offices, and what somebody can reckon who reads the counts of one: by linear programs of SciPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

from serving.store.counts import Seen

Tables = dict[str, list[list[int | None]]]
NEED = ("skills", "rehabilitation", "integration", "interview_first", None)
BAND = ("low", "typical", "elevated", "uncertain", None)
SAID = ("agree", "partly", "disagree", None)
NOT_SHOWN = (0, 24)  # a moved count under 15, moved by 10 at most
OFF = 12  # moved by 10, rounded by 2
# What was said by need, and by band: rows × columns of all offices. How many there are of each band is shown nowhere.
CROSSED = {"feedback_by_need": ("needs", "feedback"), "feedback_by_band": (None, "feedback")}


def person(rng: np.random.Generator, office: str | None, chances: Sequence[np.ndarray]) -> Seen:
    need, band, said = (
        values[rng.choice(len(values), p=p)] for values, p in zip((NEED, BAND, SAID), chances, strict=True)
    )
    days = None if said is None else int(rng.integers(0, 14))
    return Seen(office, need, band, NEED[rng.integers(0, 4)], said, days)


def world(rng: np.random.Generator, offices: int, biggest: int) -> list[Seen]:
    """Return the clients of a month: offices of 1 to `biggest` clients, uneven, some clients of no known office."""
    people = []
    for number in range(offices):
        chances = [rng.dirichlet(np.full(len(values), 0.5)) for values in (NEED, BAND, SAID)]
        for _ in range(int(rng.integers(1, biggest + 1))):
            people.append(person(rng, None if rng.random() < 0.02 else f"office {number}", chances))
    return people


def hidden(tables: Tables, whole: str) -> Iterator[tuple[tuple[str, int, int], float, float]]:
    """Yield each cell that is not shown, and the least and most people in it that all that is shown leaves open.

    The first group holds all the others; the columns of each table sum to the one of the table `whole`, and crossed
    tables to the columns that they are crossed of.
    """
    cells = [(key, g, c) for key, rows in tables.items() for g, row in enumerate(rows) for c in range(len(row))]
    place = {cell: number for number, cell in enumerate(cells)}
    groups = len(tables[whole])
    sums: list[tuple[Any, list[Any]]] = []
    for key, (by_row, by_column) in CROSSED.items():
        if key in tables:
            whole_rows, columns = range(len(tables[key])), range(len(tables[key][0]))
            sums += [((by_column, 0, c), [(key, r, c) for r in whole_rows]) for c in columns]
            sums += [((by_row, 0, r), [(key, r, c) for c in columns]) for r in whole_rows if by_row is not None]
    for key, rows in ((key, rows) for key, rows in tables.items() if key not in CROSSED):
        for c in range(len(rows[0])):
            sums.append(((key, 0, c), [(key, g, c) for g in range(1, groups)]))
        if key != whole:
            sums += [((whole, g, 0), [(key, g, c) for c in range(len(rows[0]))]) for g in range(groups)]
    equal = np.zeros((len(sums), len(cells)))
    for row, (total, parts) in zip(equal, sums, strict=True):
        row[place[total]] = -1
        row[[place[part] for part in parts]] = 1
    shown = [tables[key][g][c] for key, g, c in cells]
    bounds = [NOT_SHOWN if count is None else (max(count - OFF, 5), count + OFF) for count in shown]
    for cell in (cell for cell, count in zip(cells, shown, strict=True) if count is None):
        cost = np.zeros(len(cells))
        cost[place[cell]] = 1
        least = linprog(cost, A_eq=equal, b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")
        most = linprog(-cost, A_eq=equal, b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")
        assert least.success
        assert most.success
        yield cell, float(least.fun), float(-most.fun)
