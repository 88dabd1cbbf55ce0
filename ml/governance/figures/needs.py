"""The figures of a service-need report as plain JSON: the same in `--json`, in the card and in the run.

Counts of people in cells go through disclosure control, and a rate of fewer than its threshold is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.contracts import CalibrationIntervals, Interval
from ml.contracts.needs_report import (
    Agreement,
    AnswerAudit,
    Disagreement,
    InterviewFirst,
    NeedPartSummary,
    NeedsEvaluation,
    NeedSplitSummary,
    NeedsReport,
    NeedThreshold,
    RuleQuality,
)
from ml.disclosure import THRESHOLD, redact

from .report import finding_figures, interval_figures

NOTHING = {"value": None, "low": None, "high": None}


def needs_cohort_figures(report: NeedsReport) -> dict[str, Any]:
    """Return what was read."""
    placed = {answer: redact(count) for answer, count in report.placed.items()}
    return {"name": report.name, "rows": report.rows, "persons": report.persons, "by_caseworkers": placed}


def needs_split_figures(split: NeedSplitSummary) -> dict[str, Any]:
    """Return how placements were divided."""
    parts = {"train": split.train, "calibration": split.calibration, "test": split.test}
    return {"kind": "temporal", **{name: _part(part) for name, part in parts.items()},
            "left_out": redact(split.left_out), "dealt": split.dealt}  # fmt: skip


def rule_figures(rule: RuleQuality) -> dict[str, Any]:
    """Return how the rule agrees with the register."""
    return {
        "holds": redact(rule.holds),
        "by_rule": redact(rule.by_rule),
        "placed_where_holds": _rate(rule.placed_where_holds, rule.holds),
        "holds_where_placed": _rate(rule.holds_where_placed, rule.by_rule),
    }


def threshold_figures(threshold: NeedThreshold) -> dict[str, Any]:
    """Return from where on the model answers, and what else was tried."""
    return {
        "value": threshold.value,
        "why": threshold.why,
        "caseworkers": _agreement(threshold.caseworkers),
        "curve": [
            {"threshold": point.threshold, "coverage": point.coverage, "agreement": interval_figures(point.agreement)}
            for point in threshold.curve
        ],
    }


def evaluation_figures(evaluation: NeedsEvaluation) -> dict[str, Any]:
    """Return all that was measured on the test part."""
    return {
        "rows": redact(evaluation.rows),
        "persons": redact(evaluation.persons),
        "accuracy": interval_figures(evaluation.accuracy),
        "agreement": interval_figures(evaluation.agreement),
        "answered": interval_figures(evaluation.answered),
        "unlike": interval_figures(evaluation.unlike),
        "candidates": {
            name: {"log_loss": interval_figures(each.log_loss), "accuracy": interval_figures(each.accuracy),
                   "gain": interval_figures(each.gain)}
            for name, each in evaluation.candidates.items()
        },
        "entities": {
            name: {"placed": redact(each.placed), "answered": redact(each.answered),
                   "precision": _rate(each.precision, each.answered), "recall": _rate(each.recall, each.placed),
                   "observed": interval_figures(each.observed), "predicted": each.predicted,
                   "auc": interval_figures(each.auc), "calibration": _calibration(each.calibration)}
            for name, each in evaluation.entities.items()
        },
        "confusion": {
            entity: {answer: redact(count) for answer, count in row.items()}
            for entity, row in evaluation.confusion.items()
        },
        "disagreement": _disagreement(evaluation.disagreement),
        "interview_first": _interview_first(evaluation.interview_first),
    }  # fmt: skip


def answer_audit_figures(audit: AnswerAudit) -> dict[str, Any]:
    """Return verdict and findings."""
    return {"verdict": audit.verdict.value, "findings": finding_figures(audit.findings)}


def needs_metric_figures(report: NeedsReport) -> dict[str, Any]:
    """Return the figures that a run shows as metrics: nothing that is null."""
    evaluation = evaluation_figures(report.evaluation)
    chosen = {key: evaluation[key] for key in ("accuracy", "agreement", "answered", "candidates", "entities")}
    return dict(_without_null({**chosen, "threshold": report.threshold.value}))


def _without_null(figures: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: _without_null(value) if isinstance(value, Mapping) else value for key, value in figures.items()}
    return {key: value for key, value in kept.items() if value is not None}


def _rate(rate: Interval, denominator: int) -> dict[str, Any]:
    return interval_figures(rate) if denominator >= THRESHOLD else dict(NOTHING)


def _calibration(calibration: CalibrationIntervals) -> dict[str, Any]:
    return {
        "intercept": interval_figures(calibration.intercept),
        "slope": interval_figures(calibration.slope),
        "ici": interval_figures(calibration.ici),
        "ici_if_perfect": interval_figures(calibration.ici_if_perfect),
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "pairs": redact(agreement.pairs),
        "share": _rate(agreement.share, agreement.pairs),
        "kappa": _rate(agreement.kappa, agreement.pairs),
    }


def _disagreement(disagreement: Disagreement) -> dict[str, Any]:
    return {
        "four_answers": _agreement(disagreement.four_answers),
        "entities": _agreement(disagreement.entities),
        "model": _agreement(disagreement.model),
        "model_answered": _agreement(disagreement.model_answered),
        "entities_answered": _agreement(disagreement.entities_answered),
        "gap": _rate(disagreement.gap, disagreement.entities.pairs),
        "gap_answered": _rate(disagreement.gap_answered, disagreement.entities_answered.pairs),
    }


def _interview_first(found: InterviewFirst) -> dict[str, Any]:
    return {
        "rows": redact(found.rows),
        "answers_there": {answer: _rate(share, found.rows) for answer, share in found.answers_there.items()},
        "answers_elsewhere": {answer: interval_figures(share) for answer, share in found.answers_elsewhere.items()},
        "top_there": _rate(found.top_there, found.rows),
        "top_elsewhere": interval_figures(found.top_elsewhere),
    }


def _part(part: NeedPartSummary) -> dict[str, Any]:
    return {
        "rows": redact(part.rows),
        "interview_first": redact(part.interview_first),
        "from": part.first.isoformat(),
        "to": part.last.isoformat(),
    }
