"""Three sets of people at registration, a row each: to learn thresholds from, to choose on, and to judge on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.fits import at_landmark
from ml.contracts import Cohort, Floats, Outcome, Part, Predictions, Role, Rows, Split
from ml.errors import DataError
from ml.fairness.groups import grouping
from ml.measures.censoring import outcome_at

Names = NDArray[np.str_]


@dataclass(frozen=True)
class People:
    """Rows of a cohort, one a person, and what came true.

    rows   (n,) of the cohort
    known  outcomes with censoring weights; its score means nothing
    """

    rows: Rows
    known: Predictions

    def scored(self, score: Floats) -> Predictions:
        """Return what came true beside a score, (n,)."""
        return replace(self.known, score=score)


def groups_of(cohort: Cohort, attribute: str, rows: Rows) -> tuple[Names, str]:
    """Return the group of each row, (n,), and the reference: the contract's, else the largest.

    A value that is missing makes a group. Raises DataError when there is no such column.
    """
    given = {column.name: column.reference for column in cohort.contract.with_role(Role.PROTECTED)}
    if attribute not in given:
        raise DataError(f"--attribute {attribute}: no such protected column; name one of {', '.join(given)}")
    found = grouping(cohort.protected[attribute].iloc[rows], given[attribute])
    return np.array(found.names)[found.code], found.names[found.reference]


def deal(parts: Split, outcome: Outcome, rng: np.random.Generator) -> tuple[People, People, People]:
    """Return the people to learn from and to choose on, halves of the calibration part, and those of the test part."""
    ripe = parts.calibration[parts.calibration.judging]
    persons = np.unique(ripe.person)
    learners = persons[rng.random(len(persons)) < 0.5]
    learns = np.isin(ripe.person, learners)
    return tuple(_one_a_person(each, outcome, rng) for each in (ripe[learns], ripe[~learns], parts.test))  # type: ignore[return-value]


def _one_a_person(part: Part, outcome: Outcome, rng: np.random.Generator) -> People:
    part = part[at_landmark(part, outcome, 0)]
    order = rng.permutation(len(part))
    _, first = np.unique(part.person[order], return_index=True)
    part = part[np.sort(order[first])]
    known = outcome_at(part.spells, outcome.horizon)
    return People(
        part.rows, Predictions(outcome.horizon, np.zeros(len(part)), known.outcome, known.weight, part.person)
    )
