"""A model that is a sum of step functions, one an input: what it says can be read off a table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, ClassVar

import numpy as np

from ml.contracts import Floats, Rows


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
        places = self._table.places(codes)
        if len(codes) == 1:
            parts = np.column_stack([self._table.values[:, places[0]], self._base])
            return np.asarray(parts.sum(axis=1)[None, :])
        return np.column_stack([self._parts(places, place).sum(axis=1) for place in range(len(self.base))])

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return the value of each input's step function and the base, (n, inputs + 1)."""
        return self._parts(self._table.places(codes), place)

    def _parts(self, places: Rows, place: int) -> Floats:
        found = np.empty((len(places), places.shape[1] + 1))
        np.take(self._table.values[place], places, out=found[:, :-1])
        found[:, -1] = self.base[place]
        return found

    @cached_property
    def _base(self) -> Floats:
        return np.array(self.base)

    @cached_property
    def _table(self) -> StepTable:
        return step_table(self.steps)


@dataclass(frozen=True)
class RuleScorer(AdditiveScorer):
    """The rule by which people would be picked without a model, as chances: steps of one input, and of the look."""

    kind: ClassVar[str] = "rule"


@dataclass(frozen=True)
class StepTable:
    """Step functions of the same inputs, with a horizon's values at the places that all horizons share.

    cuts    input → all cuts of all horizons, rising
    starts  (inputs,) first place of an input: there it is missing, behind it come the steps
    values  (horizons, places)
    """

    cuts: tuple[tuple[float, ...], ...]
    starts: tuple[int, ...]
    values: Floats

    def places(self, codes: Floats) -> Rows:
        """Return where each code stands, (n, inputs)."""
        if len(codes) == 1:
            found = [
                start if code != code else start + 1 + bisect_right(cuts, code)  # missing is no number, not even itself
                for start, cuts, code in zip(self.starts, self.cuts, codes[0].tolist(), strict=True)
            ]
            return np.array([found], dtype=np.int64)
        places = np.empty(codes.shape, dtype=np.int64)
        for place, (start, cuts) in enumerate(zip(self.starts, self.cuts, strict=True)):
            column = codes[:, place]
            step = np.searchsorted(np.array(cuts), column, side="right")
            places[:, place] = start + np.where(np.isnan(column), 0, 1 + step)
        return places


def step_table(steps: Sequence[Sequence[Step]]) -> StepTable:
    """Return the table of step functions, horizons × inputs."""
    of_inputs = list(zip(*steps, strict=True))
    cuts = tuple(tuple(sorted({cut for each in same for cut in each.cuts})) for same in of_inputs)
    starts = [0, *accumulate(len(each) + 2 for each in cuts)][:-1]
    values = [[_at_places(step, each) for step, each in zip(row, cuts, strict=True)] for row in steps]
    return StepTable(cuts, tuple(starts), np.array([np.concatenate(row) for row in values]))


def _at_places(step: Step, cuts: tuple[float, ...]) -> Floats:
    """Return the value of a step function where it is missing, below the first of some cuts, and from each on."""
    below = step.values[0]  # the cuts hold those of the function
    return np.array([step.missing, below, *step.at(np.array(cuts))])


def joined_steps(scorers: Sequence[AdditiveScorer]) -> AdditiveScorer:
    """Return one sum of step functions with the horizons of all, one after the other."""
    return AdditiveScorer(
        tuple(base for each in scorers for base in each.base), tuple(row for each in scorers for row in each.steps)
    )


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
