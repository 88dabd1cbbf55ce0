"""The documents of a run that a card cites: all its figures as plain JSON. The run keeps them, and the card a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.contracts import ModelReport, Policy
from ml.contracts.needs_report import NeedsReport

from ..figures.evaluation import evaluation_figures
from ..figures.needs import (
    answer_audit_figures,
    needs_cohort_figures,
    needs_split_figures,
    rule_figures,
    threshold_figures,
)
from ..figures.needs import evaluation_figures as needs_evaluation_figures
from ..figures.report import (
    audit_figures,
    cohort_figures,
    interval_figures,
    limit_figures,
    metric_figures,
    score_figures,
    split_figures,
    stability_figures,
)


def documents(report: ModelReport, policy: Policy, mitigation: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return name of the file → content, of a model of risk.

    mitigation  what was weighed against unequal errors; None: nothing was
    """
    outcome = report.contract.outcome
    split = report.split
    found = {
        "cohort.json": {**cohort_figures(report), "digest": report.data_digest,
                        "quality_report": report.contract.quality_report},
        "split.json": {**split_figures(report), "left_out": split.left_out, "not_yet": split.not_yet,
                       "unripe": split.unripe, "dealt": split.dealt},
        "method.json": {"kept": report.kept, "why": report.why_kept, "seed": report.seed,
                        "settings": dict(report.settings)},
        "inputs.json": {"importance": dict(report.importance)},
        "metrics.json": {
            **metric_figures(report),
            "challengers": {name: score_figures(each) for name, each in report.scores.items() if name != report.kept},
            "curve": [
                {"horizon": horizon, "words": outcome.words(horizon), "observed": interval_figures(observed),
                 "predicted": predicted}
                for horizon, (observed, predicted) in report.further.items()
            ],
        },
        "evaluation.json": evaluation_figures(report.evaluation, outcome, report.groups),
        "stability.json": stability_figures(report),
        "audit.json": audit_figures(report.audit),
        "limits.json": limit_figures(policy),
    }  # fmt: skip
    if report.tuning is not None:
        found["tuning.json"] = dict(report.tuning)
    if mitigation:
        found["mitigation.json"] = dict(mitigation)
    return found


def needs_documents(report: NeedsReport, policy: Policy) -> dict[str, Any]:
    """Return name of the file → content, of a service-need model."""
    return {
        "cohort.json": {**needs_cohort_figures(report), "digest": report.data_digest,
                        "quality_report": report.quality_report},
        "split.json": needs_split_figures(report.split),
        "method.json": {"kept": report.kept, "why": report.why_kept, "seed": report.seed},
        "inputs.json": {"importance": {name: dict(each) for name, each in report.importance.items()}},
        "evaluation.json": {**needs_evaluation_figures(report.evaluation), "rule": rule_figures(report.rule),
                            "threshold": threshold_figures(report.threshold)},
        "audit.json": answer_audit_figures(report.audit),
        "limits.json": limit_figures(policy),
    }  # fmt: skip
