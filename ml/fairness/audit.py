"""The audit: each group of each protected attribute against its reference, at the cut of a capacity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.contracts import Audit, AuditPolicy, Finding, Interval, Predictions, Rows, Verdict
from ml.disclosure import THRESHOLD, redact
from ml.errors import DataError, InputError
from ml.fairness.counts import METRICS, Cells, Rate, count, rates
from ml.fairness.cut import check_scores, cut

MISSING = "missing"  # the group of those whose value is not known
WORST_FIRST = (Verdict.FAIL, Verdict.INSUFFICIENT, Verdict.PASS)


@dataclass(frozen=True)
class _Group:
    """One group, measured."""

    name: str
    rows: int
    rates: Mapping[str, Rate]


def audit(
    predictions: Predictions,
    protected: pd.DataFrame,
    references: Mapping[str, str | None],
    policy: AuditPolicy,
    rng: np.random.Generator,
    direct_use: tuple[str, ...] = (),
) -> Audit:
    """Return what the predictions mean for each group; the same rows and the same `rng` give the same audit.

    protected   n × attributes, row by row beside the predictions; names of groups, not known being "missing"
    references  attribute → the group that others are compared with; None or not named: the largest group
    direct_use  protected attributes that are also inputs of the model

    The order of the rows means nothing. The rates are those of `ml.fairness.counts`. Of a person with several rows
    one is drawn with `rng`: rows of one person are not independent, and intervals that took them as such were too
    narrow.

    Raises DataError when a named attribute or reference is not there, when rows do not match, and when a
    score or weight cannot be one; InputError when the policy cannot be carried out.
    """
    _check_policy(policy)
    _check_predictions(predictions)
    _check_protected(predictions, protected, {*references, *direct_use})
    warnings = [f"{name}: marked direct use: this protected attribute is an input of the model" for name in direct_use]
    rows = _one_a_person(predictions.person, rng)
    if len(rows) < len(predictions.score):
        predictions = predictions[rows]
        protected = protected.iloc[rows] if protected.shape[1] else protected
        warnings.append("the audit looks at one row a person, drawn at random: rows of one person are not independent")
    line = cut(predictions.score, policy.capacity)
    selected = predictions.score >= line
    findings: list[Finding] = []
    for attribute in protected.columns:
        cells = count(predictions, selected, _group_names(protected[attribute]))
        found, doubts = _attribute(attribute, cells, references.get(attribute), policy, rng)
        findings += found
        warnings += doubts
    if protected.shape[1] == 0:
        warnings.append("no protected attribute was declared: nothing could be audited")
    if selected.all():
        findings = [replace(finding, verdict=Verdict.INSUFFICIENT) for finding in findings]
        warnings.append(_why_everyone(predictions, policy))
    return Audit(
        verdict=worst(finding.verdict for finding in findings),
        findings=tuple(findings),
        capacity=policy.capacity,
        selected_share=float(selected.mean()),
        direct_use=direct_use,
        warnings=tuple(warnings),
    )


def judge(ratio: Interval, policy: AuditPolicy) -> Verdict:
    """Return pass when the whole interval lies within the limits, fail when all of it lies on one side."""
    if not np.isfinite([ratio.value, ratio.low, ratio.high]).all():
        return Verdict.INSUFFICIENT
    if policy.ratio_low <= ratio.low and ratio.high <= policy.ratio_high:
        return Verdict.PASS
    if ratio.high < policy.ratio_low or ratio.low > policy.ratio_high:
        return Verdict.FAIL
    return Verdict.INSUFFICIENT


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst: fail, then insufficient, then pass. Of nothing at all: insufficient."""
    seen = set(verdicts) or {Verdict.INSUFFICIENT}
    return next(verdict for verdict in WORST_FIRST if verdict in seen)


def _one_a_person(person: Rows, rng: np.random.Generator) -> Rows:
    """Return one row of each person, rising; all rows, with nothing drawn, where each is a person of its own."""
    if len(np.unique(person)) == len(person):
        return np.arange(len(person))
    order = rng.permutation(len(person))
    _, first = np.unique(person[order], return_index=True)
    return np.sort(order[first])


# ---------------------------------------------------------------- one attribute


def _attribute(
    name: str, cells: Mapping[str, Cells], reference: str | None, policy: AuditPolicy, rng: np.random.Generator
) -> tuple[list[Finding], list[str]]:
    """Return what one attribute's groups show beside their reference, and what is doubtful about them."""
    groups = _measure(cells, policy, rng)
    against = groups[_reference(name, cells, reference)]
    return list(_compare(name, groups, against, policy)), list(_doubts(name, groups, against, policy))


def _group_names(column: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    known = column.astype(object).where(column.notna(), MISSING)
    return known.map(str).to_numpy(dtype=object)


def _reference(attribute: str, cells: Mapping[str, Cells], given: str | None) -> str:
    """Return the group that others are compared with: the given one, else the largest not "missing"."""
    if given is None:
        known = [name for name in cells if name != MISSING] or list(cells)
        return max(known, key=lambda name: cells[name].rows)  # of equals the first in the alphabet
    if given not in cells:
        present = ", ".join(repr(name) for name in cells)
        raise DataError(
            f"protected attribute {attribute!r}: nobody in the audited rows is of the reference group "
            f"{given!r} (groups present: {present}); name one of these as reference, or none"
        )
    return given


def _measure(cells: Mapping[str, Cells], policy: AuditPolicy, rng: np.random.Generator) -> dict[str, _Group]:
    return {
        name: _Group(name, of_group.rows, rates(of_group, policy.metrics, policy.replicates, rng))
        for name, of_group in cells.items()
    }


def _compare(attribute: str, groups: Mapping[str, _Group], reference: _Group, policy: AuditPolicy) -> list[Finding]:
    others = [group for group in groups.values() if group is not reference]
    return [
        _finding(attribute, group, reference, metric, policy)
        for group in others or [reference]  # one group alone still shows its rates
        for metric in policy.metrics
    ]


def _finding(attribute: str, group: _Group, reference: _Group, metric: str, policy: AuditPolicy) -> Finding:
    rate, of_reference = group.rates[metric], reference.rates[metric]
    smallest = min(rate.denominator, of_reference.denominator)
    # A shown ratio gives away the rate of either side, so both sides must be showable.
    comparable = smallest >= THRESHOLD and of_reference.value > 0 and group is not reference
    ratio = rate.ratio_to(of_reference) if comparable else None
    enough = smallest >= policy.smallest_denominator
    value, low, high = _shown(rate.interval() if rate.denominator >= THRESHOLD else None)
    ratio_value, ratio_low, ratio_high = _shown(ratio)
    return Finding(
        attribute=attribute,
        group=group.name,
        n=redact(group.rows),
        metric=metric,
        value=value,
        low=low,
        high=high,
        reference=reference.name,
        ratio=ratio_value,
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        verdict=judge(ratio, policy) if ratio and enough else Verdict.INSUFFICIENT,
    )


def _shown(interval: Interval | None) -> tuple[float | None, float | None, float | None]:
    """Return value, low and high; None for what cannot be said, and for an upper end without bound."""
    if interval is None:
        return None, None, None
    return interval.value, interval.low, interval.high if np.isfinite(interval.high) else None


def _doubts(attribute: str, groups: Mapping[str, _Group], reference: _Group, policy: AuditPolicy) -> list[str]:
    """Return what makes every finding of an attribute, or of one of its metrics, insufficient."""
    if len(groups) == 1:
        return [f"{attribute}: everyone is of the group {reference.name!r}: there is nothing to compare"]
    shown = max(policy.smallest_denominator, THRESHOLD)
    return [
        f"{attribute}: the {metric} of the reference group {reference.name!r} is 0: no ratio can be computed"
        for metric, rate in reference.rates.items()
        if rate.value == 0 and rate.denominator >= shown
    ]


# ---------------------------------------------------------------- what must hold before


def _check_policy(policy: AuditPolicy) -> None:
    unknown = [metric for metric in policy.metrics if metric not in METRICS]
    if unknown or not policy.metrics:
        raise InputError(
            f"policy, audit.metrics: {', '.join(map(repr, unknown)) or 'no metric'}; "
            f"name at least one of {', '.join(METRICS)}"
        )
    if policy.replicates < 1 or not 0 < policy.capacity <= 1:
        raise InputError("policy, audit: replicates must be at least 1 and capacity over 0 and at most 1")


def _check_predictions(predictions: Predictions) -> None:
    check_scores(predictions.score)
    if len({len(predictions.score), len(predictions.outcome), len(predictions.weight), len(predictions.person)}) > 1:
        raise DataError("predictions: score, outcome, weight and person must have the same number of rows")
    if not (np.isfinite(predictions.weight) & (predictions.weight >= 0)).all():
        raise DataError("predictions: a censoring weight is negative or not a number")


def _check_protected(predictions: Predictions, protected: pd.DataFrame, named: set[str]) -> None:
    absent = sorted(named - set(protected.columns))
    if absent:
        raise DataError(
            f"protected attribute {', '.join(map(repr, absent))}: no such protected column; "
            "an attribute that cannot be audited must not pass"
        )
    if not protected.columns.is_unique:
        raise DataError("protected attributes: two columns have the same name")
    if protected.shape[1] and len(protected) != len(predictions.score):
        raise DataError(
            f"protected attributes: {len(protected)} rows beside {len(predictions.score)} predictions; "
            "each row needs its own"
        )


def _why_everyone(predictions: Predictions, policy: AuditPolicy) -> str:
    if np.ptp(predictions.score) == 0:
        return "all scores are equal: the cut selects everyone, and nothing can be said of any group"
    return f"the cut at capacity {policy.capacity:g} selects everyone: nothing can be said of any group"
