"""The whole way from placements to a registered, audited, documented service-need model, in one MLflow run.

It knows the order of the rooms, and no maths. Everything is computed before anything is written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Interval, Placements, Policy
from ml.contracts.needs_report import AnswerAudit, NeedsEvaluation, NeedsReport
from ml.errors import DataError
from ml.fairness.answers import Answered, audit_answers
from ml.governance.card import Provenance
from ml.governance.card.documents import needs_documents
from ml.governance.card.files import digests, evidence_files
from ml.governance.card.needs import build_needs_card
from ml.governance.figures.needs import (
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
from ml.register.guard import require_catalogued_needs

from .environment import environment, versions
from .previous import previous_card

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

    def lines(self) -> list[str]:
        """Return what is printed for people."""
        report, made, found = self.report, self.provenance, self.report.evaluation
        peers = found.disagreement
        return [
            f"{made.name} version {made.version}, from {report.rows} placements of {report.persons} persons, "
            f"temporal split; kept: {report.kept}",
            f"  answers    {_told(found.answered)} of the cases, the others get interview_first",
            f"  agreement  {_told(found.agreement)} of the answers with the caseworker, "
            f"{_told(found.accuracy)} of all cases",
            f"  beside     two caseworkers agree on {_told(peers.entities.share)} of the clients both placed, "
            f"model and caseworker on {_told(peers.model.share)}",
            f"  rule       {_told(report.rule.holds_where_placed)} of the placements by rule on a day when it holds",
            f"  audit      {report.audit.verdict.value}",
            f"  card       {self.card}",
            f"  run        {made.run_id}",
            *(f"  warning    {warning}" for warning in report.warnings),
            f"next: apualy card fill {made.name}",
        ]


@dataclass(frozen=True)
class LearntNeeds:
    """What came of a cohort and a seed, and nothing else."""

    placements: Placements
    parts: NeedSplit
    trained: TrainedNeeds


def learn_needs(cohort: Path, seed: int, say: Say = silent) -> LearntNeeds:
    """Return the model that a cohort folder and a seed lead to; nothing is written.

    Raises InputError when the cohort breaks a rule, or has an input that build did not make.
    """
    say("reading and checking the placements")
    placements = read_placements(cohort)
    require_catalogued_needs(placements)
    parts = split_placements(placements, seed)
    return LearntNeeds(placements, parts, train_model(NAME, placements, parts, seed=seed, say=say))


def train_needs(request: NeedsRequest, registry: Registry, say: Say = silent) -> NeedsResult:
    """Return the trained, audited and documented model; its card is written last.

    Raises InputError when the cohort breaks a rule, or a column knows too much: then nothing has been written.
    """
    before = previous_card(registry, NAME)  # what stands in the way is told before the work
    learnt = learn_needs(request.cohort, request.seed, say)
    say("evaluating and auditing")
    report = _report(learnt, registry.policy, request.seed)
    say("drawing")
    figures = _figures(learnt, report)
    say("recording the run")
    return _record(request, registry, learnt, report, figures, before)


def _report(learnt: LearntNeeds, policy: Policy, seed: int) -> NeedsReport:
    placements, parts, trained = learnt.placements, learnt.parts, learnt.trained
    kept, taught = trained.model, parts.train.placed
    _refuse_leaks(need_leaks(kept.encoder, trained.codes[taught], entity_codes(placements, taught),
                             policy.leak_column_auc, placements.person[taught]))  # fmt: skip
    evaluation = evaluate(trained, placements, parts.test, np.random.default_rng(seed))
    evidence = _audit(learnt, policy, seed)
    ours = placements.by_caseworker & ~placements.plan_in_force
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
        importance=importance(kept, trained.codes[taught]),
        audit=evidence,
        seed=seed,
        warnings=(*placements.warnings, *_drift(evaluation), *evidence.warnings),
        quality_report=placements.quality_report,
    )


def _audit(learnt: LearntNeeds, policy: Policy, seed: int) -> AnswerAudit:
    placements, rows = learnt.placements, learnt.parts.test.rows
    said = answers_on(learnt.trained, placements, rows)
    return audit_answers(
        Answered(said.answer, placements.entity[rows], placements.person[rows]),
        placements.protected.iloc[rows].reset_index(drop=True),
        {column.name: column.reference for column in placements.protected_columns},
        policy.audit,
        np.random.default_rng(seed),
    )


def _told(interval: Interval) -> str:
    if not np.isfinite(interval.value):
        return "–"
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _refuse_leaks(suspects: Mapping[str, float]) -> None:
    if suspects:
        told = ", ".join(f"{name} (AUC {value:.3f} alone)" for name, value in suspects.items())
        raise DataError(
            f"the guard refuses: {told} knows too much, and was probably recorded after the placement; "
            "build the cohort again, or show when it was entered and leave it out until then"
        )


def _drift(evaluation: NeedsEvaluation) -> list[str]:
    """Return a warning for each entity whose predicted share lies outside what was observed."""
    return [
        f"the model predicts {each.predicted:.3f} placed in {entity}, observed was {each.observed.value:.3f} "
        f"(95 % interval {each.observed.low:.3f} to {each.observed.high:.3f}): its shares are off"
        for entity, each in evaluation.entities.items()
        if not each.observed.low <= each.predicted <= each.observed.high
    ]


def _figures(learnt: LearntNeeds, report: NeedsReport) -> dict[str, Figure]:
    placements, rows = learnt.placements, learnt.parts.test.placed
    said = answers_on(learnt.trained, placements, rows)
    chosen, person = placements.entity[rows], placements.person[rows]
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
    learnt: LearntNeeds,
    report: NeedsReport,
    figures: Mapping[str, Figure],
    previous: Mapping[str, Any] | None,
) -> NeedsResult:
    made_by = environment(LIBRARIES)
    said = {"model": NAME, "data": str(request.cohort.absolute()), "seed": request.seed,
            "environment": versions(LIBRARIES)}  # fmt: skip
    files = evidence_files(needs_documents(report, registry.policy), {"cohort.toml": learnt.placements.source})
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_run(registry.store.uri, registry.store.experiment(NAME), f"{request.at:%Y-%m-%d %H:%M:%S}") as run,
    ):
        record = RunRecord(
            parameters={"seed": request.seed, "kept": report.kept, "split": "temporal",
                        "data_digest": report.data_digest, "policy_digest": registry.policy.digest},
            figures=needs_metric_figures(report),
            texts=files,
            documents={"request.json": said},  # of the run alone: it names folders
            plots=figures,
        )  # fmt: skip
        logged = log_needs(run, record, learnt.trained.model, Path(scratch) / "artefact")
        version = registry.store.register(NAME, logged.model_id, run.run_id, logged.digest)
        made = Provenance(NAME, version, logged.digest, run.run_id, request.by, request.at, made_by)
        try:
            card = build_needs_card(report, made, registry.policy, evidence=digests(files), previous=previous)
            path = registry.publish(card, files)
        except BaseException:
            registry.store.withdraw(NAME, version)
            raise
    return NeedsResult(report, made, path)
