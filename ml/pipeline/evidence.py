"""What was learnt → a report with its audit and its figures, and the pictures of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
from matplotlib.figure import Figure

from ml.contracts import (
    Cohort,
    Evaluation,
    GroupPerformance,
    ModelReport,
    Outcome,
    Policy,
    Role,
    Split,
)
from ml.errors import DataError
from ml.fairness.performance import group_performance
from ml.measures.landmarks import landmarks
from ml.models import plots
from ml.models.evaluate import RULE, evaluate, within_landmarks
from ml.models.explain import importance
from ml.models.explain import stability as explanation_stability
from ml.models.explain.pairs import interactions, why_none
from ml.models.leaks import leak_suspects
from ml.models.plots.performance import performance_figures
from ml.models.train import Trained
from ml.models.turns import in_turns

from .audit import audit_of, protected_of
from .learnt import Learnt


def report(learnt: Learnt, policy: Policy, seed: int, *, strict: bool) -> ModelReport:
    """Return all that is to be told of a model.

    strict  a column that knows too much is an error, not a warning

    Raises DataError that names the columns.
    """
    cohort, parts, trained = learnt.cohort, learnt.parts, learnt.trained
    contract, kept, codes = cohort.contract, trained.model, trained.codes
    suspects = _suspects(trained, parts, contract.outcome, policy)
    if strict:
        _refuse(suspects)
    evidence = audit_of(cohort, trained, policy.audit, seed)
    scores, outcome = trained.scores[kept.scorer.kind], contract.outcome
    return ModelReport(
        contract=contract,
        split=parts,
        data_digest=cohort.digest,
        rows=len(cohort),
        persons=len(np.unique(cohort.person)),
        exits=int(cohort.exited.sum()),
        kept=kept.scorer.kind,
        why_kept=trained.why_kept,
        observed_share=trained.observed[outcome.horizon],
        predicted_share=trained.predicted[outcome.horizon],
        scores=trained.scores,
        importance=importance(kept, codes[parts.train.asked(outcome.horizon).rows]),
        audit=evidence,
        seed=seed,
        warnings=(
            *cohort.warnings,
            *_suspicions(suspects, scores.auc.value, policy),
            *_drift(trained, outcome),
            *evidence.warnings,
        ),
        further={h: (trained.observed[h], trained.predicted[h]) for h in outcome.horizons},
        evaluation=_evaluation(learnt, seed),
        groups=_groups(cohort, parts, trained, policy, seed),
        stability=trained.stability,
        explanations=explanation_stability(kept, codes[trained.asked.rows], trained.asked.person).words,
        settings=asdict(learnt.settings),
        tuning=None if learnt.tuned is None else learnt.tuned.table(),
    )


def _refuse(suspects: Mapping[str, float]) -> None:
    """Raise DataError that names the columns, where there are any."""
    if suspects:
        told = ", ".join(f"{name} (AUC {value:.3f} alone)" for name, value in suspects.items())
        raise DataError(
            f"the guard refuses: {told} knows too much, and was probably recorded after the spell ended; "
            "build the cohort again, or show when it was entered and leave it out until then"
        )


def _evaluation(learnt: Learnt, seed: int) -> Evaluation:
    cohort, parts, trained = learnt.cohort, learnt.parts, learnt.trained
    once = evaluate(
        trained.curve.probability,
        parts.test,
        cohort.contract.outcome,
        np.random.default_rng(seed),
        start=None if cohort.start is None else cohort.start[parts.test.rows],
        ends=(trained.curve.low, trained.curve.high),
        rule=trained.ranking,
        rivals={kind: each for kind, each in trained.rivals.items() if kind != RULE},  # it stands as its ranking
    )
    return replace(once, in_turns=in_turns(cohort, trained, learnt.turns, seed=seed, settings=learnt.settings))


def _groups(cohort: Cohort, parts: Split, trained: Trained, policy: Policy, seed: int) -> tuple[GroupPerformance, ...]:
    outcome, place = cohort.contract.outcome, trained.model.place
    asked = parts.test.spells.asked(outcome.horizon)
    return group_performance(
        within_landmarks(trained.predictions.score, trained.asked, outcome.horizon, outcome),
        landmarks(trained.asked.spells.entry, outcome),
        protected_of(cohort, trained),
        policy.audit,
        np.random.default_rng(seed),
        attributes=tuple(column.name for column in cohort.contract.with_role(Role.PROTECTED)),
        ends=(trained.curve.low[asked, place], trained.curve.high[asked, place]),
    )


def draw(trained: Trained, found: ModelReport, seed: int) -> dict[str, Figure]:
    """Return the pictures, by name."""
    outcome, asked = found.contract.outcome, trained.asked
    landmark, codes = landmarks(asked.spells.entry, outcome), trained.codes[asked.rows]
    ranking = None if trained.ranking is None else trained.ranking[found.split.test.spells.asked(outcome.horizon)]
    drawn = {
        "calibration": plots.calibration(trained.predictions, outcome, landmark),
        "gain": plots.gain(trained.predictions, outcome, landmark, ranking),
        "survival": plots.survival(trained.predictions, asked.spells, outcome),
        "beeswarm": plots.beeswarm(trained.model, codes, np.random.default_rng(seed)),
        "dependence": plots.dependence(trained.model, codes, np.random.default_rng(seed)),
        **performance_figures(found.evaluation, outcome, found.kept),
    }
    if why_none(trained.model.scorer) is None:
        drawn["interaction"] = plots.interaction(interactions(trained.model, codes), trained.model)
    return drawn


def _suspects(trained: Trained, parts: Split, outcome: Outcome, policy: Policy) -> dict[str, float]:
    learnt = parts.train.asked(outcome.horizon)
    return leak_suspects(
        trained.model.encoder, trained.codes[learnt.rows], learnt.spells, outcome.horizon, policy.leak_column_auc,
        learnt.person,
    )  # fmt: skip


def _suspicions(suspects: Mapping[str, float], auc: float, policy: Policy) -> list[str]:
    found = [
        f"leak suspect: column {name} alone reaches AUC {value:.3f}; was it recorded after the spell ended?"
        for name, value in suspects.items()
    ]
    if auc > policy.leak_auc:
        found.append(
            f"the model reaches AUC {auc:.3f}, over {policy.leak_auc:g}: too good to be true until shown otherwise"
        )
    return found


def _drift(trained: Trained, outcome: Outcome) -> list[str]:
    """Return a warning for each horizon whose predicted share lies outside what was observed."""
    return [
        f"at {outcome.words(horizon)} the model predicts {trained.predicted[horizon]:.3f} still unemployed, observed "
        f"was {observed.value:.3f} (95 % interval {observed.low:.3f} to {observed.high:.3f}): its chances are off"
        for horizon, observed in trained.observed.items()
        if not observed.low <= trained.predicted[horizon] <= observed.high
    ]
