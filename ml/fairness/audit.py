"""The audit: each group of each protected attribute beside its reference, and groups of several attributes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import Audit, AuditPolicy, Bools, Finding, Flip, Predictions, Proxy, Scope, Verdict
from ml.contracts.audit import DIRECT_USE, RATES, SCORES
from ml.disclosure import redact
from ml.errors import DataError, InputError
from ml.fairness.compare import worst
from ml.fairness.cut import check_scores, cut
from ml.fairness.family import Asked, Place, findings
from ml.fairness.groups import Grouping, grouping, together
from ml.fairness.search import METRIC, worst_off
from ml.fairness.shown import share_of, total

METRICS = (*RATES, *SCORES)
SMALL_PARTS = 4  # an intersection stands alone where it has so many times the people that a rate needs


def audit(
    predictions: Predictions,
    protected: pd.DataFrame,
    references: Mapping[str, str | None],
    policy: AuditPolicy,
    rng: np.random.Generator,
    direct_use: tuple[str, ...] = (),
    *,
    bands: Mapping[str, Bools] | None = None,
    within: Mapping[Scope, NDArray[np.str_]] | None = None,
    proxies: tuple[Proxy, ...] = (),
    flips: tuple[Flip, ...] = (),
) -> Audit:
    """Return what the predictions mean for each group; the same rows and the same `rng` give the same audit.

    protected   n × attributes, row by row beside the predictions; names of groups, not known being "missing"
    references  attribute → the group that others are compared with; None or not named: the largest group
    direct_use  protected attributes that are also inputs of the model
    bands       cuts beside those of the capacities: words → (n,) who is flagged by it
    within      Scope.LANDMARK or Scope.PERIOD → (n,) in words, of which landmark or time each row is

    A person may have several rows: all count, and intervals are as wide as people drawn with all their rows make them.
    To draw one row of each would be unfair to figures: who left early has fewer of them.

    Raises DataError when a named attribute or reference is not there, when rows do not match, and when a
    score or weight cannot be one; InputError when the policy cannot be carried out.
    """
    _check_policy(policy)
    _check_predictions(predictions)
    _check_protected(predictions, protected, {*references, *direct_use})
    groupings = tuple(grouping(protected[name], references.get(str(name))) for name in protected.columns)
    flagged, words = _flagged(predictions, policy.capacity), capacity_words(policy.capacity)
    asked = Asked(predictions, groupings, flagged, Place(cut=words))
    found = _everyone(asked, policy, rng) + _further(asked, bands or {}, policy, rng)
    for scope, of_rows in (within or {}).items():
        found += findings(_parts(scope, asked, of_rows, policy), policy, _metrics(policy), rng)
    _, persons = np.unique(predictions.person, return_index=True)
    people = total(len(persons), (each[persons].sizes for each in groupings))
    judged = (*map(_direct, direct_use), *(each for each in found if each.verdict is not None))
    return Audit(
        verdict=worst(each.verdict for each in judged if each.verdict is not None),
        findings=judged,
        capacity=policy.capacity,
        selected_share=round(share_of(int(flagged.sum()), len(flagged)), 3),
        direct_use=direct_use,
        warnings=tuple(_warnings(predictions, groupings, flagged, direct_use, policy)),
        figures=tuple(each for each in found if each.verdict is None),
        proxies=proxies,
        flips=flips,
        people=people,
        rows=people if len(persons) == len(predictions.score) else redact(len(predictions.score)),
    )


def _direct(attribute: str) -> Finding:
    """Return the finding that an attribute is an input: whatever its rates, people are treated unlike by it."""
    return Finding(attribute, "", None, DIRECT_USE, None, None, None, "", None, None, None, Verdict.FAIL)


def _everyone(asked: Asked, policy: AuditPolicy, rng: np.random.Generator) -> list[Finding]:
    """Return the findings at the main cut: of each attribute, of two together, and of the worst off of three."""
    metrics, fewest = _metrics(policy), SMALL_PARTS * policy.smallest_denominator
    several = tuple(each for each in asked.groupings if len(each.names) > 1)
    found = findings([asked], policy, metrics, rng)
    pairs = tuple(together(pair, fewest) for pair in combinations(several, 2))
    place = Place(Scope.INTERSECTION, asked.place.cut)
    found += findings([replace(asked, groupings=pairs, place=place)], policy, metrics, rng)
    persons, place_of = np.unique(asked.predictions.person, return_inverse=True)
    sought = (rng.random(len(persons)) < 0.5)[place_of]
    three = worst_off(asked.predictions, several, asked.flagged, sought, policy.smallest_denominator)
    judging = tuple(each[~sought] for each in three)
    place = Place(Scope.SEARCHED, asked.place.cut)
    others = Asked(asked.predictions[~sought], judging, asked.flagged[~sought], place)
    return found + findings([others], policy, (METRIC,), rng)


def _further(asked: Asked, bands: Mapping[str, Bools], policy: AuditPolicy, rng: np.random.Generator) -> list[Finding]:
    """Return the findings at every other cut: of what does not depend on a cut there is none."""
    people, others = asked.predictions, [each for each in policy.capacities if each != policy.capacity]
    cuts = {**{capacity_words(each): _flagged(people, each) for each in others}, **bands}
    at_cuts = [replace(asked, flagged=each, place=Place(Scope.CUT, name)) for name, each in cuts.items()]
    return findings(at_cuts, policy, tuple(each for each in _metrics(policy) if each in RATES), rng)


def _parts(scope: Scope, asked: Asked, of_rows: NDArray[np.str_], policy: AuditPolicy) -> list[Asked]:
    """Return the people of each landmark or quarter; at the cut of their own, for help is given among them."""
    found = []
    for part in np.unique(of_rows).tolist():
        rows = np.flatnonzero(of_rows == part)
        people, groups = asked.predictions[rows], tuple(each[rows] for each in asked.groupings)
        place = replace(asked.place, scope=scope, within=part)
        found.append(Asked(people, groups, _flagged(people, policy.capacity), place))
    return found


def _flagged(people: Predictions, capacity: float) -> Bools:
    return np.asarray(people.score >= cut(people.score, capacity))


def capacity_words(capacity: float) -> str:
    """Return what a cut flags, in words."""
    return f"highest {capacity:.0%}"


def _metrics(policy: AuditPolicy) -> tuple[str, ...]:
    return (*policy.limits, *(each for each in policy.shown if each not in policy.limits))


# ---------------------------------------------------------------- doubts


def _warnings(
    predictions: Predictions,
    groupings: tuple[Grouping, ...],
    flagged: Bools,
    direct_use: tuple[str, ...],
    policy: AuditPolicy,
) -> list[str]:
    found = [f"{name}: marked direct use: this protected attribute is an input of the model" for name in direct_use]
    if not groupings:
        found.append("no protected attribute was declared: nothing could be audited")
    found += [
        f"{each.attribute}: everyone is of the group {each.names[0]!r}: there is nothing to compare"
        for each in groupings
        if len(each.names) == 1
    ]
    found += [
        f"{each.attribute}: the reference group {each.names[each.reference]!r} has fewer than "
        f"{policy.smallest_denominator} people: little can be said of the others"
        for each in groupings
        if each.sizes[each.reference] < policy.smallest_denominator
    ]
    if flagged.all():
        found.append(_why_everyone(predictions, policy))
    return found


def _why_everyone(predictions: Predictions, policy: AuditPolicy) -> str:
    if np.ptp(predictions.score) == 0:
        return "all scores are equal: the cut selects everyone, and nothing can be said of any group"
    return f"the cut at capacity {policy.capacity:g} selects everyone: nothing can be said of any group"


# ---------------------------------------------------------------- what must hold before


def _check_policy(policy: AuditPolicy) -> None:
    unknown = sorted({*policy.limits, *policy.shown} - set(METRICS))
    if unknown or not policy.limits:
        raise InputError(
            f"policy, audit: {', '.join(map(repr, unknown)) or 'no metric'}; set limits for at least one of "
            f"{', '.join(METRICS)}"
        )
    capacities = (policy.capacity, *policy.capacities)
    if policy.replicates < 1 or not all(0 < each <= 1 for each in capacities):
        raise InputError("policy, audit: replicates must be at least 1, and capacities over 0 and at most 1")


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
