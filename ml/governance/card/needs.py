"""The card of the service-need model: what it is, how good, how fair, and what is not known. JSON is the source."""

from __future__ import annotations

from typing import Any

from ml.contracts import Interval, Policy, Verdict
from ml.contracts.needs_report import NeedsReport

from ..figures.findings import counted, headline
from ..figures.needs import (
    answer_audit_figures,
    evaluation_figures,
    needs_cohort_figures,
    needs_split_figures,
    rule_figures,
    threshold_figures,
)
from ..figures.report import limit_figures
from .build import GAPS, Provenance

FORMAT = 1
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
NEEDS_GAPS = (
    *GAPS,
    "what became of people in each service: no outcome of a service is in the data",
    "a reference beyond caseworkers' own judgement, which may carry the faults of old practice",
)
LEAST_PAIRS = 30  # fewer pairs of caseworkers do not say how far they agree


def build_needs_card(report: NeedsReport, provenance: Provenance, policy: Policy) -> dict[str, Any]:
    """Return the card as plain JSON."""
    return {
        "format": FORMAT,
        "sort": SORT,
        "model": {"name": provenance.name, "version": provenance.version, "digest": provenance.digest},
        "weak": is_weak(report, policy),
        "headlines": _headlines(report, policy),
        "purpose": PURPOSE,
        "not_for": list(NOT_FOR),
        "cohort": {**needs_cohort_figures(report), "digest": report.data_digest},
        "split": needs_split_figures(report.split),
        "rule": {"words": RULE, **rule_figures(report.rule)},
        "method": {"kept": report.kept, "why": report.why_kept, "seed": report.seed},
        "inputs": _inputs(report),
        "not_inputs": [column.words("en") for column in report.protected_columns],
        "threshold": threshold_figures(report.threshold),
        "metrics": evaluation_figures(report.evaluation),
        "audit": {
            **answer_audit_figures(report.audit),
            "labels": {column.name: column.words("en") for column in report.protected_columns},
        },
        "limits": limit_figures(policy),
        "deviations": needs_deviations(report, policy),
        "warnings": list(report.warnings),
        "gaps": list(NEEDS_GAPS),
        "provenance": {
            "run": provenance.run_id,
            "trained_by": provenance.trained_by,
            "trained_at": provenance.trained_at.isoformat(timespec="seconds"),
            "environment": dict(provenance.environment),
        },
    }


def is_weak(report: NeedsReport, policy: Policy) -> bool:
    """Return whether the model tells people's needs apart poorly: an entity from the rest, or not at all."""
    return report.kept == "base_rate" or any(
        each.auc.value < policy.weak_auc for each in report.evaluation.entities.values()
    )


def needs_deviations(report: NeedsReport, policy: Policy) -> list[str]:
    """Return what stands between this model and the policy; each needs a written acceptance."""
    found = []
    if report.audit.verdict is Verdict.FAIL:
        found.append(f"the audit of answers fails: {counted(report.audit.findings, Verdict.FAIL)} outside the limits")
    insufficient = any(finding.verdict is Verdict.INSUFFICIENT for finding in report.audit.findings)
    if insufficient or not report.audit.findings:
        found.append(
            f"insufficient evidence of equal treatment: {counted(report.audit.findings, Verdict.INSUFFICIENT)}"
        )
    found.extend(
        f"AUC of {entity} over {policy.leak_auc:g}: a leak until shown otherwise"
        for entity, each in report.evaluation.entities.items()
        if each.auc.value > policy.leak_auc
    )
    return found


def _headlines(report: NeedsReport, policy: Policy) -> list[str]:
    """Return what a reviewer must not miss, worst first."""
    lines = []
    if is_weak(report, policy):
        lines.append("This model is weak: " + _weakest(report, policy))
    if report.threshold.value is None:
        lines.append(f"It never names an entity: {report.threshold.why}.")
    never = [name for name, each in report.evaluation.entities.items() if not each.answered]
    if never and report.threshold.value is not None:
        lines.append(
            f"It never answers {' or '.join(never)}: no case of the test part is that likely to be placed there."
        )
    labels = {column.name: column.words("en") for column in report.protected_columns}
    audit = report.audit
    lines.append(headline("The audit of answers by group", audit.verdict, audit.findings, labels))
    lines.append(_beside_caseworkers(report))
    worst, quality = min(report.evaluation.entities.items(), key=lambda pair: pair[1].recall.value)
    lines.append(
        f"It answers in {_percent(report.evaluation.answered)} of the cases and says “interview first” in the others; "
        f"of people placed in {worst}, who are found least often, it finds {_percent(quality.recall)}."
    )
    return lines


def _weakest(report: NeedsReport, policy: Policy) -> str:
    if report.kept == "base_rate":
        return "its inputs do not tell which entity caseworkers choose, and everybody gets the same shares."
    entity, each = min(report.evaluation.entities.items(), key=lambda pair: pair[1].auc.value)
    return (
        f"it tells {entity} from the rest with AUC {_shown(each.auc)}, under {policy.weak_auc:g} (0.50 is a coin). "
        "A hint of it weighs little beside what a caseworker knows."
    )


def _beside_caseworkers(report: NeedsReport) -> str:
    found = report.evaluation.disagreement
    if found.entities.pairs < LEAST_PAIRS:
        return (
            "How it compares with caseworkers' own disagreement is not known: too few clients of the test part were "
            "placed by two caseworkers."
        )
    beside = (
        f"Two caseworkers name the same entity for one client in {_percent(found.entities.share)} of the cases, the "
        f"model and a caseworker in {_percent(found.model.share)} of the same; Cohen's kappa is "
        f"{found.entities.kappa.value:.2f} and {found.model.kappa.value:.2f}."
    )
    if found.gap.high < 0:
        return f"A colleague is the better stand-in for a caseworker than the model. {beside}"
    if found.gap.low > 0:
        return f"The model agrees with a caseworker oftener than a colleague does. {beside}"
    return f"Between the model and a colleague there is no difference beyond noise. {beside}"


def _inputs(report: NeedsReport) -> list[dict[str, Any]]:
    columns = {column.name: column for column in report.columns}
    return [
        {"name": name, "label": columns[name].words("en"), "kind": columns[name].kind.value, "importance": dict(weight)}
        for name, weight in report.importance.items()
    ]


def _percent(interval: Interval) -> str:
    return f"{interval.value:.0%} (95 % interval {interval.low:.0%} to {interval.high:.0%})"


def _shown(interval: Interval) -> str:
    return f"{interval.value:.2f} (95 % interval {interval.low:.2f} to {interval.high:.2f})"
