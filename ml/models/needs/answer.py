"""When the model answers, and when it says "interview first": below a threshold, and of cases unlike its training.

The threshold is the lowest at which the answers agree with caseworkers no less than two caseworkers agree with each
other, beyond noise: the lower end of the 95 % interval of the difference is not below 0. Thresholds are tried in a
fixed order, fewest answers first, and the first that fails ends the search, so that many tries do not find one by luck
(fixed-sequence testing; Angelopoulos et al. 2021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Bools, Floats, Placements, Rows
from ml.contracts.needs_report import CoveragePoint, NeedThreshold
from ml.measures.clusters import by_person
from ml.measures.shares import Z95
from ml.models.encode import Encoder

from .agreement import Pairs, agreement
from .proportion import proportion

if TYPE_CHECKING:
    import pandas as pd

COVERAGES = np.arange(20, 101) / 100  # shares of the cases answered, in the order in which they are tried
LEAST_PAIRS = 30  # of two caseworkers: fewer do not say how far they agree


def answers(probability: Floats, unlike: Bools, threshold: float | None) -> NDArray[np.str_]:
    """Return an entity or "interview_first" for each row, (n,).

    probability  (n, entities), calibrated
    unlike       (n,) the case is unlike the training data
    """
    top = np.array(ENTITIES)[probability.argmax(axis=1)]
    surely = np.zeros(len(top), dtype=bool) if threshold is None else probability.max(axis=1) >= threshold
    return np.where(surely & ~unlike, top, INTERVIEW_FIRST)


def unlike_training(encoder: Encoder, features: pd.DataFrame) -> Bools:
    """Return which rows hold a value that training saw nothing like, (n,): as `Input.unfamiliar`, for a frame."""
    codes = encoder.frame(features)
    unlike = np.zeros(len(features), dtype=bool)
    for place, each in enumerate(encoder.inputs):
        column, none = codes[:, place], np.isnan(codes[:, place])
        given = features[each.column.name].notna().to_numpy()
        unlike |= none & given if each.missing_seen else none
        if not each.is_category:
            unlike |= ~none & ~((each.low <= column) & (column <= each.high))
    return unlike


def choose_threshold(
    probability: Floats, unlike: Bools, entity: Rows, person: Rows, placements: Placements, pairs: Pairs
) -> NeedThreshold:
    """Return from which probability on the model answers.

    probability, unlike, entity, person  of the calibration part; entity by its place in ENTITIES
    pairs                                of two caseworkers on one client, from before the test part
    """
    both = pairs[_named(placements, pairs.first) & _named(placements, pairs.second)]
    one, other = placements.entity[both.first], placements.entity[both.second]
    caseworkers = agreement(one, other, placements.person[both.first], ENTITIES)
    top = np.where(unlike, -1.0, probability.max(axis=1))
    hit = probability.argmax(axis=1) == entity
    of_pairs = _influence(one == other), placements.person[both.first]
    points, chosen = [], None
    searching = len(both) >= LEAST_PAIRS
    for threshold in _thresholds(top):
        answered = top >= threshold
        reached = proportion(hit[answered], person[answered])
        points.append(CoveragePoint(threshold, float(answered.mean()), reached))
        low = reached.value - caseworkers.share.value
        if searching:
            low -= Z95 * _error(_influence(hit[answered]), person[answered], *of_pairs)
            searching = low >= 0
            chosen = threshold if searching else chosen
    return NeedThreshold(chosen, _why(chosen, len(both), points), caseworkers, tuple(points))


def _named(placements: Placements, rows: Rows) -> Bools:
    return np.asarray(placements.entity[rows] != INTERVIEW_FIRST)


def _thresholds(top: Floats) -> list[float]:
    """Return the lowest probability answered at each coverage, falling; cases unlike training are never answered."""
    falling = np.sort(top)[::-1]
    places = np.minimum(np.ceil(COVERAGES * len(top)).astype(np.int64), len(top)) - 1
    return sorted({float(falling[place]) for place in places if falling[place] >= 0}, reverse=True)


def _influence(hits: Bools) -> Floats:
    """Return what each row moves the share of hits by, (n,)."""
    return (hits - hits.mean()) / len(hits) if len(hits) else np.zeros(0)


def _error(one: Floats, one_person: Rows, other: Floats, other_person: Rows) -> float:
    """Return the standard error of the difference of two shares; people may stand in both."""
    influence, person = np.concatenate([one, -other]), np.concatenate([one_person, other_person])
    return float(np.sqrt(np.sum(by_person(influence, person) ** 2)))


def _why(chosen: float | None, pairs: int, points: list[CoveragePoint]) -> str:
    if pairs < LEAST_PAIRS:
        return (
            f"fewer than {LEAST_PAIRS} clients were placed by two caseworkers: how far caseworkers agree is not known, "
            "so the model always answers “interview first”"
        )
    if chosen is None:
        return (
            "at no threshold do the model's answers agree with caseworkers as often as two caseworkers agree with each "
            "other, beyond noise: the model always answers “interview first”"
        )
    point = next(each for each in points if each.threshold == chosen)
    return (
        f"answers at a probability of {chosen:.3f} or more ({point.coverage:.0%} of the calibration part) agree with "
        "caseworkers no less than two caseworkers agree with each other"
    )
