"""What stands between a model and the policy: each is to be accepted in writing before an approval."""

from __future__ import annotations

from collections.abc import Sequence

from ml.contracts import Finding, ModelReport, Policy, Role, Verdict
from ml.contracts.needs_report import NeedsReport

from ..figures.findings import counted


def deviations(report: ModelReport, policy: Policy) -> list[str]:
    """Return the deviations of a model of risk."""
    found = []
    if policy.temporal_validation and report.split.kind == "random":
        found.append("no temporal validation: the file has no start date, so the split is random")
    if report.audit.verdict is Verdict.FAIL:
        found.append(f"the audit fails: {counted(report.audit.findings, Verdict.FAIL)} outside the limits")
    found.extend(_insufficient(report.audit.findings))
    if report.scores[report.kept].auc.value > policy.leak_auc:
        found.append(f"AUC over {policy.leak_auc:g}: a leak until shown otherwise")
    found.extend(f"a protected attribute is an input: {name}" for name in report.audit.direct_use)
    declared = {column.name for column in report.contract.with_role(Role.PROTECTED)}
    found.extend(
        f"not audited, and the policy asks for it: {name}" for name in policy.audit.required if name not in declared
    )
    return found


def needs_deviations(report: NeedsReport, policy: Policy) -> list[str]:
    """Return the deviations of a service-need model."""
    found = []
    if report.audit.verdict is Verdict.FAIL:
        found.append(f"the audit of answers fails: {counted(report.audit.findings, Verdict.FAIL)} outside the limits")
    found.extend(_insufficient(report.audit.findings))
    found.extend(
        f"AUC of {entity} over {policy.leak_auc:g}: a leak until shown otherwise"
        for entity, each in report.evaluation.entities.items()
        if each.auc.value > policy.leak_auc
    )
    return found


def _insufficient(findings: Sequence[Finding]) -> list[str]:
    if findings and all(finding.verdict is not Verdict.INSUFFICIENT for finding in findings):
        return []
    return [f"insufficient evidence of equal treatment: {counted(findings, Verdict.INSUFFICIENT)}"]
