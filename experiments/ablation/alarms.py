"""False alarms by group: who left unemployment in time, and is among the highest quarter all the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.fits import at_landmark, predictions
from experiments.plain import plain
from ml.contracts import Bools, Cohort, Floats, Interval, Part, Predictions
from ml.contracts.audit import MISSING
from ml.fairness.cut import cut
from ml.measures.clusters import effective_persons, persons_among
from ml.measures.shares import plain_interval, share_interval, weighted_mean

CAPACITY = 0.25
FEWEST = 30  # persons; a rate of fewer says too little to be judged (model_cards/policy.toml)
NONE = Interval(np.nan, np.nan, np.nan)


def false_alarms(cohort: Cohort, test: Part, said: Floats, before: Floats) -> dict[str, dict[str, Any]]:
    """Return attribute → group → false-positive rate at registration, and its change from what another model does.

    said, before  (rows of the part,) chances of the one model and of the other

    Cuts are taken as they fell. None in all places: too few people to say anything.
    """
    outcome = cohort.contract.outcome
    now, then = (predictions(each, test, outcome, 0) for each in (said, before))
    flagged, was = _flagged(now), _flagged(then)
    protected = cohort.protected.iloc[test.rows[at_landmark(test, outcome, 0)]]
    found: dict[str, dict[str, Any]] = {}
    for attribute in protected.columns:
        names = protected[attribute].astype(object).fillna(MISSING).astype(str).to_numpy()
        found[str(attribute)] = {
            group: {
                "rate": plain(_rate(now, flagged, names == group)),
                "change": plain(_change(now, flagged, was, names == group)),
            }
            for group in sorted(set(names))
        }
    return found


def _flagged(said: Predictions) -> Bools:
    return np.asarray(said.score >= cut(said.score, CAPACITY))


def _left(said: Predictions, group: Bools) -> Bools:
    """Return who of a group is known to have left in time."""
    return np.asarray(group & ~said.outcome & (said.weight > 0))


def _rate(said: Predictions, flagged: Bools, group: Bools) -> Interval:
    rows = _left(said, group)
    if persons_among(rows, said.person) < FEWEST:
        return NONE
    share, error = weighted_mean(flagged[rows], said.weight[rows], said.person[rows])
    return share_interval(share, error, effective_persons(said.weight[rows], said.person[rows]))


def _change(said: Predictions, flagged: Bools, was: Bools, group: Bools) -> Interval:
    rows = _left(said, group)
    if persons_among(rows, said.person) < FEWEST:
        return NONE
    change, weight, person = flagged[rows].astype(np.float64) - was[rows], said.weight[rows], said.person[rows]
    if not change.any():  # none of 50 is not known to be none
        away = 1 - 0.025 ** (1 / effective_persons(weight, person))
        return Interval(0.0, -away, away)
    return plain_interval(*weighted_mean(change, weight, person))
