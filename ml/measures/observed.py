"""The share of people still unemployed at a horizon, as it was observed."""

from __future__ import annotations

from ml.contracts import Interval, Part

from .censoring import outcome_at, share_unemployed
from .shares import log_log_interval, weighted_mean


def observed_share(part: Part, horizon: float) -> Interval:
    """Return the share still unemployed at the horizon among the rows for which it is a question.

    Without delayed entry the Kaplan–Meier share. With it the weighted mean of the outcome: what Kaplan and Meier
    then estimate is the share of all spells from their beginning, which is not what the rows were asked.
    """
    if not part.spells.entry.any():
        return share_unemployed(part.spells, horizon)
    known = outcome_at(part.spells, horizon)
    share, error = weighted_mean(known.outcome[known.known], known.weight[known.known], part.person[known.known])
    return log_log_interval(share, error / share) if share else Interval(share, share, share)
