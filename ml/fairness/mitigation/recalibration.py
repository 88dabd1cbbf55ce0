"""A calibration for each group: the same chance is to mean the same share in each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from ml.contracts import Bools, Floats, Predictions
from ml.measures.calibration import EDGE
from ml.measures.clusters import persons_among
from ml.measures.logistic import fit_logistic

Names = NDArray[np.str_]
FEWEST = 50  # people of each outcome that a group needs for a calibration of its own, as landmarks do in ml/models


def calibrate_groups(learnt: Predictions, group: Names, fewest: int = FEWEST) -> Callable[[Floats, Names], Floats]:
    """Return what turns scores and groups into chances, (n,): intercept and slope of each group, by likelihood.

    learnt  people whose outcome is known, other than those to be judged
    group   (n,) of each
    A group with too few people of either outcome has the calibration of all.
    """
    line_of_all = _line(learnt)
    lines = {name: _line(learnt[group == name]) for name in np.unique(group) if _enough(learnt[group == name], fewest)}

    def chances(score: Floats, group: Names) -> Floats:
        margin = _margin(score)
        found = np.empty(len(score))
        for name in np.unique(group):
            intercept, slope = lines.get(name, line_of_all)
            rows: Bools = group == name
            found[rows] = expit(intercept + slope * margin[rows])
        return found

    return chances


def _margin(score: Floats) -> Floats:
    return np.asarray(logit(np.clip(score, EDGE, 1 - EDGE)))


def _line(learnt: Predictions) -> Floats:
    design = np.column_stack([np.ones(len(learnt.score)), _margin(learnt.score)])
    return fit_logistic(design, learnt.outcome.astype(np.float64), learnt.weight)


def _enough(learnt: Predictions, fewest: int) -> bool:
    known = learnt.weight > 0
    return all(persons_among(known & each, learnt.person) >= fewest for each in (learnt.outcome, ~learnt.outcome))
