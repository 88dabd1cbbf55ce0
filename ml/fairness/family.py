"""Findings of one scope: every group in every metric, judged together, so that being many they find no chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.contracts import AuditPolicy, Bools, Finding, Limits, Predictions, Rows, Scope, Verdict
from ml.contracts.audit import SCORES
from ml.disclosure import redact

from .compare import ACROSS, RATIO, beside, chances, compare, corrected, judge
from .counts import count, outcomes
from .groups import REST, Grouping
from .rates import Measured, rates
from .scores import binned, of_scores
from .shown import NOTHING, Shown, figures, kept

# Figures shown are of rounded counts, and beside a limit may say otherwise than the verdict: why → why all the same.
BY_EXACT_COUNTS = {
    "": "by the exact counts, which are not shown",
    ACROSS: "the interval of the exact counts, which is not shown, reaches across a limit",
}
LEAST_CHANCE = 0.001  # smaller ones are shown as 0


@dataclass(frozen=True)
class Place:
    """Where findings stand: of which scope, at which cut, in words, and of which people, "" for everyone."""

    scope: Scope = Scope.ATTRIBUTE
    cut: str = ""
    within: str = ""


@dataclass(frozen=True)
class Asked:
    """Rows of people, what was flagged of them (n,), and of which groups they are asked."""

    predictions: Predictions
    groupings: tuple[Grouping, ...]
    flagged: Bools
    place: Place


@dataclass(frozen=True)
class Line:
    """A group in a metric, measured and not judged yet: the interval that will be, by its limits; None: not judged.

    chance  not corrected yet for all that it is judged with; NaN where there is none
    """

    finding: Finding
    limits: Limits | None = None
    interval: tuple[float, float] = (np.nan, np.nan)
    chance: float = np.nan


def findings(
    asked: Sequence[Asked], policy: AuditPolicy, metrics: tuple[str, ...], rng: np.random.Generator
) -> list[Finding]:
    """Return what is found of the metrics, those of the policy's limits with a verdict; the reference has none.

    Chances are corrected over all that is asked here.
    """
    return judged([line for each in asked for line in _lines(each, policy, metrics, rng)])


def judged(lines: Sequence[Line]) -> list[Finding]:
    """Return the findings of lines that are judged together, in their order; those of one metric are one family."""
    metric = np.array([line.finding.metric for line in lines])
    chance = np.array([line.chance for line in lines], dtype=np.float64)
    for each in set(metric.tolist()):
        chance[metric == each] = corrected(chance[metric == each])
    return [_judged(line, raised) for line, raised in zip(lines, chance.tolist(), strict=True)]


def _judged(line: Line, chance: float) -> Finding:
    if line.limits is None:
        return line.finding
    known = bool(np.isfinite(chance))
    told, finding = chance if known else 1.0, line.finding
    verdict, why = judge(*line.interval, line.limits, told)
    ratio = line.limits.of == RATIO
    low, high = (finding.ratio_low, finding.ratio_high) if ratio else (finding.difference_low, finding.difference_high)
    if low is not None and high is not None and judge(low, high, line.limits, told)[0] is not verdict:
        why = BY_EXACT_COUNTS.get(why, why)
    return replace(finding, verdict=verdict, why=why, chance=_shown(chance) if known else None)


def _shown(chance: float) -> float:
    """Return a chance to two digits: more would tell the counts that it comes of."""
    return float(f"{chance:.2g}") if chance >= LEAST_CHANCE else 0.0


def _lines(asked: Asked, policy: AuditPolicy, metrics: tuple[str, ...], rng: np.random.Generator) -> Iterator[Line]:
    outcome, weight, person = outcomes(asked.predictions), asked.predictions.weight, asked.predictions.person
    several = None if pd.Index(person).is_unique else person
    known = binned(asked.predictions) if set(metrics) & set(SCORES) else None
    everyone = bool(np.all(asked.flagged))
    (shown_by,) = rng.spawn(1)  # what is shown must not depend on how many draws exact counts took
    for grouping in asked.groupings:
        groups = len(grouping.names)
        counts = count(grouping.code, groups, asked.flagged, outcome, weight, several)
        measured = [*rates(counts, metrics, policy.replicates, rng)]
        if known is not None:
            measured += of_scores(known, grouping.code, counts, metrics, policy.replicates, rng)
        for each in measured:
            limits = policy.limits.get(each.metric)
            why = "everyone is flagged" if everyone else ""
            fewest = policy.smallest_denominator
            yield from lines(grouping, counts.size, each, limits, fewest, asked.place, shown_by, why)


def lines(
    grouping: Grouping,
    people: Rows,
    measured: Measured,
    limits: Limits | None,
    fewest: int,
    place: Place,
    rng: np.random.Generator,
    refused: str = "",
) -> Iterator[Line]:
    """Yield what a metric shows of each group; without limits it is shown and not judged.

    people   (groups,) in each group
    fewest   people in the denominator that a verdict needs, on both sides
    rng      draws what is shown, from rounded counts alone
    refused  why nothing can be judged, if so
    """
    reference = grouping.reference
    judging, showing = kept(measured, fewest, rng)
    told = figures(compare(showing, reference, measured.metric not in SCORES))
    chance = np.full(len(people), np.nan) if limits is None else chances(judging, reference, limits)
    ends = None if limits is None else beside(judging, reference, limits.of)
    enough = np.minimum(measured.denominator, measured.denominator[reference]) >= fewest
    alone = "everyone is of this group" if len(grouping.names) == 1 else ""
    for group, name in enumerate(grouping.names):
        if name == REST or not people[group]:
            continue
        finding = _finding(grouping, group, redact(int(people[group])), measured.metric, told[group], place)
        if limits is None or ends is None or (group == reference and not alone):
            yield Line(finding)
        elif why := alone or refused or ("" if enough[group] else "too few people"):
            yield Line(replace(finding, verdict=Verdict.INSUFFICIENT, why=why))
        else:
            yield Line(finding, limits, (float(ends.low[group]), float(ends.high[group])), float(chance[group]))


def _finding(
    grouping: Grouping, group: int, people: int | None, metric: str, told: Mapping[str, Shown], place: Place
) -> Finding:
    """Return a group beside its reference; of the reference itself its own figures."""
    own, overall, beyond = told["own"], told["overall_ratio"], told["overall_difference"]
    itself = group == grouping.reference
    ratio, difference = (NOTHING, NOTHING) if itself else (told["ratio"], told["difference"])
    return Finding(
        grouping.attribute, grouping.names[group], people, metric, *own,
        grouping.names[grouping.reference], *ratio, None, "", *difference, *overall, *beyond, None,
        place.scope, place.cut, place.within,
    )  # fmt: skip
