"""What a reviewer must not miss of a model of risk, worst first; each sentence with the source of its figures."""

from __future__ import annotations

from collections.abc import Mapping

from ml.contracts import Audit, ModelReport
from ml.contracts.needs_report import AnswerAudit

from ..figures.findings import headline, worst_findings
from .sources import source


def said(text: str, place: str) -> dict[str, str]:
    """Return a sentence and the source of its figures, as a card holds them."""
    return {"text": text, "source": place}


def headlines(report: ModelReport, *, weak: bool) -> list[dict[str, str]]:
    """Return the headlines of a card."""
    auc = report.scores[report.kept].auc
    lines = []
    if weak:
        text = (
            f"This model is weak: AUC {auc.value:.2f} (95 % interval {auc.low:.2f} to {auc.high:.2f}, 0.50 is a coin). "
            "It tells people apart poorly, and a hint of it weighs little beside what a caseworker knows."
        )
        lines.append(said(text, source("metrics.json", "auc")))
    if report.split.kind == "random":
        text = (
            "No temporal validation: the file has no start date, so training and test are from the same time. "
            "How the model does on later spells is not known."
        )
        lines.append(said(text, source("split.json", "kind")))
    labels = {name: column.words("en") for name, column in report.contract.columns.items()}
    return [*lines, audit_headline("The non-discrimination audit", report.audit, labels)]


def audit_headline(name: str, audit: Audit | AnswerAudit, labels: Mapping[str, str]) -> dict[str, str]:
    """Return what the audit says; its source is the finding that it names, else the verdict.

    labels  attribute → its words
    """
    text = headline(name, audit.verdict, audit.findings, labels)
    for worst in worst_findings(audit.findings, 1):
        return said(text, source("audit.json", "findings", audit.findings.index(worst)))
    return said(text, source("audit.json", "verdict"))
