"""The whole way from spells to a registered, audited, documented model of risk, in one MLflow run.

It knows the order of the rooms, and no maths. Everything is computed before anything is written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ml.contracts import Audit, Cohort, Evaluation, ModelReport, Scope, Split
from ml.governance.card import Provenance, build_card
from ml.governance.card.documents import documents
from ml.governance.card.files import digests, evidence_files
from ml.governance.card.mitigation import read_mitigation
from ml.governance.figures.evaluation import turn_figures
from ml.governance.figures.report import (
    cohort_figures,
    finding_figures,
    metric_figures,
    split_figures,
    stability_figures,
)
from ml.governance.registry import Registry
from ml.models.encode import fit_encoder
from ml.models.ltu.trees import TreeSettings
from ml.models.ltu.tune import Tuned, tune
from ml.models.split import further_turns, split
from ml.models.tracking import RunRecord, open_run
from ml.models.train import train
from ml.progress import Say, silent
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract, renamed
from ml.register.guard import require_catalogued

from .audit_report import audit_texts
from .environment import environment, versions
from .evidence import draw, report
from .learnt import Learnt
from .previous import previous_card

LIBRARIES = ("apualy", "numpy", "pandas", "scikit-learn", "lightgbm", "interpret-core", "optuna", "shap", "mlflow")


@dataclass(frozen=True)
class TrainRequest:
    """What to train, from what, and who asks.

    trials    how many settings of the trees are tried on earlier times; 0: the defaults
    register  the cohort is the register's own: then a column that knows too much stops the run
    mitigation  what experiments.mitigation found on the same data, for the card; None: the card says it is missing
    """

    contract: Path
    data: Path
    name: str | None
    seed: int
    by: str
    at: datetime
    trials: int = 0
    register: bool = False
    mitigation: Path | None = None


@dataclass(frozen=True)
class TrainResult:
    """What `apualy train` made."""

    report: ModelReport
    provenance: Provenance
    card: Path

    def summary(self) -> dict[str, Any]:
        """Return what `--json` prints (cohort contract)."""
        made = self.provenance
        return {
            "cohort": cohort_figures(self.report),
            "split": split_figures(self.report),
            "run_id": made.run_id,
            "model": {"name": made.name, "version": made.version, "digest": made.digest},
            "metrics": metric_figures(self.report),
            "in_turns": turn_figures(self.report.evaluation),
            "stability": stability_figures(self.report),
            "audit": _headline(self.report.audit),
            "card": str(self.card),
            "warnings": list(self.report.warnings),
        }

    def lines(self) -> list[str]:
        """Return what is told to people."""
        summary = self.summary()
        cohort, metrics, model = summary["cohort"], summary["metrics"], summary["model"]
        auc, observed = metrics["auc"], metrics["observed_share"]
        return [
            f"{model['name']} version {model['version']}, from {cohort['rows']} rows of {cohort['persons']} persons "
            f"({cohort['censored']} censored), {summary['split']['kind']} split",
            f"  AUC        {auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})",
            f"  observed   {observed['value']:.3f} ({observed['low']:.3f} to {observed['high']:.3f}) still unemployed, "
            f"predicted {metrics['predicted_share']:.3f}",
            *_told_of_turns(self.report.evaluation),
            f"  audit      {summary['audit']['verdict']}",
            f"  card       {summary['card']}",
            f"  run        {summary['run_id']}",
            *(f"  warning    {warning}" for warning in summary["warnings"]),
            f"next: apualy card fill {model['name']}",
        ]


def _told_of_turns(evaluation: Evaluation) -> list[str]:
    """Return the kept model beside the best of the others, over all turns; nothing where there is one."""
    if not evaluation.in_turns:
        return []
    kept, *others = evaluation.in_turns
    paired = [(each, each.auc_gain) for each in others if each.auc_gain]
    best, gain = max(paired, key=lambda pair: pair[0].auc.value)
    return [
        f"  in turns   {kept.auc.value:.3f} ({kept.auc.low:.3f} to {kept.auc.high:.3f}), each fifth the test once; "
        f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) beside {best.name}, the best of the others"
    ]


def _headline(audit: Audit) -> dict[str, Any]:
    """Return the verdict, and each group of each attribute at the main cut; the whole is in the run and the report."""
    single = [each for each in audit.findings if each.scope is Scope.ATTRIBUTE]
    return {"verdict": audit.verdict.value, "findings": finding_figures(single)}


def train_cohort(request: TrainRequest, registry: Registry, say: Say = silent) -> TrainResult:
    """Return the trained, audited and documented model; its card is written last.

    Raises InputError when contract or data break a rule, UsageError when the name can be none: then nothing has been
    written.
    """
    name = f"ltu-{request.name or read_contract(request.contract).name}"
    before = previous_card(registry, name)  # what stands in the way is told before the work
    learnt = learn(request, say)
    weighed = None if request.mitigation is None else read_mitigation(request.mitigation, learnt.cohort.digest)
    say("auditing and evaluating")
    found = report(learnt, registry.policy, request.seed, strict=request.register)
    say("drawing")
    figures = draw(learnt.trained, found, request.seed)
    say("recording the run")
    return _record(request, registry, found, learnt, figures, weighed, before)


def learn(request: TrainRequest, say: Say = silent) -> Learnt:
    """Return what the request teaches; the same request, files and versions teach the same."""
    say("reading and checking the spells")
    contract = read_contract(request.contract)
    if request.name is not None:
        contract = renamed(contract, request.name)
    if request.register:
        require_catalogued(contract)
    cohort = build_cohort(contract, request.data)
    parts, turns = split(cohort, request.seed), tuple(further_turns(cohort, request.seed))
    tuned = _tuned(cohort, parts, request, say) if request.trials else None
    settings = tuned.settings if tuned else TreeSettings()
    trained = train(f"ltu-{contract.name}", cohort.features, contract.inputs, contract.outcome, parts,
                    seed=request.seed, settings=settings, say=say)  # fmt: skip
    return Learnt(cohort, parts, turns, settings, tuned, trained)


def _tuned(cohort: Cohort, parts: Split, request: TrainRequest, say: Say) -> Tuned:
    encoder = fit_encoder(cohort.features.iloc[parts.train.rows], cohort.contract.inputs)
    codes = encoder.learnable(encoder.frame(cohort.features))
    return tune(cohort, parts.train, codes, request.trials, request.seed, say)


def _record(
    request: TrainRequest,
    registry: Registry,
    report: ModelReport,
    learnt: Learnt,
    figures: Mapping[str, Figure],
    mitigation: Mapping[str, Any] | None,
    previous: Mapping[str, Any] | None,
) -> TrainResult:
    model = learnt.trained.model
    name, contract = model.name, report.contract
    made_by = environment(LIBRARIES)
    files = evidence_files(
        documents(report, registry.policy, mitigation),
        {"contract.toml": contract.source, **audit_texts(report, name, request.at.date(), registry.policy)},
    )
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_run(registry.store.uri, registry.store.experiment(name), f"{request.at:%Y-%m-%d %H:%M:%S}") as run,
    ):
        logged = run.log(
            RunRecord(
                parameters={"seed": request.seed, "kept": report.kept, "split": report.split.kind,
                            "trials": request.trials, **{f"trees.{k}": v for k, v in report.settings.items()},
                            "data_digest": report.data_digest, "policy_digest": registry.policy.digest},
                figures=metric_figures(report),
                texts=files,
                documents={"request.json": _request(request)},  # of the run alone: it names folders
                plots=figures,
            ),
            model,
            Path(scratch) / "artefact",
        )  # fmt: skip
        version = registry.store.register(name, logged.model_id, run.run_id, logged.digest)
        provenance = Provenance(name, version, logged.digest, run.run_id, request.by, request.at, made_by)
        try:
            card = build_card(report, provenance, registry.policy, mitigation, evidence=digests(files),
                              previous=previous)  # fmt: skip
            path = registry.publish(card, files)
        except BaseException:
            registry.store.withdraw(name, version)
            raise
    return TrainResult(report, provenance, path)


def _request(request: TrainRequest) -> dict[str, Any]:
    """Return what `apualy replay` needs to train again: no person is in it."""
    said = asdict(request)
    return {
        **{key: said[key] for key in ("name", "seed", "trials", "register")},
        "data": str(request.data.absolute()),
        "environment": versions(LIBRARIES),
    }
