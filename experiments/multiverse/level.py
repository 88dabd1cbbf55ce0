"""What the level of the calibration moves, at a pace that stays: nobody's place, but how many are above a chance."""

from __future__ import annotations

import numpy as np

from experiments.fits import Coded, Margins, at_landmark
from ml.contracts import Bools, Interval, Outcome, Part, Split
from ml.measures.shares import share_interval, weighted_mean
from ml.models.calibrated import fit_calibrators

CAPACITY = 0.25


def above_by_level(margins: Margins, inputs: Coded, parts: Split, outcome: Outcome) -> dict[str, Interval]:
    """Return the share of newcomers whose chance is in the calibration part's highest quarter, by level.

    The level of the newest spells, from which the product's begins, and that of spells whose outcome is known; the line
    is the same. And the share of newcomers who are on the one side by the one and on the other by the other.
    """
    place = outcome.place

    def newcomers(part: Part) -> Part:
        return part[at_landmark(part, outcome, 0)]

    learnt, judged = newcomers(parts.calibration), newcomers(parts.test)
    spread = np.repeat(margins(inputs.codes[parts.calibration.rows]), len(outcome.horizons), axis=1)
    calibrator = fit_calibrators(spread, parts.calibration, outcome)[0][place]
    if calibrator is None:
        raise AssertionError("the main horizon is a question at registration")
    line = np.quantile(calibrator.log_odds(margins(inputs.codes[learnt.rows])[:, 0]), 1 - CAPACITY)
    newest = calibrator.log_odds(margins(inputs.codes[judged.rows])[:, 0])
    known = newest - calibrator.shift
    return {
        "newest_level": _share(newest >= line, judged),
        "known_level": _share(known >= line, judged),
        "moved": _share((newest >= line) != (known >= line), judged),
    }


def _share(what: Bools, part: Part) -> Interval:
    share, error = weighted_mean(what.astype(np.float64), np.ones(len(what)), part.person)
    return share_interval(share, error, float(len(np.unique(part.person))))
