"""The model card: what a model is, how good, how fair, and what is not known. JSON is the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml.contracts import Audit, CohortContract, ModelReport, Policy, Proxy, Role, Scope, Verdict

from ..figures.evaluation import evaluation_figures
from ..figures.findings import counted, headline
from ..figures.report import (
    cohort_figures,
    finding_figures,
    interval_figures,
    limit_figures,
    metric_figures,
    score_figures,
    split_figures,
    stability_figures,
)
from .mitigation import GAP as WEIGHED

FORMAT = 1
PURPOSE = (
    "Advice to a caseworker about how long a spell of unemployment may last, beside their own judgement and after it."
)
NOT_FOR = (
    "deciding anything about a person, or closing a case",
    "ranking people for a service: risk is not benefit",
    "saying what causes unemployment: inputs go together with longer or shorter spells",
)
GAPS = (
    "purpose and legal basis of the data",
    "data-protection impact assessment",
    "fundamental-rights impact assessment",
    "the ethical dialogue: who was heard, and what they said",
)


@dataclass(frozen=True)
class Provenance:
    """Where a model comes from; version and digest bind the card to one artefact."""

    name: str
    version: int
    digest: str
    run_id: str
    trained_by: str
    trained_at: datetime
    environment: Mapping[str, str]


def build_card(
    report: ModelReport, provenance: Provenance, policy: Policy, mitigation: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the card as plain JSON.

    mitigation  attribute → what was weighed against unequal errors (`read_mitigation`); None: nothing was, a gap
    """
    metrics = metric_figures(report)
    weak = report.scores[report.kept].auc.value < policy.weak_auc
    return {
        "format": FORMAT,
        "model": {"name": provenance.name, "version": provenance.version, "digest": provenance.digest},
        "weak": weak,
        "headlines": _headlines(report, policy, weak=weak),
        "purpose": PURPOSE,
        "not_for": list(NOT_FOR),
        "outcome": _outcome(report.contract),
        "cohort": {
            **cohort_figures(report),
            "description": report.contract.description,
            "licence": report.contract.licence,
            "digest": report.data_digest,
        },
        "split": {**split_figures(report), "left_out": report.split.left_out,
                  "not_yet": report.split.not_yet, "unripe": report.split.unripe, "dealt": report.split.dealt},
        "method": {"kept": report.kept, "why": report.why_kept, "seed": report.seed,
                   "settings": dict(report.settings), "tuning": report.tuning and report.tuning["why"]},
        "inputs": _inputs(report),
        "not_inputs": [_label(report.contract, column.name) for column in report.contract.columns.values()
                       if column.role is Role.PROTECTED and not column.use_in_model],
        "direct_use": {_label(report.contract, name): report.contract.columns[name].justification
                       for name in report.audit.direct_use},
        "metrics": metrics,
        "challengers": {name: score_figures(scores) for name, scores in report.scores.items() if name != report.kept},
        "curve": [
            {"horizon": horizon, "words": report.contract.outcome.words(horizon),
             "observed": interval_figures(observed), "predicted": predicted}
            for horizon, (observed, predicted) in report.further.items()
        ],
        "evaluation": evaluation_figures(report.evaluation, report.contract.outcome, report.groups),
        "stability": stability_figures(report),
        "audit": _audit(report),
        "mitigation": dict(mitigation or {}),
        "limits": limit_figures(policy),
        "deviations": deviations(report, policy),
        "warnings": list(report.warnings),
        "gaps": [*([] if mitigation else [WEIGHED]), *GAPS],
        "provenance": {
            "run": provenance.run_id,
            "trained_by": provenance.trained_by,
            "trained_at": provenance.trained_at.isoformat(timespec="seconds"),
            "environment": dict(provenance.environment),
        },
    }  # fmt: skip


def _audit(report: ModelReport) -> dict[str, Any]:
    """Return the findings of single attributes, what fails beyond them, and how many of each kind there are."""
    audit = report.audit
    single = [each for each in audit.findings if each.scope is Scope.ATTRIBUTE]
    failing = [each for each in audit.findings if each.scope is not Scope.ATTRIBUTE and each.verdict is Verdict.FAIL]
    columns = report.contract.with_role(Role.PROTECTED)
    return {
        "verdict": audit.verdict.value,
        "capacity": audit.capacity,
        "selected_share": audit.selected_share,
        "findings": finding_figures(single),
        "beyond": finding_figures(failing),
        "scopes": {
            scope.value: {verdict.value: _count(audit, scope, verdict) for verdict in Verdict} for scope in Scope
        },
        "proxies": [_proxy(each) for each in audit.proxies],
        "labels": {column.name: column.words("en") for column in columns},
    }


def _proxy(each: Proxy) -> dict[str, Any]:
    return {"attribute": each.attribute, "group": each.group, "auc": each.auc and interval_figures(each.auc),
            "carriers": [list(carrier) for carrier in each.carriers[:3]], "why": each.why}  # fmt: skip


def _count(audit: Audit, scope: Scope, verdict: Verdict) -> int:
    return sum(each.scope is scope and each.verdict is verdict for each in audit.findings)


def deviations(report: ModelReport, policy: Policy) -> list[str]:
    """Return what stands between this model and the policy; each needs a written acceptance."""
    found = []
    if policy.temporal_validation and report.split.kind == "random":
        found.append("no temporal validation: the file has no start date, so the split is random")
    if report.audit.verdict is Verdict.FAIL:
        found.append(f"the audit fails: {counted(report.audit.findings, Verdict.FAIL)} outside the limits")
    if any(finding.verdict is Verdict.INSUFFICIENT for finding in report.audit.findings) or not report.audit.findings:
        found.append(
            f"insufficient evidence of equal treatment: {counted(report.audit.findings, Verdict.INSUFFICIENT)}"
        )
    if report.scores[report.kept].auc.value > policy.leak_auc:
        found.append(f"AUC over {policy.leak_auc:g}: a leak until shown otherwise")
    found.extend(f"a protected attribute is an input: {name}" for name in report.audit.direct_use)
    declared = {column.name for column in report.contract.with_role(Role.PROTECTED)}
    found.extend(
        f"not audited, and the policy asks for it: {name}" for name in policy.audit.required if name not in declared
    )
    return found


def _headlines(report: ModelReport, policy: Policy, *, weak: bool) -> list[str]:
    auc = report.scores[report.kept].auc
    lines = []
    if weak:
        lines.append(
            f"This model is weak: AUC {auc.value:.2f} (95 % interval {auc.low:.2f} to {auc.high:.2f}, 0.50 is a coin). "
            "It tells people apart poorly, and a hint of it weighs little beside what a caseworker knows."
        )
    if report.split.kind == "random":
        lines.append(
            "No temporal validation: the file has no start date, so training and test are from the same time. "
            "How the model does on later spells is not known."
        )
    labels = {name: column.words("en") for name, column in report.contract.columns.items()}
    audit = report.audit
    lines.append(headline("The non-discrimination audit", audit.verdict, audit.findings, labels))
    return lines


def _outcome(contract: CohortContract) -> dict[str, Any]:
    outcome = contract.outcome
    words = outcome.words(outcome.horizon)
    entry = None if outcome.entry is None else _label(contract, outcome.entry)
    return {"horizon": outcome.horizon, "unit": outcome.unit, "words": words, "entry": entry}


def _inputs(report: ModelReport) -> list[dict[str, Any]]:
    columns = report.contract.columns
    return [
        {
            "name": name,
            "label": columns[name].words("en"),
            "kind": columns[name].kind.value,
            "importance": weight,
        }
        for name, weight in report.importance.items()
    ]


def _label(contract: CohortContract, name: str) -> str:
    return contract.columns[name].words("en")
