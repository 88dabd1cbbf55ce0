"""The model behind the hints: a logistic regression, trained again each year on the outcomes of the year before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import expit

from experiments.feedback_loop.people import People
from ml.contracts import Bools, Floats
from ml.measures.logistic import fit_logistic

RIDGE_ROWS = 2.0  # the weight of a made-up row of each outcome, so that a fit on few people is finite


class Inputs(StrEnum):
    """What the model sees beside recorded skill and years of waiting."""

    PLAIN = "without proxies"
    PROXY = "with a proxy"
    GROUP = "with the attribute itself"


class Training(StrEnum):
    """From whose outcomes each year's model learns.

    IGNORED   of everybody out of work; who was helped is not asked
    KNOWN     of everybody, with help as a column and that of earlier years as another; predicted as if nobody were
              helped this year
    UNHELPED  of those who were not helped;  HELPED  of those who were
    FROZEN    no more: the first model stays
    """

    IGNORED = "help ignored"
    KNOWN = "help known"
    UNHELPED = "not helped alone"
    HELPED = "helped alone"
    FROZEN = "first model kept"


@dataclass(frozen=True)
class Year:
    """What a year leaves for training: inputs (n, k) of those out of work, who was helped and who stayed, (n,)."""

    inputs: Floats
    helped: Bools
    stayed: Bools


def inputs_of(people: People, inputs: Inputs) -> Floats:
    """Return what a model can see of those out of work, (n, k): a column of ones first, earlier services last."""
    out = people.out
    columns = [np.ones(int(out.sum())), (people.skill + people.seen)[out], np.log1p(people.waiting[out])]
    if inputs is Inputs.PROXY:
        columns.append(people.proxy[out])
    if inputs is Inputs.GROUP:
        columns.append(people.group[out].astype(np.float64))
    return np.column_stack([*columns, people.had[out]])


def risks(coefficients: Floats, inputs: Floats) -> Floats:
    """Return each person's chance of still being out of work a year on, as predicted, (n,)."""
    return np.asarray(expit(inputs @ coefficients))


def trained(year: Year, training: Training, before: Floats | None) -> Floats:
    """Return coefficients, (k,), from a year's outcomes; `before`: last year's, None in the first year.

    Where nobody was helped all ways of training are one. Only where help is known are earlier services an input.
    """
    if before is not None and training is Training.FROZEN:
        return before
    inputs, helped = year.inputs, year.helped
    if training is Training.KNOWN and helped.any():
        return _fit(np.column_stack([inputs, helped]), year.stayed)[:-1]
    rows = np.ones(len(inputs), dtype=np.bool_)
    if helped.any() and training in (Training.HELPED, Training.UNHELPED):
        rows = helped if training is Training.HELPED else ~helped
    return np.append(_fit(inputs[rows, :-1], year.stayed[rows]), 0.0)


def _fit(inputs: Floats, stayed: Bools) -> Floats:
    middle = inputs.mean(axis=0)
    design = np.vstack([inputs, middle, middle])
    target = np.r_[stayed.astype(np.float64), 0.0, 1.0]
    weight = np.r_[np.ones(len(inputs)), RIDGE_ROWS / 2, RIDGE_ROWS / 2]
    return fit_logistic(design, target, weight)
