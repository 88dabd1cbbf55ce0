"""How good the model is for each group: one that serves most people well may serve some badly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.contracts import AuditPolicy, Bools, Floats, GroupPerformance, Predictions, Rows
from ml.contracts.audit import MISSING
from ml.disclosure import THRESHOLD, redact
from ml.errors import DataError
from ml.measures.clusters import persons_among
from ml.measures.coverage import coverage
from ml.measures.quality import core_figures, too_few


@dataclass(frozen=True)
class _Audited:
    """What was said of people, row by row."""

    predictions: Predictions
    landmark: Rows
    ends: tuple[Floats, Floats] | None


def group_performance(
    predictions: Predictions,
    landmark: Rows,
    protected: pd.DataFrame,
    policy: AuditPolicy,
    rng: np.random.Generator,
    *,
    attributes: tuple[str, ...] = (),
    ends: tuple[Floats, Floats] | None = None,
) -> tuple[GroupPerformance, ...]:
    """Return the figures of each group at each landmark; those of too few people are listed without any.

    predictions  at the main horizon; all rows of a person count, and intervals are of persons
    landmark     (n,) how many horizons each row's spell had reached
    protected    n × attributes, row by row beside the predictions; a value that is missing makes a group of its own
    rng          draws the noise of calibration indices
    attributes   those that must be there
    ends         low and high of each row's interval, (n,) each; None: no coverage

    Raises DataError when a named attribute is not there, and when rows do not match.
    """
    _check(predictions, landmark, protected, attributes)
    audited = _Audited(predictions, landmark, ends)
    return tuple(
        _performance(audited, str(attribute), group, stage, rows, policy, rng)
        for attribute in protected.columns
        for group, members in _groups(protected[attribute])
        for stage in np.unique(landmark).tolist()
        if (rows := members & (landmark == stage)).any()
    )


def _performance(
    audited: _Audited,
    attribute: str,
    group: str,
    stage: int,
    rows: Bools,
    policy: AuditPolicy,
    rng: np.random.Generator,
) -> GroupPerformance:
    n, of_group = redact(int(rows.sum())), audited.predictions[rows]
    persons = persons_among(of_group.weight > 0, of_group.person)
    fewest = max(policy.smallest_denominator, THRESHOLD)
    if persons < fewest:
        return GroupPerformance(attribute, group, stage, n, None, f"fewer than {fewest} people with a known outcome")
    if why := too_few(of_group):
        return GroupPerformance(attribute, group, stage, n, None, why)
    held = None
    if audited.ends is not None:
        low, high = (end[rows] for end in audited.ends)
        held = coverage(low, high, of_group, audited.landmark[rows])
    return GroupPerformance(attribute, group, stage, n, core_figures(of_group, rng, held))


def _groups(column: pd.Series) -> Iterator[tuple[str, Bools]]:
    """Return each group's name and which rows are of it, names in alphabetical order."""
    names = column.astype(object).where(column.notna(), MISSING).map(str).to_numpy(dtype=object)
    for name in sorted(set(names)):
        yield name, np.asarray(names == name, dtype=np.bool_)


def _check(predictions: Predictions, landmark: Rows, protected: pd.DataFrame, attributes: tuple[str, ...]) -> None:
    absent = sorted(set(attributes) - set(protected.columns))
    if absent:
        raise DataError(
            f"protected attribute {', '.join(map(repr, absent))}: no such protected column; "
            "how the model does for its groups cannot be left untold"
        )
    lengths = {len(landmark), *([len(protected)] if protected.shape[1] else [])} - {len(predictions.score)}
    if lengths:
        raise DataError(
            f"performance by group: {', '.join(map(str, sorted(lengths)))} landmarks or protected rows beside "
            f"{len(predictions.score)} predictions; each row needs its own"
        )
