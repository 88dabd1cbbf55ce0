"""The worst-off groups of three attributes together, sought among half of the people and judged on the other half.

Whoever looks at thousands of groups finds one that looks bad, whatever the model does. Those who are judged here had no
part in the finding, so that no correction for the search is needed beyond that for the few that are judged.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from ml.contracts import Bools, Floats, Predictions, Rows
from ml.measures.shares import Z95

from .counts import count, outcomes
from .groups import REST, Crossed, Grouping, crossed, together
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
    if len(groupings) < 3:
        return ()
    table = crossed(groupings)
    hits, misses, people = _counted(predictions, table, flagged, sought)
    found = []
    for three in list(combinations(table.parts, 3))[:MOST_TRIPLES]:
        whole = together(three, 2 * fewest, table.rows)
        groups = len(whole.names)
        of_groups = [np.bincount(whole.code, each, groups) for each in (hits, misses, people)]
        bound = _least(np.stack(of_groups).astype(np.float64), fewest)
        for group in np.flatnonzero(np.isfinite(bound)).tolist():
            if whole.names[group] != REST:
                found.append((bound[group], whole, group))
    found.sort(key=lambda each: (-each[0], each[1].attribute, each[1].names[each[2]]))
    return tuple(_against_all(whole, group, table) for _, whole, group in found[:JUDGED])


def _counted(predictions: Predictions, table: Crossed, flagged: Bools, sought: Bools) -> tuple[Floats, Floats, Rows]:
    """Return the weights of hits and of misses of each combination of groups, and their people; they are added up.

    People whose groups changed from one row to the next are counted with both.
    """
    here = predictions[sought]
    several = None if pd.Index(here.person).is_unique else here.person
    counts = count(table.code[sought], len(table.rows), flagged[sought], outcomes(here), here.weight, several)
    hit, miss = CONDITIONAL[METRIC]
    return counts.weight[:, *hit], counts.weight[:, *miss], counts.people(hit, miss)


def _least(counted: Floats, fewest: int) -> Floats:
    """Return by how much, at least, each group's rate exceeds everyone's, on the log scale; NaN of too few.

    counted  hits, misses and people of each group, (3, groups)
    """
    hits, misses, people = counted
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, of_all = hits / (hits + misses), hits.sum() / (hits + misses).sum()
        error = np.sqrt((1 - rate) / (rate * people))
        return np.where(people >= fewest, np.log(rate / of_all) - Z95 * error, np.nan)


def _against_all(whole: Grouping, group: int, table: Crossed) -> Grouping:
    code = np.where(whole.code == group, 0, 1)[table.code]
    return Grouping(whole.attribute, (whole.names[group], ELSE), code, 1)
