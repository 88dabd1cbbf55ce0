"""How good the kept model is: by landmark, horizon and calendar quarter, on the test part.

Censoring weights are made within each set of rows that is told apart: a late quarter was followed for a shorter time
than the part as a whole, and with the part's weights nobody in it would seem to have stayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.contracts import (
    Bools,
    CoreFigures,
    Dates,
    Evaluation,
    Figures,
    Floats,
    Outcome,
    Part,
    Predictions,
    Rival,
    Rows,
    Slice,
)
from ml.errors import DataError
from ml.measures.brier import better, brier
from ml.measures.capacity import CAPACITIES, at_capacity
from ml.measures.censoring import outcome_at
from ml.measures.coverage import coverage
from ml.measures.landmarks import landmarks
from ml.measures.net_benefit import decision_curve
from ml.measures.quality import core_figures, too_few
from ml.measures.quarters import quarters
from ml.measures.ranking import auc, auc_gain

RULE = "rule"  # the rule's name among the rivals


@dataclass(frozen=True)
class _Test:
    """The test part and what was said of it, row by row."""

    part: Part
    outcome: Outcome
    probability: Floats
    ends: tuple[Floats, Floats] | None
    rule: Floats | None
    stage: Rows
    quarter: NDArray[np.str_] | None


def evaluate(
    probability: Floats,
    part: Part,
    outcome: Outcome,
    rng: np.random.Generator,
    *,
    start: Dates | None = None,
    ends: tuple[Floats, Floats] | None = None,
    rule: Floats | None = None,
    rivals: Mapping[str, Floats] | None = None,
) -> Evaluation:
    """Return the figures of the kept model; the same rows and the same `rng` give the same.

    probability  (n, horizons) chances of the rows of `part`
    rng          draws the noise of calibration indices
    start        (n,) first day of each spell; None: no quarters
    ends         low and high, (n, horizons) each, the interval of each chance; None: no coverage
    rule         (n,) a ranking without a model, highest first, NaN last; None: no rule
    rivals       name → (n,) chances at the main horizon
    """
    stage = landmarks(part.spells.entry, outcome)
    quarter = None if start is None else quarters(start, part.spells.entry, outcome)
    test = _Test(part, outcome, probability, ends, rule, stage, quarter)
    return Evaluation(tuple(_slices(test, rng)), tuple(_rivals(test, rivals or {})))


def _slices(test: _Test, rng: np.random.Generator) -> Iterator[Slice]:
    everybody = np.full(len(test.part), True)
    for place, horizon in enumerate(test.outcome.horizons):
        asked = test.part.spells.asked(horizon)
        stages = np.unique(test.stage[asked]).tolist()
        for landmark in [None, *stages] if len(stages) > 1 else stages:
            rows = asked & (everybody if landmark is None else test.stage == landmark)
            yield _slice(test, place, landmark, None, rows, rng)
            if landmark is not None and test.quarter is not None:
                for name in np.unique(test.quarter[rows]).tolist():
                    yield _slice(test, place, landmark, name, rows & (test.quarter == name), rng)


def _slice(
    test: _Test, place: int, landmark: int | None, quarter: str | None, rows: Bools, rng: np.random.Generator
) -> Slice:
    horizon = test.outcome.horizons[place]
    slim = Slice(landmark, horizon, quarter, int(rows.sum()), len(np.unique(test.part.person[rows])), None)
    predictions = predictions_at(test.probability[:, place], test.part, horizon, rows)
    if predictions is None:
        return replace(slim, why="nobody was followed to the horizon")
    if why := too_few(predictions):
        return replace(slim, why=why)
    rule = None if test.rule is None else test.rule[rows]
    figures = Figures(
        _core(test, place, rows, predictions, rng),
        tuple(at_capacity(predictions, capacity, rule) for capacity in CAPACITIES),
        decision_curve(predictions, rule) if quarter is None else (),
    )
    return replace(slim, figures=figures)


def _core(test: _Test, place: int, rows: Bools, predictions: Predictions, rng: np.random.Generator) -> CoreFigures:
    if test.ends is None:
        return core_figures(predictions, rng)
    low, high = (end[rows, place] for end in test.ends)
    return core_figures(predictions, rng, coverage(low, high, predictions, test.stage[rows]))


def predictions_at(score: Floats, part: Part, horizon: float, rows: Bools) -> Predictions | None:
    """Return some rows' chances and what came true, censoring weighted among them; None if none reached the horizon.

    score  (n,) of the rows of `part`
    rows   (n,) which of them, all asked of the horizon
    """
    try:
        known = outcome_at(part.spells[rows], horizon)
    except DataError:  # nobody was followed so far
        return None
    return Predictions(horizon, score[rows], known.outcome, known.weight, part.person[rows])


def within_landmarks(score: Floats, part: Part, horizon: float, outcome: Outcome) -> Predictions:
    """Return chances and what came true, censoring weighted within each landmark.

    score  (n,) of the rows of `part`, all asked of the horizon

    Where nobody of a landmark was followed to the horizon, nothing is known: weight 0.
    """
    stage = landmarks(part.spells.entry, outcome)
    outcomes, weight = np.full(len(part), False), np.zeros(len(part))
    for landmark in np.unique(stage):
        rows = stage == landmark
        found = predictions_at(score, part, horizon, rows)
        if found is not None:
            outcomes[rows], weight[rows] = found.outcome, found.weight
    return Predictions(horizon, score, outcomes, weight, part.person)


def _rivals(test: _Test, rivals: Mapping[str, Floats]) -> Iterator[Rival]:
    """Return each challenger, and the rule, beside the kept model at each landmark."""
    place, horizon = test.outcome.place, test.outcome.horizon
    asked = test.part.spells.asked(horizon)
    for landmark in np.unique(test.stage[asked]).tolist():
        rows = asked & (test.stage == landmark)
        kept = predictions_at(test.probability[:, place], test.part, horizon, rows)
        if kept is None or too_few(kept):
            continue
        for name, score in rivals.items():
            other = replace(kept, score=score[rows])
            yield Rival(name, landmark, auc(other), auc_gain(kept, other), brier(other), better(kept, other))
        if test.rule is not None:
            other = replace(kept, score=np.where(np.isnan(test.rule[rows]), -np.inf, test.rule[rows]))
            yield Rival(RULE, landmark, auc(other), auc_gain(kept, other), None, None)
