"""Two judges of one client: how often they agree, and how far beyond chance (Cohen's kappa, 1960)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Bools, Floats, Interval, Placements, Rows
from ml.contracts.needs_report import Agreement
from ml.measures.clusters import by_person
from ml.measures.shares import Z95

from .proportion import UNKNOWN, proportion

WITHIN_DAYS = 45  # so soon after the first, a second placement is another judgement of the same need

Answers = NDArray[np.str_]


@dataclass(frozen=True)
class Pairs:
    """Rows of placements, two by two: first and second caseworker on one client, (pairs,) both."""

    first: Rows
    second: Rows

    def __getitem__(self, chosen: Rows | Bools) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.first[chosen], self.second[chosen])

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)


def caseworker_pairs(placements: Placements, rows: Rows) -> Pairs:
    """Return each placement among the rows with the next one of its person, where that came within 45 days.

    rows  placements by caseworkers
    """
    order = rows[np.lexsort((placements.day[rows], placements.person[rows]))]
    one, other = order[:-1], order[1:]
    days = (placements.day[other] - placements.day[one]) / np.timedelta64(1, "D")
    near = (placements.person[one] == placements.person[other]) & (days > 0) & (days <= WITHIN_DAYS)
    return Pairs(one[near], other[near])


def agreement(one: Answers, other: Answers, person: Rows, answers: Sequence[str]) -> Agreement:
    """Return how often two judges give the same of the possible answers, with 95 % intervals by person; (n,) all."""
    if not len(one):
        return Agreement(0, UNKNOWN, UNKNOWN)
    table, influence = _kappa_parts(one, other, answers)
    return Agreement(len(one), proportion(one == other, person), _kappa_interval(table, influence, person))


def _kappa_parts(one: Answers, other: Answers, answers: Sequence[str]) -> tuple[float, Floats]:
    """Return kappa and what each pair moves it by, (n,), the derivative of kappa by the shares of the cells."""
    rows, columns = (_codes(each, answers) for each in (one, other))
    k = len(answers)
    shares = np.bincount(rows * k + columns, minlength=k * k).reshape(k, k) / len(rows)
    of_one, of_other = shares.sum(axis=1), shares.sum(axis=0)
    observed, expected = float(np.trace(shares)), float(of_one @ of_other)
    if expected >= 1:  # both always give the one answer: there is no agreement beyond chance to speak of
        return math.nan, np.zeros(len(rows))
    same = np.eye(k) * (1 - expected)
    # Moving mass into cell (i, j) adds to the expected share what the other judge gives i, and the one gives j.
    derivative = (same - (1 - observed) * (of_other[:, None] + of_one[None, :])) / (1 - expected) ** 2
    influence = derivative[rows, columns] - float((derivative * shares).sum())
    return (observed - expected) / (1 - expected), influence / len(rows)


def _kappa_interval(kappa: float, influence: Floats, person: Rows) -> Interval:
    spread = Z95 * float(np.sqrt(np.sum(by_person(influence, person) ** 2)))
    return Interval(kappa, kappa - spread, min(kappa + spread, 1.0)) if math.isfinite(kappa) else UNKNOWN


def _codes(given: Answers, answers: Sequence[str]) -> Rows:
    order = {answer: place for place, answer in enumerate(answers)}
    return np.array([order[str(each)] for each in given], dtype=np.int64)
