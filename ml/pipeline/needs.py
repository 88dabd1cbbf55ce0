"""The whole way from placements to a registered, audited, documented service-need model, in one MLflow run.

It knows the order of the rooms, and no maths. Everything is computed before anything is written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Placements, Policy
from ml.contracts.needs_report import AnswerAudit, NeedsEvaluation, NeedsReport
from ml.fairness.answers import Answered, audit_answers
from ml.governance.card import Provenance
from ml.governance.needs_card import build_needs_card
from ml.governance.needs_card_markdown import render_needs_card
from ml.governance.needs_figures import (
    answer_audit_figures,
    evaluation_figures,
    needs_cohort_figures,
    needs_metric_figures,
    needs_split_figures,
    rule_figures,
    threshold_figures,
)
from ml.governance.registry import Registry
from ml.models.needs import plots
from ml.models.needs.drivers import importance
from ml.models.needs.evaluate import answers_on, entity_predictions, evaluate
from ml.models.needs.leaks import need_leaks
from ml.models.needs.rule import rule_quality
from ml.models.needs.split import NeedSplit, split_placements
from ml.models.needs.tracking import log_needs
from ml.models.needs.train import TrainedNeeds, entity_codes, train_model
from ml.models.tracking import RunRecord, open_run
from ml.progress import Say, silent
from ml.register.cohort import read_placements

NAME = "service-need"
LIBRARIES = ("apualy", "numpy", "pandas", "scikit-learn", "lightgbm", "mlflow")


@dataclass(frozen=True)
class NeedsRequest:
    """From which cohort folder to train, and who asks."""

    cohort: Path
    seed: int
    by: str
    at: datetime


@dataclass(frozen=True)
class NeedsResult:
    """What `apualy train service-need` made."""

    report: NeedsReport
    provenance: Provenance
    card: Path

    def summary(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        made, report = self.provenance, self.report
        return {
            "cohort": needs_cohort_figures(report),
            "split": needs_split_figures(report.split),
            "run_id": made.run_id,
            "model": {"name": made.name, "version": made.version, "digest": made.digest},
            "rule": rule_figures(report.rule),
            "method": {"kept": report.kept, "why": report.why_kept},
            "threshold": threshold_figures(report.threshold),
            "metrics": evaluation_figures(report.evaluation),
            "audit": answer_audit_figures(report.audit),
            "card": str(self.card),
            "warnings": list(report.warnings),
        }


def train_needs(request: NeedsRequest, registry: Registry, say: Say = silent) -> NeedsResult:
    """Return the trained, audited and documented model; its card is written last.

    Raises InputError when the cohort breaks a rule: then nothing has been written.
    """
    say("reading and checking the placements")
    placements = read_placements(request.cohort)
    parts = split_placements(placements, request.seed)
    trained = train_model(NAME, placements, parts, seed=request.seed, say=say)
    say("evaluating and auditing")
    report = _report(placements, parts, trained, registry.policy, request.seed)
    say("drawing")
    figures = _figures(placements, parts, trained, report)
    say("recording the run")
    return _record(request, registry, placements, report, trained, figures)


def _report(placements: Placements, parts: NeedSplit, trained: TrainedNeeds, policy: Policy, seed: int) -> NeedsReport:
    kept, learnt = trained.model, parts.train.placed
    evaluation = evaluate(trained, placements, parts.test, np.random.default_rng(seed))
    evidence = _audit(placements, parts, trained, policy, seed)
    ours = placements.by_caseworker & ~placements.plan_in_force
    suspects = need_leaks(kept.encoder, trained.codes[learnt], entity_codes(placements, learnt),
                          policy.leak_column_auc, placements.person[learnt])  # fmt: skip
    return NeedsReport(
        name=placements.name,
        columns=placements.columns,
        protected_columns=placements.protected_columns,
        data_digest=placements.digest,
        rows=len(placements),
        persons=len(np.unique(placements.person)),
        placed={answer: int((placements.entity[ours] == answer).sum()) for answer in (*ENTITIES, INTERVIEW_FIRST)},
        split=parts.summary(),
        rule=rule_quality(placements),
        kept=kept.scorer.kind,
        why_kept=trained.why_kept,
        threshold=trained.threshold,
        evaluation=evaluation,
        importance=importance(kept, trained.codes[learnt]),
        audit=evidence,
        seed=seed,
        warnings=(*placements.warnings, *_suspicions(suspects), *_drift(evaluation), *evidence.warnings),
    )


def _audit(placements: Placements, parts: NeedSplit, trained: TrainedNeeds, policy: Policy, seed: int) -> AnswerAudit:
    rows = parts.test.rows
    said = answers_on(trained, placements, rows)
    return audit_answers(
        Answered(said.answer, placements.entity[rows], placements.person[rows]),
        placements.protected.iloc[rows].reset_index(drop=True),
        {column.name: column.reference for column in placements.protected_columns},
        policy.audit,
        np.random.default_rng(seed),
    )


def _suspicions(suspects: Mapping[str, float]) -> list[str]:
    return [
        f"leak suspect: column {name} alone tells an entity from the rest with AUC {value:.3f}; was it recorded after "
        "the placement?"
        for name, value in suspects.items()
    ]


def _drift(evaluation: NeedsEvaluation) -> list[str]:
    """Return a warning for each entity whose predicted share lies outside what was observed."""
    return [
        f"the model predicts {each.predicted:.3f} placed in {entity}, observed was {each.observed.value:.3f} "
        f"(95 % interval {each.observed.low:.3f} to {each.observed.high:.3f}): its shares are off"
        for entity, each in evaluation.entities.items()
        if not each.observed.low <= each.predicted <= each.observed.high
    ]


def _figures(placements: Placements, parts: NeedSplit, trained: TrainedNeeds, report: NeedsReport) -> dict[str, Figure]:
    rows = parts.test.placed
    said, chosen, person = answers_on(trained, placements, rows), placements.entity[rows], placements.person[rows]
    return {
        "calibration": plots.calibration(
            {entity: entity_predictions(said, chosen, person, entity) for entity in ENTITIES}
        ),
        "confusion": plots.confusion(report.evaluation.confusion),
        "coverage": plots.coverage(report.threshold),
    }


def _record(
    request: NeedsRequest,
    registry: Registry,
    placements: Placements,
    report: NeedsReport,
    trained: TrainedNeeds,
    figures: Mapping[str, Figure],
) -> NeedsResult:
    environment = {library: installed_version(library) for library in LIBRARIES}
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_run(registry.tracking_uri, registry.experiment(NAME), f"{request.at:%Y-%m-%d %H:%M:%S}") as run,
    ):
        record = RunRecord(
            parameters={"seed": request.seed, "kept": report.kept, "split": "temporal",
                        "data_digest": report.data_digest, "policy_digest": registry.policy.digest},
            figures=needs_metric_figures(report),
            texts={"cohort.toml": placements.source},
            documents={"evaluation.json": {**evaluation_figures(report.evaluation), "rule": rule_figures(report.rule),
                                           "threshold": threshold_figures(report.threshold)},
                       "audit.json": answer_audit_figures(report.audit),
                       "split.json": needs_split_figures(report.split)},
            plots=figures,
        )  # fmt: skip
        logged = log_needs(run, record, trained.model, Path(scratch) / "artefact")
        version = registry.register(NAME, logged.model_id, run.run_id, logged.digest)
        made = Provenance(NAME, version, logged.digest, run.run_id, request.by, request.at, environment)
        try:
            card = registry.publish(build_needs_card(report, made, registry.policy), render_needs_card)
        except BaseException:
            registry.withdraw(NAME, version)
            raise
    return NeedsResult(report, made, card)
