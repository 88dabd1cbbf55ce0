"""Censored follow-up made usable: Kaplan–Meier shares and inverse-probability-of-censoring weights.

An exit and a censoring at the same time: the exit comes first. With that convention the weights of this
module and the Kaplan–Meier estimate agree exactly: the weighted mean of `outcome` is the Kaplan–Meier
share (Satten & Datta 2001). Oracle in the tests: scikit-survival.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ml.contracts import Bools, Floats, Interval, Spells
from ml.errors import DataError

Z95 = float(norm.ppf(0.975))


@dataclass(frozen=True)
class RiskTable:
    """Exits, censorings and spells at risk at each distinct duration, rising."""

    time: Floats
    exits: Floats
    censored: Floats
    at_risk: Floats


@dataclass(frozen=True)
class KnownOutcome:
    """Still unemployed at the horizon or not, with the weight of each spell; weight 0 means unknown."""

    outcome: Bools
    weight: Floats

    @property
    def known(self) -> Bools:
        """Where the outcome is known."""
        return self.weight > 0


def risk_table(spells: Spells) -> RiskTable:
    """Return who left and who was still there at each distinct duration."""
    time, place = np.unique(spells.duration, return_inverse=True)
    exits = np.bincount(place, weights=spells.exited, minlength=len(time)).astype(np.float64)
    leaving = np.bincount(place, minlength=len(time)).astype(np.float64)
    at_risk = leaving[::-1].cumsum()[::-1]
    return RiskTable(time, exits, leaving - exits, at_risk)


def share_unemployed(spells: Spells, horizon: float) -> Interval:
    """Return the Kaplan–Meier share still unemployed at the horizon, P(duration >= horizon).

    The interval is Greenwood's on the log–log scale, which stays within 0 and 1.
    """
    require_follow_up(spells, horizon)
    table = risk_table(spells)
    before = table.time < horizon
    exits, at_risk = table.exits[before], table.at_risk[before]
    share = float(np.prod(1 - exits / at_risk))
    if share in (0.0, 1.0):
        return Interval(share, share, share)
    variance = np.sum(exits / (at_risk * (at_risk - exits)))
    spread = Z95 * np.sqrt(variance) / abs(np.log(share))
    return Interval(share, share ** float(np.exp(spread)), share ** float(np.exp(-spread)))


def survival_curve(spells: Spells) -> tuple[Floats, Floats]:
    """Return the distinct durations and the Kaplan–Meier share still unemployed just after each."""
    table = risk_table(spells)
    return table.time, np.cumprod(1 - table.exits / table.at_risk).astype(np.float64)


def outcome_at(spells: Spells, horizon: float) -> KnownOutcome:
    """Return the outcome at the horizon and its censoring weight.

    Known are the spells that reached the horizon and the exits before it. A spell censored before the
    horizon has weight 0 and its mass is carried by those like it that were followed longer: each known
    spell weighs 1 / P(not censored before it became known). The weights sum to the number of spells.
    """
    require_follow_up(spells, horizon)
    table = risk_table(spells)
    staying = table.at_risk - table.exits
    kept = np.divide(staying - table.censored, staying, out=np.ones_like(staying), where=staying > 0)
    uncensored_before = np.concatenate([[1.0], np.cumprod(kept)])
    outcome = spells.duration >= horizon
    known = outcome | spells.exited
    known_at = np.minimum(spells.duration, horizon)
    probability = uncensored_before[np.searchsorted(table.time, known_at, side="left")]
    weight = np.divide(1.0, probability, out=np.zeros_like(probability), where=known & (probability > 0))
    return KnownOutcome(outcome, weight)


def require_follow_up(spells: Spells, horizon: float) -> None:
    """Raise DataError when no spell was followed to the horizon, so that nothing can be said of it."""
    every_exit_seen = len(spells.exited) > 0 and np.all(spells.exited)
    if not np.any(spells.duration >= horizon) and not every_exit_seen:
        longest = float(spells.duration.max(initial=0.0))
        raise DataError(
            f"no spell was followed to {horizon:g} units (the longest to {longest:g}): "
            "nothing can be learnt about that horizon; choose a shorter one or a longer extract"
        )
