"""The gap: the group whose rate is furthest from the reference's, in either direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ml.contracts import Bools, Floats, Interval, Predictions
from ml.measures.clusters import standard_error
from ml.measures.shares import Z95

from .point import Gap
from .rate import Judged, Rate, difference, interval_of, rate_of


@dataclass(frozen=True)
class Found:
    """A gap, with what each row moves the logarithm of `times` by, and what rounding may have moved it by."""

    gap: Gap
    influence: Floats
    rounding: float


def gap_of(judged: Judged, hit: Bools, among: Bools) -> Found | None:
    """Return the gap of the furthest group; None where there is no group to compare, or a rate cannot be shown.

    A group that cannot be shown is no reason to pass it over: then there is no gap to tell, which is never a good one.
    """
    enough = groups_with(judged, among)
    others = [name for name in enough if name != judged.reference]
    if judged.reference not in enough or not others:
        return None
    rates = {name: rate_of(judged, hit, among & (judged.group == name)) for name in enough}
    if not all(rate.showable for rate in rates.values()):
        return None
    reference = rates[judged.reference]
    # Each interval holds its group's with 1 - 0.05 / groups; so the largest of them all is held with 0.95 or more.
    z = float(norm.ppf(1 - 0.025 / len(others)))
    every = [_log_ratio(rates[name], reference, judged.people, z) for name in others]
    furthest = int(np.argmax([abs(each.value) for each in every]))
    times = [_away_from_one(each) for each in every]
    alone = _log_ratio(rates[others[furthest]], reference, judged.people, Z95)
    gap = Gap(
        str(others[furthest]),
        _exp(alone),
        _exp(Interval(times[furthest].value, max(each.low for each in times), max(each.high for each in times))),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        both = rates[others[furthest]], reference
        of, against = (each.influence / each.value for each in both)
        rounding = float(sum(np.float64(each.rounding) / each.value for each in both))
    return Found(gap, np.sign(alone.value) * (of - against), rounding)


def groups_with(judged: Judged, among: Bools) -> list[str]:
    """Return the groups, in alphabetical order, with enough people among some rows whose outcome is known."""
    known = judged.people.weight > 0
    return [
        str(name)
        for name in np.unique(judged.group)
        if int(np.sum(known & among & (judged.group == name))) >= judged.fewest
    ]


def _log_ratio(rate: Rate, reference: Rate, people: Predictions, z: float) -> Interval:
    """Return the logarithm of a ratio of two groups' rates; infinite where one of them is 0.

    A rate of 0 is not known to be 0: the near end is that of its Clopper–Pearson bound.
    """
    if rate.value > 0 and reference.value > 0:
        value = float(np.log(rate.value / reference.value))
        error = standard_error(rate.influence / rate.value - reference.influence / reference.value, people.person)
        return Interval(value, value - z * float(error), value + z * float(error))
    if rate.value == reference.value:
        return Interval(0.0, -np.inf, np.inf)
    of, against = (interval_of(each, people) for each in (rate, reference))
    if rate.value == 0:
        return Interval(-np.inf, -np.inf, float(np.log(of.high / against.low)))
    return Interval(np.inf, float(np.log(of.low / against.high)), np.inf)


def _away_from_one(log_ratio: Interval) -> Interval:
    """Return the interval of how far a ratio is from 1 in either direction, as a logarithm, 0 or more."""
    ends = abs(log_ratio.low), abs(log_ratio.high)
    within = log_ratio.low <= 0 <= log_ratio.high
    return Interval(abs(log_ratio.value), 0.0 if within else min(ends), max(ends))


def _exp(interval: Interval) -> Interval:
    return Interval(*(float(np.exp(each)) for each in (interval.value, interval.low, interval.high)))


def change_of(now: Found | None, before: Found | None, people: Predictions) -> Interval | None:
    """Return one gap divided by another of the same people, paired."""
    if now is None or before is None or not np.isfinite([now.gap.times.value, before.gap.times.value]).all():
        return None
    value = float(np.log(now.gap.times.value / before.gap.times.value))
    return _exp(difference(value, now.influence - before.influence, now.rounding + before.rounding, people))
