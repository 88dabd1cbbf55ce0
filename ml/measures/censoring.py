"""Censored follow-up made usable: Kaplan–Meier shares and inverse-probability-of-censoring weights.

An exit and a censoring at the same time: the exit comes first. With that convention the weights of this
module and the Kaplan–Meier estimate agree exactly: the weighted mean of `outcome` is the Kaplan–Meier
share (Satten & Datta 2001). Oracle in the tests: scikit-survival.

A spell that was looked at late (entry > 0) is at risk from just after its entry: entry < t <= duration. It says
nothing of spells that ended before. Its weight is conditional on having been there to look at, G(entry) / G(t).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Bools, Floats, Interval, Rows, Spells
from ml.errors import DataError

from .shares import log_log_interval


@dataclass(frozen=True)
class RiskTable:
    """Exits, censorings and spells at risk at each distinct duration, rising."""

    time: Floats
    exits: Floats
    censored: Floats
    at_risk: Floats

    def from_entry(self, entry: Floats) -> Rows:
        """Return the first duration of the table at which those who were looked at so late can leave, (n,)."""
        return np.where(entry > 0, np.searchsorted(self.time, entry, side="right"), 0)


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
    """Return who left and who was still there at each distinct duration at which anybody was at risk."""
    spells = spells[followed(spells)]
    time, place = np.unique(spells.duration, return_inverse=True)
    exits = np.bincount(place, weights=spells.exited, minlength=len(time)).astype(np.float64)
    leaving = np.bincount(place, minlength=len(time)).astype(np.float64)
    at_risk = leaving[::-1].cumsum()[::-1]
    late = np.sort(spells.entry[spells.entry > 0])
    at_risk -= len(late) - np.searchsorted(late, time, side="left")  # those who had not entered yet
    return RiskTable(time, exits, leaving - exits, at_risk)


def followed(spells: Spells) -> Bools:
    """Return which spells were followed for any time: not those that ended, or were lost, as they were looked at.

    Whoever was looked at from the beginning is at risk there, too: a duration of 0 counts.
    """
    return np.asarray((spells.duration > spells.entry) | (spells.entry == 0))


def share_unemployed(spells: Spells, horizon: float) -> Interval:
    """Return the Kaplan–Meier share still unemployed at the horizon, P(duration >= horizon).

    With delayed entry it is still the share of all spells, from their beginning. The interval is Greenwood's.
    """
    require_follow_up(spells, horizon)
    table = risk_table(spells)
    before = table.time < horizon
    exits, at_risk = table.exits[before], table.at_risk[before]
    share = float(np.prod(1 - exits / at_risk))
    if share in (0.0, 1.0):
        return Interval(share, share, share)
    return log_log_interval(share, float(np.sqrt(np.sum(exits / (at_risk * (at_risk - exits))))))


def survival_curve(spells: Spells) -> tuple[Floats, Floats]:
    """Return the distinct durations and the Kaplan–Meier share still unemployed just after each."""
    table = risk_table(spells)
    return table.time, np.cumprod(1 - table.exits / table.at_risk).astype(np.float64)


def outcome_at(spells: Spells, horizon: float) -> KnownOutcome:
    """Return the outcome at the horizon and its censoring weight.

    Known are the spells that reached the horizon and the exits before it. A spell censored before the
    horizon has weight 0 and its mass is carried by those like it that were followed longer: each known
    spell weighs 1 / P(not censored from its entry until it became known). Without entries the weights sum to the
    number of spells. A spell that had reached the horizon when it was looked at leaves no question, and weighs 0.
    """
    require_follow_up(spells, horizon)
    table = risk_table(spells)
    staying = table.at_risk - table.exits
    kept = np.divide(staying - table.censored, staying, out=np.ones_like(staying), where=staying > table.censored)
    # Where all who stayed were censored (1 stands there), nobody's follow-up goes on: no weight spans that time.
    uncensored = np.concatenate([[1.0], np.cumprod(kept)])
    outcome = spells.duration >= horizon
    known = (outcome | spells.exited) & followed(spells) & spells.asked(horizon)
    known_at = np.minimum(spells.duration, horizon)
    before_known = uncensored[np.searchsorted(table.time, known_at, side="left")]
    since = table.from_entry(spells.entry)
    weight = np.divide(uncensored[since], before_known, out=np.zeros_like(before_known), where=known)
    return KnownOutcome(outcome, weight)


def require_follow_up(spells: Spells, horizon: float) -> None:
    """Raise DataError when no spell was followed to the horizon, so that nothing can be said of it."""
    asked = spells[spells.asked(horizon) & followed(spells)]
    every_exit_seen = len(asked.exited) > 0 and np.all(asked.exited)
    if not np.any(asked.duration >= horizon) and not every_exit_seen:
        longest = float(spells.duration.max(initial=0.0))
        raise DataError(
            f"no spell was followed to {horizon:g} units (the longest to {longest:g}): "
            "nothing can be learnt about that horizon; choose a shorter one or a longer extract"
        )
