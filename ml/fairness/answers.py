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

from ml.contracts import ENTITIES, INTERVIEW_FIRST, AuditPolicy, Bools, Rows
from ml.contracts.needs_report import AnswerAudit
from ml.errors import DataError
from ml.fairness.compare import worst
from ml.fairness.family import Line, Place, judged, lines
from ml.fairness.groups import Grouping, grouping
from ml.fairness.rates import shares_of

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
    groupings = [grouping(protected[name], references.get(str(name))) for name in protected.columns]
    warnings += [
        f"{each.attribute}: everyone is of the group {each.names[0]!r}: there is nothing to compare"
        for each in groupings
        if len(each.names) == 1
    ]
    found = judged([line for each in groupings for line in _lines(answered, each, policy, rng)])
    if protected.shape[1]:
        warnings += [
            f"nobody in the audited rows gets the answer {answer}: no group can be compared in it"
            for answer in ANSWERS
            if not (answered.answer == answer).any()
        ]
    else:
        warnings.append("no protected attribute was declared: nothing could be audited")
    findings = tuple(each for each in found if each.verdict is not None)
    return AnswerAudit(worst(each.verdict for each in findings if each.verdict is not None), findings, tuple(warnings))


def _lines(answered: Answered, groups: Grouping, policy: AuditPolicy, rng: np.random.Generator) -> Iterator[Line]:
    for answer in ANSWERS:
        yield from _of_flags(f"answer_{answer}", answered.answer == answer, groups, groups.sizes, policy, rng)
    both = (answered.answer != INTERVIEW_FIRST) & (answered.chosen != INTERVIEW_FIRST)
    yield from _of_flags(AGREEMENT, (answered.answer == answered.chosen)[both], groups[both], groups.sizes, policy, rng)


def _of_flags(
    metric: str, flags: Bools, groups: Grouping, people: Rows, policy: AuditPolicy, rng: np.random.Generator
) -> Iterator[Line]:
    measured = shares_of(metric, flags, groups.code, len(groups.names), policy.replicates, rng)
    (shown_by,) = rng.spawn(1)
    return lines(groups, people, measured, policy.answers, policy.smallest_denominator, Place(), shown_by)


def _one_a_person(person: Rows, rng: np.random.Generator) -> Rows:
    """Return one row of each person, rising."""
    order = rng.permutation(len(person))
    _, first = np.unique(person[order], return_index=True)
    return np.sort(order[first])


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
