"""The ways in which the level of chances may follow the times, held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from experiments.fits import Choices, Coded, Margins, chosen_ridge, coded, fit, power
from ml.contracts import Cohort, Floats, Outcome, Part, Split
from ml.measures.landmarks import landmarks
from ml.models.calibrate import Calibrator, Calibrators, Newest
from ml.models.calibrated import fit_calibrators
from ml.models.ltu.trees import TreeSettings
from ml.models.trained import log_odds

SHOCK = 0.08  # a larger change of the pace from one window to the next is not taken to go on
WAYS = {
    "stays": "the level of the newest year before use stays",
    "carried": "half of the last change is added, not after a shock",
    "learnt": "the pace is an input like any other",
    "follows": "the level follows the pace at each look",
}
KEPT = "follows"


@dataclass(frozen=True)
class Fitted:
    """Logistic regression on some inputs: its margins of calibration and test part, and calibrators of the former."""

    calibration: Floats
    test: Floats
    calibrators: Calibrators


def chances(cohort: Cohort, parts: Split, seed: int, change: float) -> Mapping[str, Floats]:
    """Return way → chances of the test part's rows at the main horizon, (rows,); NaN where it had been reached.

    change  of the logarithm of the pace, from the window before to the newest
    """
    outcome, columns = cohort.contract.outcome, cohort.contract.inputs
    inputs = coded(cohort.features, columns, parts)
    plain = _fitted(inputs, parts, outcome, seed)
    told = coded(cohort.features, tuple(replace(each, pace=False) for each in columns), parts)
    learning = _fitted(told, parts, outcome, seed)
    level = carried(plain.calibrators, plain.calibration, parts.calibration.asked(outcome.horizon), outcome,
                    carried_pace(change))  # fmt: skip
    stays = _said(plain.calibrators, plain.test, parts.test, outcome)
    return {
        "stays": stays,
        "carried": _said(level, plain.test, parts.test, outcome),
        "learnt": _said(learning.calibrators, learning.test, parts.test, outcome),
        "follows": stays ** power(inputs, parts),
    }


def _fitted(inputs: Coded, parts: Split, outcome: Outcome, seed: int) -> Fitted:
    ridge = chosen_ridge(inputs, parts.train, outcome, seed)
    margins: Margins = fit("logistic", inputs, parts.train, outcome, seed, Choices(ridge, TreeSettings()))
    part = parts.calibration.asked(outcome.horizon)
    # Calibrators stand by horizon; those of the others are made of the same margin, and not used.
    calibration, test = (
        np.repeat(margins(inputs.codes[each.rows]), len(outcome.horizons), axis=1) for each in (part, parts.test)
    )
    return Fitted(calibration, test, fit_calibrators(calibration, part, outcome))


def _said(calibrators: Calibrators, margins: Floats, part: Part, outcome: Outcome) -> Floats:
    stage = landmarks(part.spells.entry, outcome)
    return np.asarray(expit(log_odds(calibrators, margins, stage)[:, outcome.place]))


def carried_pace(change: float) -> float:
    """Return the pace of the day of use, of the newest window's, where half of the change is taken to go on."""
    return 1.0 if abs(change) > SHOCK else float(np.exp(change / 2))


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
