"""Mitigations side by side on the same people: what each finds, its gap, and what changes for whom.

Intervals are of influence functions, summed by person, as everywhere in `ml.measures`; those of differences are paired.
Cuts are taken as they fell: what a flag does is judged, and not how the cut was drawn. Oracles in the tests: fairlearn
for the rates, and a plain bootstrap of persons for the intervals.

Points differ by few people, and exact rates of two points would tell how many: each rate is what rounded counts give
(ml/disclosure.py), with its interval about that. Ratios and differences are of such rates; the intervals of changes are
wider by what rounding may have moved them, for there it is no small part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.contracts import Bools, Floats, Interval, Predictions
from ml.disclosure import THRESHOLD, redact
from ml.errors import DataError
from ml.measures.clusters import effective_persons
from ml.measures.ranking import auc, auc_gain
from ml.measures.shares import plain_interval, weighted_mean

from .gap import change_of, gap_of, groups_with
from .point import GroupChange, MitigationPoint, Uses
from .rate import Judged, Rate, difference, interval_of, rate_of, rounded

THOUSAND = 1000
TOO_FEW_TO_SHOW = "too few people to show all figures"


@dataclass(frozen=True)
class Candidate:
    """What a mitigation makes of the people who are judged.

    flagged  (n,)
    score    (n,) within 0–1; None: it flags and does not rank
    by_lot   share of people whose flag is drawn by lot
    """

    name: str
    uses: Uses
    flagged: Bools
    score: Floats | None = None
    by_lot: float = 0.0


def compare(candidates: Sequence[Candidate], judged: Judged) -> tuple[MitigationPoint, ...]:
    """Return a point for each candidate; the first is the model as it is, and the others are held against it.

    Raises DataError when a person has several rows, when rows do not match, when nobody has the outcome, and when
    nobody is of the reference group.
    """
    _check(candidates, judged)
    return tuple(_point(each, candidates[0], judged) for each in candidates)


def too_few(judged: Judged) -> tuple[str, ...]:
    """Return the groups, the reference among them, of whom too few left in time to compare false alarms."""
    enough = groups_with(judged, ~judged.people.outcome)
    return tuple(str(name) for name in np.unique(judged.group) if name not in enough)


def _point(candidate: Candidate, kept: Candidate, judged: Judged) -> MitigationPoint:
    people = judged.people
    known = people.weight > 0
    of_flagged, cases = known & candidate.flagged, known & people.outcome
    found = rate_of(judged, candidate.flagged, cases)
    before = rate_of(judged, kept.flagged, cases)
    precise = rate_of(judged, people.outcome, of_flagged)
    scored = kept.score is not None and candidate.score is not None
    wrong, was_wrong = (gap_of(judged, each.flagged, ~people.outcome) for each in (candidate, kept))
    missed, was_missed = (gap_of(judged, ~each.flagged, people.outcome) for each in (candidate, kept))
    return MitigationPoint(
        name=candidate.name,
        uses=candidate.uses,
        flagged_share=rounded(float(candidate.flagged.mean()), len(known)),
        by_lot=rounded(candidate.by_lot, len(known)),
        found=interval_of(found, people),
        found_change=difference(
            found.value - before.value, found.influence - before.influence, found.rounding + before.rounding, people
        ),
        precision=interval_of(precise, people),
        auc=None if candidate.score is None else auc(replace(people, score=candidate.score)),
        auc_change=auc_gain(replace(people, score=candidate.score), replace(people, score=kept.score))
        if scored and candidate.score is not None and kept.score is not None
        else None,
        gap=None if wrong is None else wrong.gap,
        gap_change=change_of(wrong, was_wrong, people),
        missed_gap=None if missed is None else missed.gap,
        missed_gap_change=change_of(missed, was_missed, people),
        groups=tuple(_group_changes(candidate, kept, judged)),
    )


def _group_changes(candidate: Candidate, kept: Candidate, judged: Judged) -> Iterator[GroupChange]:
    people = judged.people
    for name in np.unique(judged.group):
        rows = judged.group == name
        n, left = redact(int(rows.sum())), people.weight > 0
        if int(np.sum(rows & left & ~people.outcome)) < judged.fewest:
            why = f"fewer than {judged.fewest} people who left in time"
            yield GroupChange(str(name), n, why=why)
            continue
        wrong = _showable(rate_of(judged, candidate.flagged, rows & ~people.outcome), people)
        missed = _showable(rate_of(judged, ~candidate.flagged, rows & people.outcome), people)
        flags, in_vain, gone = _changes(candidate, kept, rows, people)
        why = TOO_FEW_TO_SHOW if None in (wrong, missed, flags, in_vain, gone) else ""
        yield GroupChange(str(name), n, wrong, missed, flags, in_vain, gone, why)


def _showable(rate: Rate, people: Predictions) -> Interval | None:
    return interval_of(rate, people) if rate.of >= THRESHOLD and rate.showable else None


def _changes(
    candidate: Candidate, kept: Candidate, rows: Bools, people: Predictions
) -> tuple[Interval | None, Interval | None, Interval | None]:
    """Return how many more of a group's people are flagged, flagged in vain, and missed, per 1,000.

    None where one to four people change sides. Those flagged in vain and those missed make up those flagged: where one
    of the two is withheld, so is the other, or it could be had by subtraction.
    """
    change = candidate.flagged.astype(np.float64) - kept.flagged
    flagged = _per_thousand(change, np.ones(len(rows)), rows, people)
    in_vain = _per_thousand(change * ~people.outcome, people.weight, rows, people)
    missed = _per_thousand(-change * people.outcome, people.weight, rows, people)
    return (flagged, None, None) if None in (flagged, in_vain, missed) else (flagged, in_vain, missed)


def _per_thousand(change: Floats, weight: Floats, rows: Bools, people: Predictions) -> Interval | None:
    """Return how many more per 1,000 people of a group; None where one to four people change sides."""
    rows = rows & (weight > 0)
    moved = int(np.count_nonzero(change[rows]))
    if 0 < moved < THRESHOLD:
        return None
    if not moved:
        away = 1 - 0.025 ** (1 / effective_persons(weight[rows], people.person[rows]))
        return Interval(0.0, -THOUSAND * away, THOUSAND * away)
    mean, error = weighted_mean(change[rows], weight[rows], people.person[rows])
    return plain_interval(THOUSAND * mean, THOUSAND * error)


def _check(candidates: Sequence[Candidate], judged: Judged) -> None:
    people, n = judged.people, len(judged.people.outcome)
    if len(np.unique(people.person)) < n:
        raise DataError("mitigation: a person has several rows; draw one of each, rows of a person are not independent")
    lengths = {len(judged.group), *(len(each.flagged) for each in candidates)}
    lengths |= {len(each.score) for each in candidates if each.score is not None}
    if lengths != {n}:
        raise DataError(
            f"mitigation: {', '.join(map(str, sorted(lengths - {n})))} flags, scores or groups beside {n} people; "
            "each person needs its own"
        )
    if judged.reference not in judged.group:
        raise DataError(
            f"mitigation: nobody is of the reference group {judged.reference!r}; name one of "
            f"{', '.join(map(repr, map(str, np.unique(judged.group))))}"
        )
    known = people.weight > 0
    if not (known & people.outcome).any() or not (known & ~people.outcome).any():
        raise DataError("mitigation: all people whose outcome is known have the same; there is nothing to find or miss")
