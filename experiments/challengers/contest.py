"""Every challenger on the same footing: the same rows to learn from, to be calibrated on and to be judged on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import expit

from ml.contracts import Cohort, Floats, Interval, Outcome, Part, Predictions, Split
from ml.errors import DataError
from ml.measures.brier import better
from ml.measures.landmarks import landmarks
from ml.models.calibrated import fit_calibrators
from ml.models.encode import fit_encoder
from ml.models.evaluate import predictions_at
from ml.models.ltu.candidates import Lesson
from ml.models.ltu.hazard import fit_hazard
from ml.models.ltu.line import choose_ridge
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.ltu.tune import Tuned, tune
from ml.models.trained import log_odds
from ml.progress import Say

FREE = (31, 63, 127)  # leaves, at any depth
CAREFUL = {"least_in_leaf": 200, "ridge": 50.0, "share_of_inputs": 0.3}

Margins = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Entrant:
    """One challenger: calibrated chances of the rows of two parts at the main horizon, and how long it took to fit."""

    name: str
    calibration: Floats
    test: Floats
    seconds: float


@dataclass(frozen=True)
class Contest:
    """All challengers, in the order from simple to free, and what was tuned (None: it could not be, and why)."""

    outcome: Outcome
    parts: Split
    entrants: tuple[Entrant, ...]
    tuned: Tuned | None
    not_tuned: str
    unlimited: Mapping[str, Interval] = field(default_factory=dict)  # settings → Brier gain over the default trees


def hold(cohort: Cohort, parts: Split, seed: int, trials: int, say: Say) -> Contest:
    """Return the contest on a cohort."""
    outcome = cohort.contract.outcome
    encoder = fit_encoder(cohort.features.iloc[parts.train.rows], cohort.contract.inputs)
    codes = encoder.frame(cohort.features)
    learnt, spells, rng = codes[parts.train.rows], parts.train.spells, np.random.default_rng(seed)
    tuned, why_not = _tuned(cohort, parts.train, codes, trials, seed, say)

    def entrant(name: str, fit: Callable[[], Margins]) -> Entrant:
        say(f"fitting {name}")
        begun = time.perf_counter()
        margins = fit()
        seconds = time.perf_counter() - begun
        return Entrant(name, *calibrated(margins, codes, parts, outcome), seconds)

    def lesson() -> Lesson:
        ridge = choose_ridge(encoder, learnt, spells, outcome.horizon, parts.train.person, rng)
        return Lesson(encoder, learnt, spells, outcome, seed, TreeSettings(), ridge)

    begun = time.perf_counter()
    lessons = lesson()
    of_ridge = time.perf_counter() - begun
    found = [base_rate(parts, outcome)]
    for kind in lessons.kinds:
        found.append(entrant(kind, lambda kind=kind: lessons.fit(kind).margins))  # type: ignore[misc]
    place = [each.name for each in found].index("logistic")
    found[place] = replace(found[place], seconds=found[place].seconds + of_ridge)
    found.insert(-1, entrant("hazard", lambda: fit_hazard(
        encoder, learnt, spells, outcome.horizons, outcome.unit_days, seed, TreeSettings(), outcome.entry).margins
    ))  # fmt: skip

    def trees(name: str, settings: TreeSettings) -> Entrant:
        return entrant(name, lambda: fit_trees(learnt, spells, outcome.horizons, seed, settings).margins)

    if tuned is not None:
        found.append(trees("tuned", tuned.settings))
    free = [trees(name, settings) for name, settings in unlimited()]
    default = next(each for each in found if each.name == "lightgbm")
    gains = {each.name: _gain(each, default, parts.calibration, outcome) for each in free}
    found.append(replace(max(free, key=lambda each: gains[each.name].value), name="unlimited"))
    return Contest(outcome, parts, tuple(found), tuned, why_not, gains)


def unlimited() -> Iterator[tuple[str, TreeSettings]]:
    """Yield LightGBM without limits on depth, with the defaults' care and with more of it."""
    for leaves in FREE:
        yield f"{leaves} leaves", replace(TreeSettings(), leaves=leaves, depth=-1)
        yield f"{leaves} leaves, careful", replace(TreeSettings(), leaves=leaves, depth=-1, **CAREFUL)  # type: ignore[arg-type]


def calibrated(margins: Margins, codes: Floats, parts: Split, outcome: Outcome) -> tuple[Floats, Floats]:
    """Return chances at the main horizon of the rows of calibration and test part; 1 where it was reached already."""
    of_calibration = margins(codes[parts.calibration.rows])
    calibrators = fit_calibrators(of_calibration, parts.calibration, outcome)
    place = outcome.horizons.index(outcome.horizon)

    def chances(found: Floats, part: Part) -> Floats:
        odds = log_odds(calibrators, found, landmarks(part.spells.entry, outcome))
        return np.asarray(np.minimum.accumulate(np.where(np.isnan(odds), 1.0, expit(odds)), axis=1)[:, place])

    return chances(of_calibration, parts.calibration), chances(margins(codes[parts.test.rows]), parts.test)


def base_rate(parts: Split, outcome: Outcome) -> Entrant:
    """Return the challenger that knows only how long people have waited: the calibration part's shares."""
    constant = calibrated(lambda rows: np.zeros((len(rows), len(outcome.horizons))), _none(parts), parts, outcome)
    return Entrant("base_rate", *constant, 0.0)


def predictions(chances: Floats, part: Part, outcome: Outcome, landmark: int | None) -> Predictions:
    """Return what was said of the rows of one landmark (None: all), and what came true."""
    rows = part.spells.asked(outcome.horizon)
    if landmark is not None:
        rows &= landmarks(part.spells.entry, outcome) == landmark
    found = predictions_at(chances, part, outcome.horizon, rows)
    if found is None:
        raise DataError("nobody of the test part was followed to the horizon; a longer extract is needed")
    return found


def _none(parts: Split) -> Floats:
    last = max(int(part.rows.max()) for part in (parts.train, parts.calibration, parts.test))
    return np.zeros((last + 1, 0))


def _gain(one: Entrant, other: Entrant, part: Part, outcome: Outcome) -> Interval:
    ripe = part[part.ripe]
    return better(
        predictions(one.calibration[part.ripe], ripe, outcome, None),
        predictions(other.calibration[part.ripe], ripe, outcome, None),
    )


def _tuned(cohort: Cohort, train: Part, codes: Floats, trials: int, seed: int, say: Say) -> tuple[Tuned | None, str]:
    if not trials:
        return None, "not asked for (--trials 0)"
    try:
        return tune(cohort, train, codes, trials, seed, say), ""
    except DataError as why:
        return None, str(why)
