"""The card of the service-need model: what it is, how good, how fair, and what is not known. JSON is the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.contracts import Policy
from ml.contracts.needs_report import NeedsReport

from .build import FORMAT
from .changes import with_changes
from .deviations import needs_deviations
from .documents import needs_documents
from .explanation import NEEDS, explanation
from .failing import numbered
from .needs_headlines import is_weak, needs_headlines
from .provenance import Provenance
from .sources import Documents, cite, cite_each, cite_parts, source
from .words import audit_words, label, why

SORT = "service-need"
PURPOSE = (
    "Advice to a caseworker about which of three service entities caseworkers have chosen for people in a like "
    "situation, beside their own judgement and after it."
)
NOT_FOR = (
    "deciding which service a person gets, or closing a case",
    "saying which service helps: the model learnt what caseworkers chose, not what came of it",
    "integration services where the law opens them: that is the rule's, and no score's",
)
RULE = (
    "An integration plan in force on the day opens integration services (Act on the Promotion of Immigrant Integration "
    "681/2023, before 1.1.2025 Act 1386/2010; report, appendix 2). It is a rule, evaluated first and shown as a rule; "
    "the model is asked only where it says nothing."
)


def build_needs_card(
    report: NeedsReport,
    provenance: Provenance,
    policy: Policy,
    *,
    evidence: Mapping[str, str] | None = None,
    previous: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the card as plain JSON; `evidence` and `previous` as of `build_card`."""
    found = needs_documents(report, policy)
    protected = report.protected_columns
    card = {
        "format": FORMAT,
        "sort": SORT,
        "model": provenance.model(),
        "weak": is_weak(report, policy),
        "headlines": needs_headlines(report, policy),
        "purpose": PURPOSE,
        "not_for": list(NOT_FOR),
        "cohort": cite(found, "cohort.json"),
        "split": cite_parts(found, "split.json", ("train", "calibration", "test")),
        "rule": {"words": RULE, **cite(found, "evaluation.json", "rule")},
        "method": cite(found, "method.json"),
        "explanation": explanation(NEEDS),
        "inputs": _inputs(report),
        "not_inputs": [label(column) for column in protected],
        "threshold": {**cite(found, "evaluation.json", "threshold"),
                      "curve": cite_each(found, "evaluation.json", "threshold", "curve")},
        "metrics": _metrics(found),
        "audit": _audit(report, found),
        "limits": cite(found, "limits.json"),
        "deviations": needs_deviations(report, policy),
        "warnings": list(report.warnings),
        "people": {},
        "evidence": dict(evidence or {}),
        "provenance": provenance.made(),
    }  # fmt: skip
    return with_changes(card, previous)


def _metrics(found: Documents) -> dict[str, Any]:
    metrics = cite(found, "evaluation.json")
    del metrics["rule"], metrics["threshold"]
    of_names = {
        name: {each: cite(found, "evaluation.json", name, each) for each in metrics[name]}
        for name in ("candidates", "entities")
    }
    compared = metrics["disagreement"]
    pairs = {name: cite(found, "evaluation.json", "disagreement", name)
             for name, each in compared.items() if "pairs" in each}  # fmt: skip
    first = cite(found, "evaluation.json", "interview_first")
    disagreement = {**cite(found, "evaluation.json", "disagreement"), **pairs}
    return {**metrics, **of_names, "disagreement": disagreement, "interview_first": first}


def _audit(report: NeedsReport, found: Documents) -> dict[str, Any]:
    (findings,) = numbered(cite_each(found, "audit.json", "findings"))
    return {
        "source": source("audit.json"),
        "verdict": report.audit.verdict.value,
        "findings": findings,
        "words": audit_words(report.protected_columns),
    }


def _inputs(report: NeedsReport) -> list[dict[str, Any]]:
    columns = {column.name: column for column in report.columns}
    return [
        {
            "name": name,
            "label": label(columns[name]),
            "kind": str(columns[name].told_as),
            "importance": dict(weight),
            "why": why(columns[name]),
            "source": source("inputs.json", "importance", name),
        }
        for name, weight in report.importance.items()
    ]
