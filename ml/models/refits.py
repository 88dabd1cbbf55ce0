"""Refits: the kept kind of model, trained again on other people, to see how much hangs on whom it happened to see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ml.contracts import Floats, Outcome, Part, Rows

from .calibrated import refit_calibrators
from .ltu.candidates import Lesson
from .trained import Calibrators, Refit

REFITS = 10


def fit_refits(
    kind: str, lesson: Lesson, person: Rows, kept: Calibrators, codes: Floats, part: Part, outcome: Outcome
) -> Iterator[Refit]:
    """Yield the refits, the same for the same seed.

    person  (n,) whose the rows of the lesson are: persons are drawn, with all their rows (Davison & Hinkley 1997)
    codes   of the calibration part
    """
    persons, place = np.unique(person, return_inverse=True)
    rng = np.random.default_rng(lesson.seed)
    for _ in range(REFITS):
        drawn = np.bincount(rng.integers(0, len(persons), len(persons)), minlength=len(persons))
        scorer = lesson.fit(kind, drawn[place])
        yield Refit(scorer, refit_calibrators(kept, scorer.margins(codes), part, outcome))
