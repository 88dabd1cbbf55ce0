"""The model card: what a model is, how good, how fair, and what is not known. JSON is the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.contracts import Audit, CohortContract, ModelReport, Policy, Role, Scope, Verdict

from .changes import with_changes
from .deviations import deviations
from .documents import documents
from .explanation import RISK, explanation
from .failing import numbered
from .headlines import headlines
from .provenance import Provenance
from .sources import Documents, cite, cite_each, cite_parts, source
from .words import audit_words, label, why

FORMAT = 2
PURPOSE = (
    "Advice to a caseworker about how long a spell of unemployment may last, beside their own judgement and after it."
)
NOT_FOR = (
    "deciding anything about a person, or closing a case",
    "ranking people for a service: risk is not benefit",
    "saying what causes unemployment: inputs go together with longer or shorter spells",
)


def build_card(
    report: ModelReport,
    provenance: Provenance,
    policy: Policy,
    mitigation: Mapping[str, Any] | None = None,
    *,
    evidence: Mapping[str, str] | None = None,
    previous: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the card as plain JSON.

    mitigation  attribute → what was weighed against unequal errors (`read_mitigation`); None: nothing was, a gap
    evidence    file that stands beside the card → digest of it (`files.digests`)
    previous    the card of the version before; None: there is none
    """
    found = documents(report, policy, mitigation)
    contract = report.contract
    protected = contract.with_role(Role.PROTECTED)
    weak = report.scores[report.kept].auc.value < policy.weak_auc
    card = {
        "format": FORMAT,
        "model": provenance.model(),
        "weak": weak,
        "headlines": headlines(report, weak=weak),
        "purpose": PURPOSE,
        "not_for": list(NOT_FOR),
        "outcome": _outcome(contract),
        "cohort": {**cite(found, "cohort.json"), "description": contract.description, "licence": contract.licence},
        "split": cite_parts(found, "split.json", ("train", "calibration", "test")),
        "method": {**cite(found, "method.json"), "tuning": report.tuning and report.tuning["why"]},
        "explanation": explanation(RISK),
        "inputs": _inputs(report),
        "not_inputs": [label(column) for column in protected if not column.use_in_model],
        "direct_use": {contract.columns[name].words("en"): contract.columns[name].justification
                       for name in report.audit.direct_use},
        **_metrics(found),
        "evaluation": _evaluation(found),
        "stability": {**cite(found, "stability.json"), "bands": cite_each(found, "stability.json", "bands")},
        "audit": {**_audit(report.audit, found), "words": audit_words(protected)},
        "mitigation": dict(mitigation or {}),
        "limits": cite(found, "limits.json"),
        "deviations": deviations(report, policy),
        "warnings": list(report.warnings),
        "people": {},
        "evidence": dict(evidence or {}),
        "provenance": provenance.made(),
    }  # fmt: skip
    return with_changes(card, previous)


def _metrics(found: Documents) -> dict[str, Any]:
    """Return quality of the kept model, of what else was tried, and the shares at each horizon."""
    kept = cite(found, "metrics.json")
    challengers = {name: cite(found, "metrics.json", "challengers", name) for name in kept.pop("challengers")}
    del kept["curve"]
    return {"metrics": kept, "challengers": challengers, "curve": cite_each(found, "metrics.json", "curve")}


def _evaluation(found: Documents) -> dict[str, Any]:
    names = ("slices", "rivals", "groups", "in_turns")
    lists = {name: cite_each(found, "evaluation.json", name) for name in names if name in found["evaluation.json"]}
    return {**cite(found, "evaluation.json"), **lists}


def _audit(audit: Audit, found: Documents) -> dict[str, Any]:
    """Return the findings of single attributes, what fails beyond them, and how many of each kind there are."""
    findings = cite_each(found, "audit.json", "findings")
    single, beyond = numbered(
        [each for each in findings if each["scope"] == Scope.ATTRIBUTE.value],
        [each for each in findings
         if each["scope"] != Scope.ATTRIBUTE.value and each["verdict"] == Verdict.FAIL.value],
    )  # fmt: skip
    proxies = cite_each(found, "audit.json", "proxies")
    return {
        "source": source("audit.json"),
        "verdict": audit.verdict.value,
        "capacity": audit.capacity,
        "selected_share": audit.selected_share,
        "findings": single,
        "beyond": beyond,
        "scopes": {
            scope.value: {verdict.value: _count(audit, scope, verdict) for verdict in Verdict} for scope in Scope
        },
        "proxies": [{**each, "carriers": each["carriers"][:3]} for each in proxies],
    }


def _count(audit: Audit, scope: Scope, verdict: Verdict) -> int:
    return sum(each.scope is scope and each.verdict is verdict for each in audit.findings)


def _outcome(contract: CohortContract) -> dict[str, Any]:
    outcome = contract.outcome
    words = outcome.words(outcome.horizon)
    entry = None if outcome.entry is None else contract.columns[outcome.entry].words("en")
    return {"horizon": outcome.horizon, "unit": outcome.unit, "words": words, "entry": entry}


def _inputs(report: ModelReport) -> list[dict[str, Any]]:
    columns = report.contract.columns
    return [
        {
            "name": name,
            "label": label(columns[name]),
            "kind": str(columns[name].told_as),
            "importance": weight,
            "why": why(columns[name]),
            "source": source("inputs.json", "importance", name),
        }
        for name, weight in report.importance.items()
    ]
