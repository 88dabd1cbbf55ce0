"""The figures of a report as plain JSON: the same in `--json`, in the card and in the run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ml.contracts import (
    Audit,
    Calibration,
    Conditional,
    Finding,
    Flip,
    Interval,
    ModelReport,
    Part,
    Policy,
    Proxy,
    Scores,
    Stability,
)
from ml.measures.landmarks import landmark_words


def cohort_figures(report: ModelReport) -> dict[str, Any]:
    """Return what was read."""
    return {
        "name": report.contract.name,
        "rows": report.rows,
        "persons": report.persons,
        "exits": report.exits,
        "censored": report.rows - report.exits,
    }


def split_figures(report: ModelReport) -> dict[str, Any]:
    """Return how the rows were divided."""
    split = report.split
    parts = {"train": split.train, "calibration": split.calibration, "test": split.test}
    return {"kind": split.kind, **{name: _part(part) for name, part in parts.items()}}


def metric_figures(report: ModelReport) -> dict[str, Any]:
    """Return the quality of the kept model on the test part, with its baselines."""
    kept = score_figures(report.scores[report.kept])
    baselines = ("base_rate", "logistic")
    return {
        "horizon": report.contract.outcome.horizon,
        "observed_share": interval_figures(report.observed_share),
        "predicted_share": report.predicted_share,
        **kept,
        "baselines": {name: score_figures(report.scores[name]) for name in baselines},
    }


def stability_figures(report: ModelReport) -> dict[str, Any]:
    """Return how bands and reasons hold when the model is trained on other people."""
    outcome = report.contract.outcome

    def one(each: Stability) -> dict[str, Any]:
        at = "all landmarks together" if each.landmark is None else landmark_words(each.landmark, outcome)
        figures = {
            key: interval_figures(value) if isinstance(value, Interval) else number(value)
            for key, value in vars(each).items()
        }
        return {"at": at, **figures}

    return {"bands": [one(each) for each in report.stability], "reasons": report.explanations}


def audit_figures(audit: Audit) -> dict[str, Any]:
    """Return the whole audit: what was judged, what was shown beside it, and what tells of the attributes."""
    return {
        "verdict": audit.verdict.value,
        "people": audit.people,
        "selected_share": audit.selected_share,
        "direct_use": list(audit.direct_use),
        "findings": finding_figures(audit.findings),
        "figures": finding_figures(audit.figures),
        "proxies": [_plain(proxy) for proxy in audit.proxies],
        "flips": [_plain(flip) for flip in audit.flips],
        "conditional": [_plain(each) for each in audit.conditional],
        "warnings": list(audit.warnings),
    }


def finding_figures(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings, one object each."""
    return [{key: number(value) for key, value in vars(finding).items()} for finding in findings]


def limit_figures(policy: Policy) -> dict[str, Any]:
    """Return what the policy asks of an audit, and its digest."""
    audit = policy.audit
    return {
        "metrics": {metric: asdict(limits) for metric, limits in audit.limits.items()},
        "answers": asdict(audit.answers),
        "smallest_denominator": audit.smallest_denominator,
        "policy": policy.digest,
    }


def _plain(each: Proxy | Flip | Conditional) -> dict[str, Any]:
    return {key: _figure(value) for key, value in vars(each).items()}


def _figure(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_figure(each) for each in value]
    return interval_figures(value) if isinstance(value, Interval) else number(value)


def score_figures(scores: Scores) -> dict[str, Any]:
    """Return AUC, Brier score and calibration."""
    return {
        "auc": interval_figures(scores.auc),
        "brier": interval_figures(scores.brier),
        "calibration": calibration_figures(scores.calibration),
    }


def interval_figures(interval: Interval) -> dict[str, Any]:
    """Return a figure with its interval."""
    return {key: number(value) for key, value in asdict(interval).items()}


def calibration_figures(calibration: Calibration) -> dict[str, Any]:
    """Return intercept, slope and ICI."""
    return {key: number(value) for key, value in asdict(calibration).items()}


def number(value: Any) -> Any:
    """Return the value as JSON knows it: no NaN, no infinity; enums as their text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return getattr(value, "value", value)


def _part(part: Part) -> dict[str, Any]:
    return {
        "rows": len(part),
        "from": part.first.isoformat() if part.first else None,
        "to": part.last.isoformat() if part.last else None,
    }
