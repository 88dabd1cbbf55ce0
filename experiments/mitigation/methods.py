"""The mitigations that are compared: each says whom it flags of some people."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from experiments.fits import Choices, Coded, at_landmark, fit
from experiments.mitigation.people import People, groups_of
from ml.contracts import Cohort, Floats, Split
from ml.fairness.cut import cut
from ml.fairness.mitigation.compare import Candidate
from ml.fairness.mitigation.point import Uses
from ml.fairness.mitigation.recalibration import calibrate_groups
from ml.fairness.mitigation.reduction import fit_reduction
from ml.fairness.mitigation.reweighing import reweigh
from ml.fairness.mitigation.thresholds import PARITIES, flag_at
from ml.measures.censoring import outcome_at
from ml.measures.landmarks import landmarks
from ml.progress import Say

CAPACITY = 0.25  # as in the audit
DROPPED = (3, 10)
MOST_ROWS = 20_000  # that the reduction learns from: it fits some thirty models
AS_IT_IS, BY_GROUP = "as it is", "calibrated by group"
THRESHOLDS = dict(zip(PARITIES, ("thresholds: equal false alarms", "thresholds: equal odds"), strict=True))
REWEIGHED = "rows reweighed"
BOUNDS = {"bound of 1 point": 0.01, "bound of 10 points": 0.10}  # of the reduction, on false-positive rates
Score = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Learnt:
    """What all mitigations start from: the inputs, the parts, how a model is fitted, and the model as it is."""

    cohort: Cohort
    parts: Split
    inputs: Coded
    choices: Choices
    seed: int
    as_it_is: Score

    def line(self, inputs: Coded) -> Score:
        """Return logistic regression on some of the inputs, fitted as the model that is kept; takes their codes."""
        margins = fit("logistic", inputs, self.parts.train, self.cohort.contract.outcome, self.seed, self.choices)
        return lambda codes: np.asarray(expit(margins(codes)[:, 0]))


def without(count: int) -> str:
    """Return the name of the mitigation that leaves out so many inputs."""
    return f"without {count} proxies"


def scorers(learnt: Learnt, attribute: str, proxies: list[tuple[str, float]], say: Say) -> Mapping[str, Score]:
    """Return the models that were made with the attribute in mind and score without it, by name; codes → chances."""
    found: dict[str, Score] = {}
    say(f"{attribute}: reweighing")
    found[REWEIGHED] = _reweighed(learnt, attribute)
    for name, bound in BOUNDS.items():
        say(f"{attribute}: training under a {name}")
        found[name] = _reduced(learnt, attribute, bound)
    for count in DROPPED:
        say(f"{attribute}: leaving out {count} inputs")
        found[without(count)] = _without(learnt, {name for name, _ in proxies[:count]})
    return found


def candidates(
    learnt: Learnt, attribute: str, models: Mapping[str, Score], learners: People, people: People
) -> Iterator[Candidate]:
    """Yield what the model as it is, and then each mitigation, makes of some people.

    learners  from whom thresholds and calibrations are learnt: others than `people`
    """
    groups, of_learners = (groups_of(learnt.cohort, attribute, each.rows)[0] for each in (people, learners))
    codes = learnt.inputs.codes[people.rows]
    score, known = learnt.as_it_is(codes), learners.scored(learnt.as_it_is(learnt.inputs.codes[learners.rows]))
    yield _ranked(AS_IT_IS, Uses.NEVER, score)
    rng = np.random.default_rng(learnt.seed)
    for parity, name in THRESHOLDS.items():
        chance = flag_at(known, of_learners, parity, CAPACITY, score, groups)
        by_lot = float(np.mean((chance > 0) & (chance < 1)))
        yield Candidate(name, Uses.SCORING, rng.random(len(chance)) < chance, by_lot=by_lot)
    yield _ranked(BY_GROUP, Uses.SCORING, calibrate_groups(known, of_learners)(score, groups))
    for name, model in models.items():
        yield _ranked(name, Uses.TRAINING, model(codes))


def _ranked(name: str, uses: Uses, score: Floats) -> Candidate:
    return Candidate(name, uses, np.asarray(score >= cut(score, CAPACITY)), score)


def _without(learnt: Learnt, out: Collection[str]) -> Score:
    """Return logistic regression on the other inputs; takes all codes."""
    names = [name for name in learnt.inputs.encoder.names if name not in out]
    kept = [place for place, name in enumerate(learnt.inputs.encoder.names) if name not in out]
    line = learnt.line(learnt.inputs.only(names))
    return lambda codes: line(codes[:, kept])


def _reweighed(learnt: Learnt, attribute: str) -> Score:
    """Return logistic regression on all looks, reweighed within each landmark."""
    train, outcome, encoder = learnt.parts.train, learnt.cohort.contract.outcome, learnt.inputs.encoder
    known, stage = outcome_at(train.spells, outcome.horizon), landmarks(train.spells.entry, outcome)
    weight = reweigh(known.outcome, known.weight, groups_of(learnt.cohort, attribute, train.rows)[0], stage)
    rows = weight > 0
    machine = _machine(learnt).fit(
        encoder.sparse_design(learnt.inputs.codes[train.rows[rows]]), known.outcome[rows],
        sample_weight=weight[rows] / weight[rows].mean(),
    )  # fmt: skip
    return lambda codes: np.asarray(machine.predict_proba(encoder.sparse_design(codes))[:, 1])


def _reduced(learnt: Learnt, attribute: str, bound: float) -> Score:
    """Return the mixture of a reduction, learnt from looks at registration."""
    outcome, encoder = learnt.cohort.contract.outcome, learnt.inputs.encoder
    train = learnt.parts.train[at_landmark(learnt.parts.train, outcome, 0)]
    known = outcome_at(train.spells, outcome.horizon)
    train, held = train[known.known], known.outcome[known.known]
    codes = learnt.inputs.codes[train.rows]
    score = fit_reduction(
        encoder.design(codes),
        held,
        known.weight[known.known],
        groups_of(learnt.cohort, attribute, train.rows)[0],
        bound=bound,
        cut=cut(learnt.as_it_is(codes), CAPACITY),
        inverse_ridge=learnt.choices.inverse_ridge,
        most_rows=MOST_ROWS,
        rng=np.random.default_rng(learnt.seed),
    )
    return lambda codes: score(encoder.design(codes))


def _machine(learnt: Learnt) -> LogisticRegression:
    return LogisticRegression(C=learnt.choices.inverse_ridge, solver="newton-cholesky", tol=1e-6)
