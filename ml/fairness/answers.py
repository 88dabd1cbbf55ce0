"""The answers of the service-need model by protected group: who gets which, and how far caseworkers agree.

Rates of each group, beside those of its reference:

    answer_<entity>, answer_interview_first   share of the group's people who get this answer
    agreement                                 of those answered with an entity, and placed in one by a caseworker: the
                                              share where both are the same

A group whose needs differ may rightly get other answers: a ratio outside the limits is to be explained by people, and
accepted or not. Agreement is with caseworkers, who may be unfair themselves; it does not show that they are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import ENTITIES, INTERVIEW_FIRST, AuditPolicy, Bools, Finding, Interval, Rows, Verdict
from ml.contracts.needs_report import AnswerAudit
from ml.disclosure import THRESHOLD, redact
from ml.errors import DataError
from ml.fairness.audit import MISSING, judge, worst
from ml.fairness.counts import Cells, Rate, rates

ANSWERS = (*ENTITIES, INTERVIEW_FIRST)
AGREEMENT = "agreement"


@dataclass(frozen=True)
class Answered:
    """What the model answered, and what caseworkers had chosen, row by row.

    answer, chosen  (n,) one of ENTITIES, or "interview_first"
    person          (n,) rows of one person share a number
    """

    answer: NDArray[np.str_]
    chosen: NDArray[np.str_]
    person: Rows

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.answer)

    def __getitem__(self, rows: Rows | Bools) -> Answered:
        """Return some of the rows."""
        return Answered(self.answer[rows], self.chosen[rows], self.person[rows])


def audit_answers(
    answered: Answered,
    protected: pd.DataFrame,
    references: Mapping[str, str | None],
    policy: AuditPolicy,
    rng: np.random.Generator,
) -> AnswerAudit:
    """Return what the answers mean for each group; the same rows and the same `rng` give the same audit.

    protected   n × attributes, row by row beside the answers; names of groups, not known being "missing"
    references  attribute → the group that others are compared with; None or not named: the largest group

    Of a person with several rows one is drawn with `rng`: rows of one person are not independent. Verdicts are by the
    limits and the smallest denominator of the policy, and small counts are withheld, as in the audit of risks.

    Raises DataError when a named attribute or reference is not there, when rows do not match or there are none, and
    when an answer is none that the model can give.
    """
    _check(answered, protected, set(references))
    rows = _one_a_person(answered.person, rng)
    warnings = []
    if len(rows) < len(answered):
        warnings.append("the audit looks at one row a person, drawn at random: rows of one person are not independent")
    answered, protected = answered[rows], protected.iloc[rows] if protected.shape[1] else protected
    findings: list[Finding] = []
    for attribute in protected.columns:
        names = _group_names(protected[attribute])
        reference = _reference(str(attribute), names, references.get(str(attribute)))
        if len(set(names)) == 1:
            warnings.append(f"{attribute}: everyone is of the group {reference!r}: there is nothing to compare")
        findings += _attribute(str(attribute), answered, names, reference, policy, rng)
    if protected.shape[1]:
        warnings += [
            f"nobody in the audited rows gets the answer {answer}: no group can be compared in it"
            for answer in ANSWERS
            if not (answered.answer == answer).any()
        ]
    else:
        warnings.append("no protected attribute was declared: nothing could be audited")
    return AnswerAudit(worst(each.verdict for each in findings), tuple(findings), tuple(warnings))


def _attribute(
    attribute: str,
    answered: Answered,
    names: NDArray[np.object_],
    reference: str,
    policy: AuditPolicy,
    rng: np.random.Generator,
) -> Iterator[Finding]:
    """Yield every group's rates beside the reference's; one group alone still shows its rates."""
    measured = {name: dict(_rates(answered[names == name], policy, rng)) for name in sorted(set(names))}
    for name in [each for each in measured if each != reference] or [reference]:
        for metric, rate in measured[name].items():
            count = redact(int((names == name).sum()))
            yield _finding(attribute, name, count, metric, rate, reference, measured[reference][metric], policy)


def _rates(answered: Answered, policy: AuditPolicy, rng: np.random.Generator) -> Iterator[tuple[str, Rate]]:
    for answer in ANSWERS:
        yield f"answer_{answer}", _rate(answered.answer == answer, policy, rng)
    both = (answered.answer != INTERVIEW_FIRST) & (answered.chosen != INTERVIEW_FIRST)
    yield AGREEMENT, _rate((answered.answer == answered.chosen)[both], policy, rng)


def _rate(hits: Bools, policy: AuditPolicy, rng: np.random.Generator) -> Rate:
    """Return the share of hits with draws from its two cells, or from none."""
    counts = np.array([(~hits).sum(), hits.sum()])
    there = counts > 0
    if not there.any():
        return Rate(float("nan"), np.full(policy.replicates, np.nan), 0)
    ones = np.ones(int(there.sum()))
    cells = Cells(np.array([False, True])[there], np.zeros(len(ones), dtype=bool), ones, counts[there])
    return rates(cells, ("selection_rate",), policy.replicates, rng)["selection_rate"]


def _finding(
    attribute: str,
    group: str,
    count: int | None,
    metric: str,
    rate: Rate,
    reference: str,
    of_reference: Rate,
    policy: AuditPolicy,
) -> Finding:
    smallest = min(rate.denominator, of_reference.denominator)
    # A shown ratio gives away the rate of either side, so both sides must be showable.
    comparable = smallest >= THRESHOLD and of_reference.value > 0 and group != reference
    ratio = rate.ratio_to(of_reference) if comparable else None
    value, low, high = _shown(rate.interval() if rate.denominator >= THRESHOLD else None)
    ratio_value, ratio_low, ratio_high = _shown(ratio)
    enough = ratio is not None and smallest >= policy.smallest_denominator
    verdict = judge(ratio, policy) if ratio is not None and enough else Verdict.INSUFFICIENT
    return Finding(attribute, group, count, metric, value, low, high, reference,
                   ratio_value, ratio_low, ratio_high, verdict)  # fmt: skip


def _shown(interval: Interval | None) -> tuple[float | None, float | None, float | None]:
    """Return value, low and high; None for what cannot be said, and for an upper end without bound."""
    if interval is None:
        return None, None, None
    return interval.value, interval.low, interval.high if np.isfinite(interval.high) else None


def _one_a_person(person: Rows, rng: np.random.Generator) -> Rows:
    """Return one row of each person, rising."""
    order = rng.permutation(len(person))
    _, first = np.unique(person[order], return_index=True)
    return np.sort(order[first])


def _group_names(column: pd.Series) -> NDArray[np.object_]:
    known = column.astype(object).where(column.notna(), MISSING)
    return known.map(str).to_numpy(dtype=object)


def _reference(attribute: str, names: NDArray[np.object_], given: str | None) -> str:
    """Return the group that others are compared with: the given one, else the largest not "missing"."""
    groups, counts = np.unique(names.astype(str), return_counts=True)
    if given is None:
        known = groups != MISSING
        if known.any():
            groups, counts = groups[known], counts[known]
        return str(groups[counts.argmax()])
    if given not in groups:
        raise DataError(
            f"protected attribute {attribute!r}: nobody in the audited rows is of the reference group {given!r} "
            f"(groups present: {', '.join(map(repr, map(str, groups)))}); name one of these as reference, or none"
        )
    return given


def _check(answered: Answered, protected: pd.DataFrame, named: set[str]) -> None:
    absent = sorted(named - set(map(str, protected.columns)))
    if absent:
        raise DataError(
            f"protected attribute {', '.join(map(repr, absent))}: no such protected column; "
            "an attribute that cannot be audited must not pass"
        )
    if not len(answered):
        raise DataError("answers: there are no rows; an audit needs a test part that is not empty")
    lengths = {len(answered.answer), len(answered.chosen), len(answered.person)}
    if protected.shape[1]:
        lengths.add(len(protected))
    if len(lengths) > 1:
        raise DataError("answers: answer, chosen, person and protected attributes must have the same number of rows")
    odd = sorted({*answered.answer.tolist(), *answered.chosen.tolist()} - set(ANSWERS))
    if odd:
        raise DataError(f"answers: {', '.join(map(repr, odd))}: none of {', '.join(ANSWERS)}")
