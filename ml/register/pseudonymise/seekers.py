"""The jobseekers of an extract, generalised: who each row tells of and how much detail it may carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ml.register.pseudonymise.generalise import Generalised, generalise
from ml.register.pseudonymise.ladder import Ladder, Numbers, ladders_of
from ml.register.pseudonymise.people import People
from ml.register.pseudonymise.plan import Plan

LOT = 20200131  # seeds who is drawn as a companion; any number does, it must only never change


@dataclass(frozen=True)
class Seekers:
    """The rows of the table of jobseekers.

    persons     number of each row's person
    valid_from  day of each row's version, since 1970
    latest      row of each person's latest version, in the order of persons
    """

    persons: Numbers
    valid_from: Numbers
    latest: Numbers
    ladders: tuple[Ladder, ...]
    generalised: Generalised

    def columns(self) -> dict[str, Any]:
        """Return attribute → Arrow column of texts, each at the level that the row may carry."""
        return {ladder.name: ladder.column(self.generalised.levels[ladder.name]) for ladder in self.ladders}


def seekers_of(jobseekers: Any, plan: Plan, people: People, k: int, as_of: date) -> Seekers:
    """Return the jobseekers with every combination of attributes shared by at least k people.

    Raises DataError when there are fewer than k.
    """
    persons = people.numbers("jobseekers", jobseekers.column("identity_code"))
    columns = {name: jobseekers.column(name) for name in jobseekers.column_names}
    ladders = ladders_of(plan.attributes, columns, as_of)
    generalised = generalise(ladders, persons, k, np.random.default_rng(LOT))
    valid_from = days_since_1970(jobseekers.column("valid_from"))
    by_version = np.lexsort((days_since_1970(jobseekers.column("entered")), valid_from, persons))
    latest = by_version[np.r_[persons[by_version][1:] != persons[by_version][:-1], True]]
    return Seekers(persons, valid_from, latest, ladders, generalised)


def days_since_1970(dates: Any) -> Numbers:
    """Return a column of dates, none missing, as days."""
    return np.asarray(pc.cast(dates, pa.int32()).to_numpy(), dtype=np.int64)
