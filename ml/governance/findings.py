"""What an audit found, in one line of a card."""

from __future__ import annotations

from collections.abc import Sequence

from ml.contracts import Finding, Verdict

from .markdown import ratio_end


def counted(findings: Sequence[Finding], verdict: Verdict) -> str:
    """Return how many findings have a verdict."""
    return f"{sum(finding.verdict is verdict for finding in findings)} of {len(findings)} findings"


def worst_findings(findings: Sequence[Finding], most: int) -> list[Finding]:
    """Return the failing findings, the surest gap first."""
    failing = [finding for finding in findings if finding.verdict is Verdict.FAIL]
    return sorted(failing, key=lambda finding: -_gap(finding))[:most]


def headline(name: str, verdict: Verdict, findings: Sequence[Finding], labels: dict[str, str]) -> str:
    """Return what the audit says, its surest gap where it fails.

    name    of the audit: "The non-discrimination audit"
    labels  attribute → its words
    """
    if verdict is Verdict.PASS:
        return f"{name} passes: all {len(findings)} findings lie within the limits."
    if verdict is Verdict.INSUFFICIENT:
        return f"{name} has insufficient evidence: {counted(findings, Verdict.INSUFFICIENT)}."
    worst = worst_findings(findings, 1)[0]
    return (
        f"{name} fails: {counted(findings, Verdict.FAIL)} outside the limits. The surest gap: "
        f"{worst.metric.replace('_', ' ')} of “{labels.get(worst.attribute, worst.attribute)}: {worst.group}” is "
        f"{worst.ratio:.2f} times that of “{worst.reference}” "
        f"(95 % interval {worst.ratio_low:.2f} to {ratio_end(worst.ratio_high)})."
    )


def _gap(finding: Finding) -> float:
    """Return by which factor the groups differ at least, within the interval."""
    low, high = finding.ratio_low or 0.0, finding.ratio_high or 0.0
    return max(low, 1 / high if high > 0 else 0.0)
