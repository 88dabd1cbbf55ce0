"""Invented caseworkers who place clients in service entities: each judges by habits of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Bools, Floats
from ml.register.schema.tables.placements import SERVICE_ENTITIES
from ml.register.synthetic.lives import Index

COUNT = 240
STREAM = 3  # of the register's seed; the streams of a lot have the lot's number between
ENTITIES = tuple(SERVICE_ENTITIES)
SKILLS, REHABILITATION, INTEGRATION, INTERVIEW = range(4)
REHABILITATION_FROM = (1.25, 0.35)  # the need from which rehabilitation is chosen: mean and spread over caseworkers
INTERVIEW_FROM = (1.40, 0.30)  # the doubt from which somebody is asked to an interview first
SIMILAR_FROM = (0.39, 0.35)  # the likeness from which a newcomer without a plan gets integration services
# How much of a client's case the register does not hold: seen by every caseworker alike, and by this one on this day.
NEED_SEEN, NEED_GUESSED = 0.53, 0.49
SEEN, GUESSED = 0.8, 0.6  # squares add up to 1
NEAR_DOUBT, NEAR = 1.1, 0.5  # who is near the threshold is doubted most; how near that is


@dataclass(frozen=True)
class Caseworkers:
    """The habits of caseworkers: from where each begins to choose, arrays of one length."""

    rehabilitation: Floats
    interview: Floats
    similar: Floats

    def __len__(self) -> int:
        """Return the number of caseworkers."""
        return len(self.rehabilitation)


@dataclass(frozen=True)
class Cases:
    """What there is to see of clients, whoever looks, arrays of one length.

    need      for rehabilitative services: what nature knows, and what shows of the person
    doubt     how unclear the case is
    likeness  how like an integration client's the situation is; only newcomers are asked
    """

    need: Floats
    doubt: Floats
    likeness: Floats
    is_newcomer: Bools

    def __getitem__(self, rows: Index) -> Cases:
        """Return some of the cases."""
        return Cases(self.need[rows], self.doubt[rows], self.likeness[rows], self.is_newcomer[rows])


def caseworkers(seed: int) -> Caseworkers:
    """Return the caseworkers of a register, the same in all its lots."""
    rng = np.random.default_rng([seed, STREAM])
    habits = (REHABILITATION_FROM, INTERVIEW_FROM, SIMILAR_FROM)
    return Caseworkers(*(rng.normal(mean, spread, COUNT) for mean, spread in habits))


def cases(need: Floats, is_newcomer: Bools, rng: np.random.Generator) -> Cases:
    """Return cases of that true need, with what anybody would see and no register holds."""
    size = len(need)
    return Cases(
        need + NEED_SEEN * rng.normal(size=size),
        SEEN * rng.normal(size=size),
        SEEN * rng.normal(size=size),
        is_newcomer,
    )


def judged(those: Caseworkers, by: Index, case: Cases, may_interview: Bools, rng: np.random.Generator) -> Index:
    """Return the entity that a caseworker chooses for each case, an index of ENTITIES; `by` numbers the caseworkers."""
    size = len(by)
    need = case.need + NEED_GUESSED * rng.normal(size=size)
    beyond = need - those.rehabilitation[by]
    doubt = case.doubt + GUESSED * rng.normal(size=size) + NEAR_DOUBT * np.exp(-np.square(beyond / NEAR))
    likeness = case.likeness + GUESSED * rng.normal(size=size)
    similar = case.is_newcomer & (likeness > those.similar[by])
    entity = np.where(beyond > 0, REHABILITATION, np.where(similar, INTEGRATION, SKILLS))
    return np.where(may_interview & (doubt > those.interview[by]), INTERVIEW, entity)
