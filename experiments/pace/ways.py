"""The ways of carrying a level on to the day of use that are held against each other; each differs in one thing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml.contracts import Floats, Outcome, Part
from ml.measures.landmarks import landmarks
from ml.models.calibrate import Calibrator, Calibrators, Newest

SHOCK = 0.08  # a larger change of the pace from one window to the next is not taken to go on
WAYS = {
    "not_carried": "not carried",
    "half": "half of the change, not after a shock",
    "half_always": "half of the change, after a shock too",
    "whole": "the whole change, not after a shock",
}


def paces(change: float) -> dict[str, float]:
    """Return way → pace of the day of use, of the newest window's.

    change  of the logarithm of the pace, from the window before to the newest
    """
    half, whole = float(np.exp(change / 2)), float(np.exp(change))
    shock = abs(change) > SHOCK
    return {"not_carried": 1.0, "half": 1.0 if shock else half, "half_always": half, "whole": 1.0 if shock else whole}


def carried(calibrators: Calibrators, margins: Floats, part: Part, outcome: Outcome, pace: float) -> Calibrators:
    """Return the calibrators at another pace: the mean chance of those looked at in the newest window, to its power.

    margins  (rows of the part, horizons), as they were fitted on
    """
    stage, newest = landmarks(part.spells.entry, outcome), part.since <= part.spells.entry

    def at_pace(each: Calibrator | None, landmark: int, place: int) -> Calibrator | None:
        late = margins[newest & (stage == landmark), place]
        if each is None or not len(late):
            return each
        share = float(each.probability(late).mean()) ** pace
        return replace(each, level=Newest(late, share, 0.0).level(each.slope, each.center)[0])

    return tuple(
        tuple(at_pace(each, landmark, place) for place, each in enumerate(horizons))
        for landmark, horizons in enumerate(calibrators)
    )
