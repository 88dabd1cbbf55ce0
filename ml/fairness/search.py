"""The worst-off groups of three attributes together, sought among half of the people and judged on the other half.

Whoever looks at thousands of groups finds one that looks bad, whatever the model does. Those who are judged here had no
part in the finding, so that no correction for the search is needed beyond that for the few that are judged.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from ml.contracts import Bools, Floats, Predictions
from ml.measures.shares import Z95

from .counts import Counts, count, outcomes
from .groups import REST, Grouping, together
from .rates import CONDITIONAL

METRIC = "false_positive_rate"
MOST_TRIPLES = 60  # of attributes: more are not looked at
JUDGED = 5  # groups that go on to be judged
ELSE = "everyone else"


def worst_off(
    predictions: Predictions, groupings: tuple[Grouping, ...], flagged: Bools, sought: Bools, fewest: int
) -> tuple[Grouping, ...]:
    """Return the groups of three attributes whose people were flagged in vain most surely, each against all others.

    sought  (n,) rows of people among whom they are sought; the others are to judge them
    fewest  people who found work in time, on either side, that a group must have
    """
    found, here = [], predictions[sought]
    outcome, chosen = outcomes(here), flagged[sought]
    several = None if pd.Index(here.person).is_unique else here.person
    for three in list(combinations(groupings, 3))[:MOST_TRIPLES]:
        whole = together(three, 2 * fewest)
        counts = count(whole.code[sought], len(whole.names), chosen, outcome, here.weight, several)
        bound = _least(counts, fewest)
        for group in np.flatnonzero(np.isfinite(bound)).tolist():
            if whole.names[group] != REST:
                found.append((bound[group], whole, group))
    found.sort(key=lambda each: (-each[0], each[1].attribute, each[1].names[each[2]]))
    return tuple(_against_all(whole, group) for _, whole, group in found[:JUDGED])


def _least(counts: Counts, fewest: int) -> Floats:
    """Return by how much, at least, each group's rate exceeds everyone's, on the log scale; NaN of too few."""
    hit, miss = CONDITIONAL[METRIC]
    hits, misses = counts.weight[:, *hit], counts.weight[:, *miss]
    people = counts.people(hit, miss)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, of_all = hits / (hits + misses), hits.sum() / (hits + misses).sum()
        error = np.sqrt((1 - rate) / (rate * people))
        return np.where(people >= fewest, np.log(rate / of_all) - Z95 * error, np.nan)


def _against_all(whole: Grouping, group: int) -> Grouping:
    return Grouping(whole.attribute, (whole.names[group], ELSE), np.where(whole.code == group, 0, 1), 1)
