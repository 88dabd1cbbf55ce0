"""A model that is a sum of step functions, one an input: what it says can be read off a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from ml.contracts import Floats


@dataclass(frozen=True)
class Step:
    """A step function of one input's codes.

    cuts     rising; a code equal to a cut belongs above it. Of a category they lie halfway between its codes.
    values   one more than cuts, log-odds
    missing  where the code is NaN
    """

    cuts: tuple[float, ...] = ()
    values: tuple[float, ...] = (0.0,)
    missing: float = 0.0

    def at(self, codes: Floats) -> Floats:
        """Return the value at each code, (n,)."""
        place = np.searchsorted(np.array(self.cuts), codes, side="right")
        return np.asarray(np.where(np.isnan(codes), self.missing, np.array(self.values)[np.minimum(place, self._last)]))

    @property
    def _last(self) -> int:
        return len(self.values) - 1  # NaN sorts behind everything


@dataclass(frozen=True)
class AdditiveScorer:
    """A base and a step function an input, a set of them a horizon.

    base   (horizons,) log-odds of the average row of the training part
    steps  horizons × inputs, each 0 on average over the training part: its values are the SHAP values of the model,
           since nothing in an additive model depends on what else is known (Lundberg & Lee 2017)
    """

    base: tuple[float, ...]
    steps: tuple[tuple[Step, ...], ...]
    kind: ClassVar[str] = "additive"

    def margins(self, codes: Floats) -> Floats:
        """Return log-odds, (n, horizons)."""
        return np.column_stack([self.contributions(codes, place).sum(axis=1) for place in range(len(self.base))])

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return the value of each input's step function and the base, (n, inputs + 1)."""
        each = [step.at(column) for step, column in zip(self.steps[place], codes.T, strict=True)]
        return np.column_stack([*each, np.full(len(codes), self.base[place])])


@dataclass(frozen=True)
class RuleScorer(AdditiveScorer):
    """The rule by which people would be picked without a model, as chances: steps of one input, and of the look."""

    kind: ClassVar[str] = "rule"


def step_places(step: Step, codes: Floats) -> Floats:
    """Return which step each code stands on, one-hot, (n, 1 + values): missing first."""
    place = np.where(np.isnan(codes), 0, 1 + np.searchsorted(np.array(step.cuts), codes, side="right"))
    return np.asarray(place[:, None] == np.arange(1 + len(step.values)), dtype=np.float64)


def centred(step: Step, codes: Floats) -> tuple[Step, float]:
    """Return the step function less its mean over the codes of the training part, and that mean."""
    mean = float(step.at(codes).mean())
    return replace(step, values=tuple(value - mean for value in step.values), missing=step.missing - mean), mean


def to_json(scorer: AdditiveScorer) -> dict[str, Any]:
    """Return the scorer as plain numbers and lists; `from_json` reads it back to the last bit."""
    return {
        "kind": scorer.kind,
        "base": list(scorer.base),
        "steps": [
            [{"cuts": list(step.cuts), "values": list(step.values), "missing": step.missing} for step in steps]
            for steps in scorer.steps
        ],
    }


def from_json(content: Mapping[str, Any]) -> AdditiveScorer:
    """Return the scorer that `to_json` wrote. Raises KeyError, TypeError or ValueError when it is none."""
    scorer = {each.kind: each for each in (AdditiveScorer, RuleScorer)}[content["kind"]]
    steps = tuple(tuple(_step(each) for each in row) for row in content["steps"])
    base = tuple(float(value) for value in content["base"])
    if len(base) != len(steps) or len({len(row) for row in steps}) != 1:
        raise ValueError("an additive model needs one base and one row of step functions a horizon")
    return scorer(base, steps)


def _step(content: Mapping[str, Any]) -> Step:
    cuts, values = (tuple(float(value) for value in content[name]) for name in ("cuts", "values"))
    if len(values) != len(cuts) + 1 or any(low >= high for low, high in pairwise(cuts)):
        raise ValueError("a step function needs rising cuts, and one value more than cuts")
    return Step(cuts, values, float(content["missing"]))
