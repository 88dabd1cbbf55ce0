"""False-positive ratios of groups, universe by universe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.fits import at_landmark
from ml.contracts import Bools, Cohort, Floats, Interval, Part, Predictions, Role
from ml.contracts.audit import MISSING
from ml.measures.clusters import persons_among
from ml.measures.shares import ratio_interval, weighted_mean

FEWEST = 100  # persons who left in time, in either group; below, sampling alone spreads the ratios
WATCHED = ("gender", "age", "mother_tongue_group", "citizenship_group", "origin", "work_ability_limited")


@dataclass(frozen=True)
class Ratios:
    """A group's false-positive rate divided by its reference's.

    ratio  (universes,)
    first  of the first universe, with its interval
    """

    ratio: Floats
    first: Interval


def ratios(cohort: Cohort, test: Part, judged: Sequence[Predictions], flags: Bools) -> dict[str, Ratios]:
    """Return "attribute: group" → ratios to the contract's reference group, else to the largest, at registration.

    flags  (universes, rows at registration); groups of too few people are left out
    """
    rows = test.rows[at_landmark(test, cohort.contract.outcome, 0)]
    found = {}
    for column in cohort.contract.with_role(Role.PROTECTED):
        if column.name not in WATCHED:
            continue
        names = cohort.protected[column.name].iloc[rows].astype(object).fillna(MISSING).astype(str).to_numpy()
        said = judged[0]
        left = {group: (names == group) & ~said.outcome & (said.weight > 0) for group in sorted(set(names))}
        enough = {group: each for group, each in left.items() if persons_among(each, said.person) >= FEWEST}
        if not enough:
            continue
        reference = column.reference or max(enough, key=lambda group: int(enough[group].sum()))
        if reference not in enough:
            continue
        for group, each in enough.items():
            if group != reference:
                ratio = _ratios(said, flags, each, enough[reference])
                if np.isfinite(ratio.ratio).all() and (ratio.ratio > 0).all():
                    found[f"{column.name}: {group}"] = ratio
    return found


def _ratios(said: Predictions, flags: Bools, group: Bools, reference: Bools) -> Ratios:
    def rates(rows: Bools) -> Floats:
        weight = said.weight[rows]
        return np.asarray(flags[:, rows] @ weight / weight.sum())

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = rates(group) / rates(reference)
    errors = []
    for rows in (group, reference):
        value, error = weighted_mean(flags[0, rows].astype(np.float64), said.weight[rows], said.person[rows])
        errors.append(error / value if value else np.inf)
    return Ratios(ratio, ratio_interval(float(ratio[0]), math.hypot(*errors)))
