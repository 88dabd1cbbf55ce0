"""The decisions that are varied, and the universes: combinations of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from experiments.fits import Choices, Coded, at_landmark, chances, fit
from ml.contracts import Cohort, Floats, Outcome, Part, Rows, Split
from ml.models.ltu.trees import TreeSettings
from ml.progress import Say

DECISIONS: Mapping[str, tuple[str, ...]] = {
    "model": ("logistic", "additive", "lightgbm"),
    "window": ("all years", "later half"),
    "history": ("five years", "one year"),
    "label": ("main horizon", "earlier horizon"),
    "size": ("small", "large"),
    "looks": ("all landmarks", "registration"),
    "people": ("as they are", "drawn again"),
}
LONG_MEMORY = ("_3y", "_5y")  # how the names of inputs end that look back over more than a year
SIZES = {
    "small": (0.003, replace(TreeSettings(), leaves=4, depth=3)),
    "large": (1.0, replace(TreeSettings(), leaves=16, depth=5)),
}


@dataclass(frozen=True)
class Universe:
    """One combination of decisions, and calibrated chances of the rows of calibration and test part, (rows,) each."""

    decisions: Mapping[str, str]
    calibration: Floats
    test: Floats


def combinations(models: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Yield the combinations: of all there are, the half in which an even number of two-way decisions is the second.

    Balanced: each option of a decision meets each option of every other one as often (a half fraction, Box & Hunter
    1961). The boosting machine has no size to choose: its universes differ in the other decisions all the same.
    """
    for options in product(models, *list(DECISIONS.values())[1:]):
        chosen = dict(zip(DECISIONS, options, strict=True))
        second = sum(chosen[name] == of[1] for name, of in DECISIONS.items() if name != "model")
        if second % 2 == 0:
            yield chosen


def universes(
    cohort: Cohort, inputs: Coded, parts: Split, models: Sequence[str], seed: int, say: Say
) -> Iterator[Universe]:
    """Yield the universes, each fitted and calibrated; the same arguments give the same."""
    outcome = cohort.contract.outcome
    drawn = drawn_again(parts.train.person, np.random.default_rng(seed))
    short = inputs.only([name for name in inputs.encoder.names if not name.endswith(LONG_MEMORY)])
    every = list(combinations(models))
    for number, decisions in enumerate(every):
        say(f"universe {number + 1} of {len(every)}")
        seen = short if decisions["history"] == "one year" else inputs
        rows = learnt(cohort, parts.train, decisions)
        times = drawn[rows] if decisions["people"] == "drawn again" else None
        margins = fit(decisions["model"], seen, parts.train[rows], outcome, seed, _choices(decisions, outcome), times)
        yield Universe(decisions, *chances(margins, seen, parts, outcome))


def learnt(cohort: Cohort, train: Part, decisions: Mapping[str, str]) -> Rows:
    """Return the places in the training part of the rows that are learnt from."""
    kept = np.full(len(train), True)
    if decisions["looks"] == "registration":
        kept &= at_landmark(train, cohort.contract.outcome, 0)
    if decisions["window"] == "later half" and cohort.start is not None:
        start = cohort.start[train.rows]
        kept &= start >= np.sort(start)[len(start) // 2]
    return np.flatnonzero(kept)


def drawn_again(person: Rows, rng: np.random.Generator) -> Rows:
    """Return how often each row is drawn when as many persons are drawn with replacement, (n,)."""
    persons, place = np.unique(person, return_inverse=True)
    drawn = np.bincount(rng.integers(0, len(persons), len(persons)), minlength=len(persons))
    return drawn[place].astype(np.int64)


def _choices(decisions: Mapping[str, str], outcome: Outcome) -> Choices:
    ridge, settings = SIZES[decisions["size"]]
    place = outcome.place
    earlier = decisions["label"] == "earlier horizon" and place > 0
    return Choices(ridge, settings, outcome.horizons[place - 1] if earlier else outcome.horizon)
