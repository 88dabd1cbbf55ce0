"""One set of people after another through the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from experiments.audit_honesty.truth import CAPACITY
from experiments.audit_honesty.worlds import Look, World, people
from ml.contracts import AuditPolicy, Finding, Limits
from ml.fairness.audit import audit
from ml.fairness.cut import cut
from ml.fairness.family import Asked, Place, findings
from ml.fairness.groups import grouping

HEADLINE = "false_positive_rate"
LIMIT = 1.25
RATIO = Limits("ratio", 1 / LIMIT, LIMIT)
POLICY = AuditPolicy(
    limits={HEADLINE: RATIO, "false_negative_rate": RATIO, "calibration_gap": Limits("difference", -0.03, 0.03)},
    answers=RATIO,
    shown=("selection_rate", "precision", "calibration_intercept", "auc"),
    smallest_denominator=30,
    capacity=CAPACITY,
    capacities=(),
    required=(),
    replicates=400,
)
JUDGED_ALONE = replace(POLICY, shown=())
METRICS = (*POLICY.limits, *POLICY.shown)
MAY_BE_CHANCE = "may be chance"


@dataclass(frozen=True)
class Found:
    """What was found in one set, and the score from which on people were flagged in it."""

    findings: tuple[Finding, ...]
    line: float


def audited(world: World, sets: int, seed: int, look: Look | None = None) -> Iterator[Found]:
    """Yield what the whole audit finds in each set: of attributes, of two together, of the worst off of three."""
    for rng in np.random.default_rng(seed).spawn(sets):
        predictions, protected = people(world, look or Look(), rng)
        found = audit(predictions, protected, {}, JUDGED_ALONE, rng)
        yield Found(found.findings, cut(predictions.score, CAPACITY))


def of_attributes(
    world: World, sets: int, seed: int, look: Look | None = None, metrics: tuple[str, ...] = tuple(POLICY.limits)
) -> Iterator[Found]:
    """Yield what the audit finds of each attribute in each set, as the whole audit would."""
    for rng in np.random.default_rng(seed).spawn(sets):
        predictions, protected = people(world, look or Look(), rng)
        line = cut(predictions.score, CAPACITY)
        groupings = tuple(grouping(protected[name]) for name in protected.columns)
        asked = Asked(predictions, groupings, predictions.score >= line, Place())
        yield Found(tuple(findings([asked], POLICY, metrics, rng)), line)


def beyond_uncorrected(finding: Finding) -> bool:
    """Return whether the whole interval lies beyond the limits, whatever the correction makes of it."""
    return finding.verdict == "fail" or finding.why.startswith(MAY_BE_CHANCE)
