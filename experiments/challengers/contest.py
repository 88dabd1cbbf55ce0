"""Every challenger on the same footing: the same rows to learn from, to be calibrated on and to be judged on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from experiments.fits import Choices, Coded, Margins, chances, chosen_ridge, coded, fit, predictions
from ml.contracts import Cohort, Floats, Interval, Outcome, Split
from ml.errors import DataError
from ml.measures.brier import better
from ml.models.ltu.hazard import fit_hazard
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.ltu.tune import Tuned, tune
from ml.models.split import split
from ml.progress import Say

FREE = (31, 63, 127)  # leaves, at any depth
CAREFUL = TreeSettings(least_in_leaf=200, ridge=100.0, share_of_inputs=0.3)
DEFAULT = "lightgbm"  # whom all others are held against


@dataclass(frozen=True)
class Entrant:
    """One challenger: calibrated chances of the rows of two parts at the main horizon, and how long it took to fit."""

    name: str
    calibration: Floats
    test: Floats
    seconds: float


@dataclass(frozen=True)
class Contest:
    """All challengers, from simple to free.

    tuned      None: it could not be, and why
    unlimited  settings without limits → Brier score lower than the default trees', on the calibration part
    """

    outcome: Outcome
    parts: Split
    entrants: tuple[Entrant, ...]
    tuned: Tuned | None
    not_tuned: str
    unlimited: Mapping[str, Interval]


@dataclass(frozen=True)
class _Ground:
    """What all of them stand on."""

    inputs: Coded
    parts: Split
    outcome: Outcome
    seed: int
    say: Say

    def entrant(self, name: str, fitted: Callable[[], Margins]) -> Entrant:
        self.say(f"fitting {name}")
        begun = time.perf_counter()
        margins = fitted()
        seconds = time.perf_counter() - begun
        return Entrant(name, *chances(margins, self.inputs, self.parts, self.outcome), seconds)

    def candidate(self, kind: str) -> Entrant:
        """Return a kind of model that may be kept; of logistic regression with the search for its ridge."""

        def fitted() -> Margins:
            train, outcome, seed = self.parts.train, self.outcome, self.seed
            ridge = chosen_ridge(self.inputs, train, outcome, seed) if kind == "logistic" else 1.0
            return fit(kind, self.inputs, train, outcome, seed, Choices(ridge, TreeSettings()))

        return self.entrant(kind, fitted)

    def trees(self, name: str, settings: TreeSettings) -> Entrant:
        train, horizons = self.parts.train, (self.outcome.horizon,)
        codes = self.inputs.codes[train.rows]
        return self.entrant(name, lambda: fit_trees(codes, train.spells, horizons, self.seed, settings).margins)

    def hazard(self) -> Entrant:
        train, outcome = self.parts.train, self.outcome
        place = outcome.place

        def fitted() -> Margins:
            model = fit_hazard(self.inputs.encoder, self.inputs.codes[train.rows], train.spells, outcome.horizons,
                               outcome.unit_days, self.seed, TreeSettings(), outcome.entry)  # fmt: skip
            return lambda codes: model.margins(codes)[:, [place]]

        return self.entrant("hazard", fitted)

    def base_rate(self) -> Entrant:
        """Return what knows only how long people have waited: the calibration part's shares."""
        return self.entrant("base_rate", lambda: lambda codes: np.zeros((len(codes), 1)))


def hold(cohort: Cohort, seed: int, trials: int, say: Say) -> Contest:
    """Return the contest on a cohort; `trials` 0: nothing is tuned."""
    parts, outcome = split(cohort, seed), cohort.contract.outcome
    ground = _Ground(coded(cohort.features, cohort.contract.inputs, parts), parts, outcome, seed, say)
    tuned, why_not = _tuned(cohort, ground, trials)
    simple = [ground.candidate("rule")] if outcome.rule is not None else []
    found = [ground.base_rate(), *simple, ground.candidate("logistic"), ground.candidate("additive"), ground.hazard()]
    default = ground.candidate(DEFAULT)
    found.append(default)
    if tuned is not None:
        found.append(ground.trees("tuned", tuned.settings))
    free = [ground.trees(name, settings) for name, settings in unlimited()]
    gains = {each.name: _gain(each, default, parts, outcome) for each in free}
    found.append(replace(max(free, key=lambda each: gains[each.name].value), name="unlimited"))
    return Contest(outcome, parts, tuple(found), tuned, why_not, gains)


def unlimited() -> Iterator[tuple[str, TreeSettings]]:
    """Yield LightGBM without limits on depth, with the defaults' care and with more of it."""
    for leaves in FREE:
        yield f"{leaves} leaves", replace(TreeSettings(), leaves=leaves, depth=-1)
        yield f"{leaves} leaves, careful", replace(CAREFUL, leaves=leaves, depth=-1)


def _gain(one: Entrant, other: Entrant, parts: Split, outcome: Outcome) -> Interval:
    ripe, part = parts.calibration.judging, parts.calibration[parts.calibration.judging]
    return better(
        predictions(one.calibration[ripe], part, outcome, None),
        predictions(other.calibration[ripe], part, outcome, None),
    )


def _tuned(cohort: Cohort, ground: _Ground, trials: int) -> tuple[Tuned | None, str]:
    if not trials:
        return None, "not asked for (--trials 0)"
    try:
        return tune(cohort, ground.parts.train, ground.inputs.codes, trials, ground.seed, ground.say), ""
    except DataError as why:
        return None, str(why)
