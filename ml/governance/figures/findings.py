"""What an audit found, in one line of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ml.contracts import Finding, Scope, Verdict
from ml.contracts.audit import DIRECT_USE, TIMES


def counted(findings: Sequence[Finding], verdict: Verdict) -> str:
    """Return how many findings have a verdict."""
    return f"{sum(finding.verdict is verdict for finding in findings)} of {len(findings)} findings"


def worst_findings(findings: Sequence[Finding], most: int) -> list[Finding]:
    """Return the failing findings, the surest gap first."""
    failing = [finding for finding in findings if finding.verdict is Verdict.FAIL]
    return sorted(failing, key=_gap, reverse=True)[:most]


def headline(name: str, verdict: Verdict, findings: Sequence[Finding], labels: Mapping[str, str]) -> str:
    """Return what the audit says, its surest gap where it fails.

    name    of the audit: "The non-discrimination audit"
    labels  attribute → its words
    """
    if verdict is Verdict.PASS:
        return f"{name} passes: all {len(findings)} findings lie within the limits."
    if verdict is Verdict.INSUFFICIENT:
        return f"{name} has insufficient evidence: {counted(findings, Verdict.INSUFFICIENT)}."
    failing = f"{name} fails: {counted(findings, Verdict.FAIL)} outside the limits."
    return " ".join([failing, *(f"The surest gap: {told(each, labels)}." for each in worst_findings(findings, 1))])


def told(finding: Finding, labels: Mapping[str, str]) -> str:
    """Return a finding in a sentence, its figures where they may be shown."""
    metric = finding.metric.replace("_", " ")
    attribute = TIMES.join(labels.get(each, each) for each in finding.attribute.split(TIMES))
    if finding.metric == DIRECT_USE:
        return f"“{attribute}” is an input of the model"
    who, to = f"{metric} of “{attribute}: {finding.group}”", f"that of “{finding.reference}”"
    where = f", {finding.within}" if finding.within else ""
    if finding.ratio is not None and finding.ratio_low is not None:
        ends = f"{finding.ratio_low:.2f} to {ratio_end(finding.ratio_high)}"
        return f"{who} is {finding.ratio:.2f} times {to} (95 % interval {ends}){where}"
    if finding.difference is not None and finding.difference_low is not None and finding.difference_high is not None:
        ends = f"{finding.difference_low:+.3f} to {finding.difference_high:+.3f}"
        return f"{who} is {finding.difference:+.3f} beside {to} (95 % interval {ends}){where}"
    return f"{who} is unlike {to}; too few people to show by how much{where}"


def ratio_end(high: float | None) -> str:
    """Return the upper end of a ratio's interval: ∞ where the reference's rate may be 0."""
    return "∞" if high is None else f"{high:.2f}"


def _gap(finding: Finding) -> tuple[bool, float]:
    """Return what orders failing findings: single attributes first, then by how far the interval is away at least."""
    single = finding.scope is Scope.ATTRIBUTE
    if finding.ratio is not None:
        low, high = finding.ratio_low or 0.0, finding.ratio_high or 0.0
        return single, max(low, 1 / high if high > 0 else 0.0)
    return single, 0.0
