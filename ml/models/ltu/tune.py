"""The settings of the trees, chosen by how they would have done at several origins (Optuna, seeded)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import optuna
from scipy.stats import norm

from ml.contracts import Cohort, Floats, Outcome, Part, Rows
from ml.errors import UsageError
from ml.measures.censoring import outcome_at
from ml.measures.clusters import by_person
from ml.measures.landmarks import landmarks
from ml.models.rolling import Origin, rolling_origins
from ml.progress import Say, silent

from .trees import TreeSettings, fit_trees

MOST_LEAVES, DEEPEST = 16, 5  # more cannot be explained fast
FIRST_AT_RANDOM = 10  # trials before the sampler learns from them, the defaults among them


@dataclass(frozen=True)
class Trial:
    """One choice of settings, and how it did at each origin.

    loss    (origins,) log loss at the main horizon, the mean of the landmarks' weighted means
    regret  (origins,) by how much that is more than the best trial's at the same origin
    excess  how much worse than the best trial over all origins, and its standard error by person
    """

    settings: TreeSettings
    loss: tuple[float, ...]
    regret: tuple[float, ...]
    excess: float
    error: float

    @property
    def mean_regret(self) -> float:
        """Return the mean over the origins."""
        return float(np.mean(self.regret))

    @property
    def size(self) -> int:
        """Return how many leaves the model has at most: what explaining it costs."""
        return self.settings.rounds * min(self.settings.leaves, 1 << self.settings.depth)


@dataclass(frozen=True)
class Tuned:
    """The settings that were chosen, and all that were tried; the first trial is the defaults."""

    settings: TreeSettings
    trials: tuple[Trial, ...]
    origins: tuple[Origin, ...]
    why: str

    def table(self) -> dict[str, Any]:
        """Return the study in plain numbers, for the run's record."""
        return {
            "why": self.why,
            "settings": asdict(self.settings),
            "origins": [
                {"day": each.day.isoformat(), "learnt_from": len(each.learn), "judged": len(each.judged)}
                for each in self.origins
            ],
            "trials": [
                {
                    **asdict(each.settings),
                    "loss": list(each.loss),
                    "regret": list(each.regret),
                    "mean_regret": each.mean_regret,
                    "worst_regret": max(each.regret),
                    "excess": each.excess,
                    "error": each.error,
                    "size": each.size,
                }
                for each in self.trials
            ],
        }


@dataclass(frozen=True)
class _Question:
    """What every trial is asked at one origin.

    share  (rows asked,) of each row in the loss: its censoring weight within its landmark, the landmarks counting alike
    """

    learn: Part
    codes: Floats
    outcome: Floats
    landmark: Rows
    share: Floats
    person: Rows


def tune(cohort: Cohort, train: Part, codes: Floats, trials: int, seed: int, say: Say = silent) -> Tuned:
    """Return the settings with the smallest mean regret over the origins, or others that are as good.

    The defaults stay unless they are beaten beyond noise. An origin learns from a fraction of the training part (an
    eighth on the synthetic Helsinki), and what suits few rows is too timid for many: settings that won by less than
    noise lost 0.0004 to 0.004 (log loss) to the defaults when they were fitted to the whole part.

    codes   (len(cohort), inputs), as the encoder of the training part has them
    trials  how many settings are tried, the defaults first

    The same arguments give the same answer. Raises DataError when the training part is too short for four origins,
    UsageError when nothing would be tried.
    """
    if trials < 1:
        raise UsageError(f"{trials} trials try nothing: ask for one or more, or leave tuning out")
    origins = rolling_origins(cohort, train, seed)
    questions = [_question(origin, codes, cohort.contract.outcome) for origin in origins]
    horizon = cohort.contract.outcome.horizon
    with _quiet():
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=FIRST_AT_RANDOM))
    study.enqueue_trial(asdict(TreeSettings()))
    tried: list[tuple[TreeSettings, list[Floats]]] = []
    for number in range(trials):
        say(f"tuning: trial {number + 1} of {trials}")
        trial = study.ask()
        settings = _suggested(trial)
        losses = [_losses(question, codes, horizon, settings, seed) for question in questions]
        study.tell(trial, float(np.mean([loss @ each.share for loss, each in zip(losses, questions, strict=True)])))
        tried.append((settings, losses))
    return _chosen(tried, questions, origins)


def _question(origin: Origin, codes: Floats, outcome: Outcome) -> _Question:
    judged = origin.judged.asked(outcome.horizon)
    known = outcome_at(judged.spells, outcome.horizon)
    landmark = landmarks(judged.spells.entry, outcome)
    of_landmark = np.bincount(landmark, weights=known.weight)
    share = known.weight / of_landmark[landmark] / np.count_nonzero(of_landmark)
    rows = known.known
    return _Question(
        origin.learn,
        codes[judged.rows[rows]],
        known.outcome[rows].astype(np.float64),
        landmark[rows],
        share[rows],
        judged.person[rows],
    )


def _losses(question: _Question, codes: Floats, horizon: float, settings: TreeSettings, seed: int) -> Floats:
    """Return the log loss of each row asked, (rows asked,), of trees that learnt what the origin knew."""
    learn = question.learn
    trees = fit_trees(codes[learn.rows], learn.spells, (horizon,), seed, settings)
    margin = trees.margins(question.codes)[:, 0]
    return np.asarray(np.logaddexp(0, margin) - question.outcome * margin)


def _suggested(trial: optuna.Trial) -> TreeSettings:
    """Return settings within what can be explained fast; two significant digits are enough to tell them apart."""
    return TreeSettings(
        rounds=trial.suggest_int("rounds", 50, 600, step=25),
        learning_rate=_two_digits(trial.suggest_float("learning_rate", 0.01, 0.2, log=True)),
        leaves=trial.suggest_int("leaves", 2, MOST_LEAVES),
        depth=trial.suggest_int("depth", 1, DEEPEST),
        least_in_leaf=trial.suggest_int("least_in_leaf", 10, 500, log=True),
        ridge=_two_digits(trial.suggest_float("ridge", 0.1, 100.0, log=True)),
        share_of_inputs=_two_digits(trial.suggest_float("share_of_inputs", 0.2, 1.0, step=0.1)),
        share_of_rows=_two_digits(trial.suggest_float("share_of_rows", 0.4, 1.0, step=0.1)),
    )


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


def _chosen(
    tried: Sequence[tuple[TreeSettings, list[Floats]]], questions: Sequence[_Question], origins: tuple[Origin, ...]
) -> Tuned:
    loss = np.array([[rows @ q.share for rows, q in zip(losses, questions, strict=True)] for _, losses in tried])
    regret = loss - loss.min(axis=0)
    best = int(regret.mean(axis=1).argmin())
    trials = []
    for place, (settings, losses) in enumerate(tried):
        error = _error_of_excess(losses, tried[best][1], questions)
        excess = float(np.mean(loss[place] - loss[best]))
        trials.append(Trial(settings, _floats(loss[place]), _floats(regret[place]), excess, error))
    chosen, why = _choose(trials, trials[best])
    return Tuned(chosen.settings, tuple(trials), origins, why)


def _choose(trials: Sequence[Trial], best: Trial) -> tuple[Trial, str]:
    """Return the trial that is kept and why: the defaults unless beaten beyond noise, else the smallest of the best.

    The best of many trials beats the defaults a little by luck alone: the limit allows for picking it (Bonferroni).
    """
    defaults = trials[0]
    if best is defaults:
        return (
            defaults,
            f"the defaults: none of {len(trials)} trials lost less in log loss over {len(best.loss)} origins",
        )
    limit = float(norm.ppf(1 - 0.025 / max(len(trials) - 1, 1))) * defaults.error
    figures = (
        f"the best of {len(trials)} trials loses {defaults.excess:.5f} less in log loss over {len(best.loss)} origins, "
        f"and {limit:.5f} can be luck"
    )
    if defaults.excess <= limit:
        return defaults, f"the defaults, since nothing beats them beyond noise: {figures}"
    as_good = [trial for trial in trials if trial.excess <= trial.error]
    kept = min(as_good, key=lambda trial: (trial.size, trial.mean_regret))
    return kept, (
        f"trial {trials.index(kept) + 1}, since the defaults are beaten beyond noise: {figures}; it is the smallest of "
        f"{len(as_good)} within one standard error of the best"
    )


def _error_of_excess(losses: list[Floats], best: list[Floats], questions: Sequence[_Question]) -> float:
    """Return the standard error of the mean difference between two trials, paired by row and summed by person."""
    influence = []
    for one, other, question in zip(losses, best, questions, strict=True):
        difference = one - other
        weight = np.bincount(question.landmark, weights=question.share)
        total = np.bincount(question.landmark, weights=question.share * difference)
        mean = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
        influence.append(question.share * (difference - mean[question.landmark]) / len(questions))
    person = np.concatenate([question.person for question in questions])
    return float(np.sqrt(np.sum(by_person(np.concatenate(influence), person) ** 2)))


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from telling standard error of a study that nobody else can see."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
