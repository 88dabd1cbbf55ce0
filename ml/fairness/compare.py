"""Each group beside its reference and beside everyone: ratios and differences, and how sure they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ml.contracts import Floats, Limits, Verdict

from .rates import Measured
from .scores import AUC

PERCENTILES = (2.5, 97.5)
ACROSS = "the interval reaches across a limit"
RATIO, DIFFERENCE = "ratio", "difference"
FALSE_ALARMS = 0.05  # of findings that fail, the share that may be chance (Benjamini & Hochberg 1995)
WORST_FIRST = (Verdict.FAIL, Verdict.INSUFFICIENT, Verdict.PASS)


@dataclass(frozen=True)
class Figures:
    """A figure of each group with its 95 % interval, (groups,) each; NaN where there is none."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Compared:
    """One metric of each group: its own figure, and what it is to the reference and to everyone.

    bounds  between which the metric must lie
    """

    own: Figures
    ratio: Figures
    difference: Figures
    overall_ratio: Figures
    overall_difference: Figures
    bounds: tuple[float, float]


def compare(measured: Measured, reference: int, ratios: bool) -> Compared:
    """Return the figures of a metric; `ratios`: the metric is one that can be divided.

    Groups are drawn independently of each other: any pairing of their draws is as good. Everyone's draws are the sum of
    the groups' draws, so that a group is compared with the whole it is part of.
    """
    value, draws, of_all = measured.value, measured.draws, measured.of_all
    bounds = (0.0, 1.0) if measured.hits is not None or measured.metric == AUC else (-np.inf, np.inf)
    nothing = Figures(*(np.full(len(value), np.nan) for _ in range(3)))
    ratio, overall, beyond = nothing, nothing, nothing
    difference = beside(measured, reference, DIFFERENCE)
    if ratios:
        ratio = beside(measured, reference, RATIO)
    with np.errstate(divide="ignore", invalid="ignore"):
        if of_all is not None:
            beyond = _interval(value - of_all[0], draws - of_all[1], -np.inf, np.inf)
        if of_all is not None and ratios:
            overall = _interval(value / of_all[0], draws / of_all[1], 0.0, np.inf)
    return Compared(_interval(value, draws, *bounds), ratio, difference, overall, beyond, bounds)


def beside(measured: Measured, reference: int, of: str) -> Figures:
    """Return what a metric of each group is to that of the reference: RATIO or DIFFERENCE."""
    value, draws = measured.value, measured.draws
    with np.errstate(divide="ignore", invalid="ignore"):
        if of == RATIO:
            return _interval(value / value[reference], draws / draws[reference], 0.0, np.inf)
        return _interval(value - value[reference], draws - draws[reference], -np.inf, np.inf)


def _interval(value: Floats, draws: Floats, lowest: float, highest: float) -> Figures:
    """Return percentile intervals about values; an undefined draw could be anything: it widens both sides."""
    undefined = np.isnan(draws)
    with np.errstate(invalid="ignore"):  # between two infinite draws numpy finds NaN
        if undefined.any():
            low = np.percentile(np.where(undefined, lowest, draws), PERCENTILES[0], axis=1)
            high = np.percentile(np.where(undefined, highest, draws), PERCENTILES[1], axis=1)
        else:
            low, high = np.percentile(draws, PERCENTILES, axis=1)
    low, high = np.where(np.isnan(low), lowest, low), np.where(np.isnan(high), highest, high)
    nothing = np.isnan(value)
    return Figures(value, np.where(nothing, np.nan, np.minimum(low, value)),
                   np.where(nothing, np.nan, np.maximum(high, value)))  # fmt: skip


def chances(measured: Measured, reference: int, limits: Limits) -> Floats:
    """Return how often a gap beyond the limits, this sure, would come up by chance where it is just at one, (groups,).

    Of a ratio on the log scale; the tail is normal: draws alone could not tell one in a thousand from one in a million.
    Of a rate of none or all, which has no log or hardly an error, it is the chance of that exactly.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if limits.of == RATIO:
            value, draws = np.log(measured.value / measured.value[reference]), np.log(measured.draws)
            error = np.sqrt(_variance(draws) + _variance(draws[reference][None, :]))
            low, high = np.log(limits.low), np.log(limits.high)
        else:
            value = measured.value - measured.value[reference]
            error = np.sqrt(_variance(measured.draws) + _variance(measured.draws[reference][None, :]))
            low, high = limits.low, limits.high
        found = 2 * np.minimum(norm.cdf((value - low) / error), norm.sf((value - high) / error))
    if measured.worth is not None:
        of_reference = measured.draws[reference]
        least, most = (
            np.clip(of_reference * end if limits.of == RATIO else of_reference + end, 0, 1)
            for end in (limits.low, limits.high)
        )
        for end, away in ((0, 1 - least), (1, most)):
            for group in np.flatnonzero(measured.value == end):
                found[group] = 2 * np.mean(away ** measured.worth[group])
    return np.where(np.isnan(found), np.nan, np.minimum(found, 1.0))


def _variance(draws: Floats) -> Floats:
    """Return the variance of each group's draws, of those that are numbers; infinite where many are none."""
    finite = np.isfinite(draws)
    count = finite.sum(axis=1)
    kept = np.where(finite, draws, 0.0)
    mean = kept.sum(axis=1) / np.maximum(count, 1)
    spread = np.where(finite, (draws - mean[:, None]) ** 2, 0.0).sum(axis=1) / np.maximum(count - 1, 1)
    return np.where(count > 0.9 * draws.shape[1], spread, np.inf)


def corrected(chances: Floats) -> Floats:
    """Return the chances, corrected for there being so many (Benjamini & Hochberg 1995); NaN stays NaN.

    Only figures that lie beyond a limit can fail, and only those count as many: a chance below 1 is the chance of being
    so far beyond, given that it is beyond, and of those given this no more than a twentieth are below 0.05 where the
    truth is at the limit or within (Zhao, Small & Su 2019, Multiple testing when many p-values are uniformly
    conservative). What lies within its limits has a chance of 1.
    """
    found = np.where(np.isnan(chances), np.nan, 1.0)
    beyond = np.flatnonzero(chances < 1)
    order = beyond[np.argsort(chances[beyond])]
    raised = chances[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return found


def judge(low: float, high: float, limits: Limits, chance: float = 0.0) -> tuple[Verdict, str]:
    """Return pass when the whole interval lies within the limits, fail when all of it lies on one side, and why not.

    chance  corrected for all that was compared with it; a gap that may be chance is no failure, and no pass either
    """
    if not np.isfinite([low, high]).all():
        return Verdict.INSUFFICIENT, "the interval has no end"
    if limits.low <= low and high <= limits.high:
        return Verdict.PASS, ""
    if high < limits.low or low > limits.high:
        if chance <= FALSE_ALARMS:
            return Verdict.FAIL, ""
        return Verdict.INSUFFICIENT, "may be chance, of so many that were compared"
    return Verdict.INSUFFICIENT, ACROSS


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst: fail, then insufficient, then pass. Of nothing at all: insufficient."""
    seen = set(verdicts) or {Verdict.INSUFFICIENT}
    return next(verdict for verdict in WORST_FIRST if verdict in seen)
