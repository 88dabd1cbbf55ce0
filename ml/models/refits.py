"""Refits: the kept kind of model, trained again on other people, to see how much hangs on whom it happened to see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ml.contracts import Floats, Outcome, Part, Rows
from ml.measures.censoring import KnownOutcome, outcome_at

from .calibrate import Calibrators
from .calibrated import refit_calibrators
from .ltu.candidates import Lesson
from .trained import Refit

REFITS = 10


def fit_refits(
    kind: str, lesson: Lesson, person: Rows, kept: Calibrators, codes: Floats, part: Part, outcome: Outcome
) -> Iterator[Refit]:
    """Yield the refits, the same for the same seed.

    person  (n,) whose the rows of the lesson are: persons are drawn, with all their rows (Davison & Hinkley 1997)
    codes   of the calibration part
    """
    persons, place = np.unique(person, return_inverse=True)
    known = [outcome_at(lesson.spells, horizon) for horizon in outcome.horizons]
    rng = np.random.default_rng(lesson.seed)
    for _ in range(REFITS):
        times = _drawn(rng, len(persons))[place]
        while not all(_tells(each, times) for each in known):
            times = _drawn(rng, len(persons))[place]
        scorer = lesson.fit(kind, times)
        yield Refit(scorer, refit_calibrators(kept, scorer.margins(codes), part, outcome))


def _drawn(rng: np.random.Generator, persons: int) -> Rows:
    """Return how often each person is drawn, (persons,)."""
    return np.bincount(rng.integers(0, persons, persons), minlength=persons)


def _tells(known: KnownOutcome, times: Rows) -> bool:
    """Return whether both outcomes are among the rows drawn: of five who stayed, a draw now and then has none."""
    return len(np.unique(known.outcome[known.known & (times > 0)])) > 1
