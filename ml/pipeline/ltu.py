"""The whole way from a file of spells to a registered, audited, documented model, in one MLflow run.

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

from ml.contracts import Cohort, ModelReport, Outcome, Policy, Role, Split
from ml.fairness.audit import audit
from ml.governance.card import Provenance, build_card
from ml.governance.figures import audit_figures, cohort_figures, metric_figures, split_figures
from ml.governance.registry import Registry
from ml.models import plots
from ml.models.explain import importance
from ml.models.leaks import leak_suspects
from ml.models.split import split
from ml.models.tracking import RunRecord, open_run
from ml.models.train import Trained, train
from ml.progress import Say, silent
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract, renamed

LIBRARIES = ("apualy", "numpy", "pandas", "scikit-learn", "lightgbm", "shap", "mlflow")


@dataclass(frozen=True)
class TrainRequest:
    """What to train, from what, and who asks."""

    contract: Path
    data: Path
    name: str | None
    seed: int
    by: str
    at: datetime


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
            "audit": audit_figures(self.report.audit),
            "card": str(self.card),
            "warnings": list(self.report.warnings),
        }


def train_cohort(request: TrainRequest, registry: Registry, say: Say = silent) -> TrainResult:
    """Return the trained, audited and documented model; its card is written last.

    Raises InputError when contract or data break a rule, UsageError when the name can be none: then nothing has been
    written.
    """
    say("reading and checking the spells")
    contract = read_contract(request.contract)
    if request.name is not None:
        contract = renamed(contract, request.name)
    cohort = build_cohort(contract, request.data)
    parts = split(cohort, request.seed)
    trained = train(f"ltu-{contract.name}", cohort.features, contract.inputs, contract.outcome, parts,
                    seed=request.seed, say=say)  # fmt: skip
    say("auditing")
    report = _report(cohort, parts, trained, registry.policy, request.seed)
    say("drawing")
    figures = _figures(trained, contract.outcome, request.seed)
    say("recording the run")
    return _record(request, registry, report, trained, figures)


def _report(cohort: Cohort, parts: Split, trained: Trained, policy: Policy, seed: int) -> ModelReport:
    contract, kept, codes = cohort.contract, trained.model, trained.codes
    references = {column.name: column.reference for column in contract.with_role(Role.PROTECTED)}
    direct_use = tuple(column.name for column in contract.with_role(Role.PROTECTED) if column.use_in_model)
    evidence = audit(
        trained.predictions,
        cohort.protected.iloc[trained.asked.rows].reset_index(drop=True),
        references,
        policy.audit,
        np.random.default_rng(seed),
        direct_use,
    )
    learnt = parts.train.asked(contract.outcome.horizon)
    suspects = leak_suspects(
        kept.encoder,
        codes[learnt.rows],
        learnt.spells,
        contract.outcome.horizon,
        policy.leak_column_auc,
        learnt.person,
    )
    scores = trained.scores[kept.scorer.kind]
    return ModelReport(
        contract=contract,
        split=parts,
        data_digest=cohort.digest,
        rows=len(cohort),
        persons=len(np.unique(cohort.person)),
        exits=int(cohort.exited.sum()),
        kept=kept.scorer.kind,
        why_kept=trained.why_kept,
        observed_share=trained.observed[contract.outcome.horizon],
        predicted_share=trained.predicted[contract.outcome.horizon],
        scores=trained.scores,
        importance=importance(kept, codes[learnt.rows]),
        audit=evidence,
        seed=seed,
        warnings=(
            *cohort.warnings,
            *_suspicions(suspects, scores.auc.value, policy),
            *_drift(trained, contract.outcome),
            *evidence.warnings,
        ),
        further={h: (trained.observed[h], trained.predicted[h]) for h in contract.outcome.horizons},
    )


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


def _figures(trained: Trained, outcome: Outcome, seed: int) -> dict[str, Figure]:
    return {
        "calibration": plots.calibration(trained.predictions, outcome),
        "gain": plots.gain(trained.predictions),
        "survival": plots.survival(trained.predictions, trained.asked.spells, outcome),
        "beeswarm": plots.beeswarm(trained.model, trained.codes[trained.asked.rows], np.random.default_rng(seed)),
    }


def _record(
    request: TrainRequest,
    registry: Registry,
    report: ModelReport,
    trained: Trained,
    figures: Mapping[str, Figure],
) -> TrainResult:
    name = trained.model.name
    environment = {library: installed_version(library) for library in LIBRARIES}
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_run(registry.tracking_uri, registry.experiment(name), f"{request.at:%Y-%m-%d %H:%M:%S}") as run,
    ):
        logged = run.log(
            RunRecord(
                parameters={"seed": request.seed, "kept": report.kept, "split": report.split.kind,
                            "data_digest": report.data_digest, "policy_digest": registry.policy.digest},
                figures=metric_figures(report),
                texts={"contract.toml": report.contract.source},
                documents={"audit.json": audit_figures(report.audit), "split.json": split_figures(report)},
                plots=figures,
            ),
            trained.model,
            Path(scratch) / "artefact",
        )  # fmt: skip
        version = registry.register(name, logged.model_id, run.run_id, logged.digest)
        provenance = Provenance(name, version, logged.digest, run.run_id, request.by, request.at, environment)
        try:
            card = registry.publish(build_card(report, provenance, registry.policy))
        except BaseException:
            registry.withdraw(name, version)
            raise
    return TrainResult(report, provenance, card)
