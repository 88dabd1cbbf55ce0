"""A calibrator for each landmark and horizon, from the calibration part."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Outcome, Part
from ml.measures.censoring import followed, outcome_at
from ml.measures.landmarks import landmarks
from ml.measures.period import period_share

from .calibrate import Calibrator, Calibrators, Known, Newest, calibrate, recalibrate

FEWEST = 50  # spells of each outcome that a landmark needs for a calibrator of its own; else it shares one


def fit_calibrators(margins: Floats, part: Part, outcome: Outcome) -> Calibrators:
    """Return landmark → horizon → calibrator; None where the horizon had been reached.

    margins  (rows of the part, horizons)
    """
    return tuple(
        tuple(
            None if place < stage else calibrate(*_rows(margins, part, outcome, stage, place))
            for place in range(len(outcome.horizons))
        )
        for stage in range(_stages(outcome))
    )


def refit_calibrators(kept: Calibrators, margins: Floats, part: Part, outcome: Outcome) -> Calibrators:
    """Return the calibrators of a refit, on the same rows as those of the model that is kept."""

    def one(each: Calibrator | None, stage: int, place: int) -> Calibrator | None:
        return None if each is None else recalibrate(each, *_rows(margins, part, outcome, stage, place))

    return tuple(
        tuple(one(each, stage, place) for place, each in enumerate(horizons)) for stage, horizons in enumerate(kept)
    )


def _stages(outcome: Outcome) -> int:
    """Return how many landmarks there are: one more than horizons, for a spell that had reached them all."""
    return 1 if outcome.entry is None else len(outcome.horizons) + 1


def _rows(margins: Floats, part: Part, outcome: Outcome, stage: int, place: int) -> tuple[Known, Known | Newest]:
    """Return the ripe rows and the newest of a landmark; of all landmarks that ask, where it has too few of its own."""
    horizon, margin = outcome.horizons[place], margins[:, place]
    asked = part.spells.asked(horizon)
    own = asked & (landmarks(part.spells.entry, outcome) == stage)
    rows = own if _enough(part[own & part.ripe], horizon) else asked
    ripe = _known(margin, part, rows & part.ripe, horizon)
    late = own & (part.since <= part.spells.entry)  # looked at within the window of the newest follow-up
    if rows is own and part.since.any() and late.sum() >= FEWEST:
        share, error = period_share(part.spells[own], part.since[own], horizon, part.person[own])
        return ripe, Newest(margin[late], share, error)
    return ripe, _known(margin, part, rows, horizon)


def _enough(part: Part, horizon: float) -> bool:
    spells = part.spells
    there = followed(spells)
    still, gone = there & (spells.duration >= horizon), there & spells.exited & (spells.duration < horizon)
    return min(int(still.sum()), int(gone.sum())) >= FEWEST


def _known(margin: Floats, part: Part, rows: np.ndarray, horizon: float) -> Known:
    return Known(margin[rows], outcome_at(part.spells[rows], horizon), part.person[rows])
