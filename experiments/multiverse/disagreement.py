"""How far universes agree on who is flagged, and which decision moves most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ml.contracts import Bools, Floats, Interval, Rows
from ml.measures.shares import share_interval, weighted_mean

from .universes import DECISIONS


def agreement(flags: Bools, person: Rows) -> dict[str, Interval]:
    """Return the shares of people who are flagged by all, by some and by no universe, and two figures more.

    flags  (universes, n)

    of_flagged_by_all  of those whom any universe flags, how many all flag
    ambiguous          of those whom the first universe flags, how many another one does not
    """
    times = flags.sum(axis=0)
    everybody, anybody = np.full(len(times), True), times > 0
    return {
        "all": _share(times == len(flags), everybody, person),
        "some": _share(anybody & (times < len(flags)), everybody, person),
        "none": _share(times == 0, everybody, person),
        "of_flagged_by_all": _share(times == len(flags), anybody, person),
        "ambiguous": _share(times < len(flags), flags[0], person),
    }


def _share(what: Bools, among: Bools, person: Rows) -> Interval:
    rows = np.flatnonzero(among)
    share, error = weighted_mean(what[rows].astype(np.float64), np.ones(len(rows)), person[rows])
    return share_interval(share, error, float(len(np.unique(person[rows]))))


def variance_shares(values: Floats, decisions: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """Return the share of the variance over universes that each decision explains alone; the rest is "together".

    values     (universes, k); shares are of the sum over the k columns
    decisions  of each universe; balanced, so that the shares add up

    All 0 where nothing varies.
    """
    middle = values.mean(axis=0)
    whole = float(np.sum((values - middle) ** 2))
    if whole <= 0:
        return dict.fromkeys([*DECISIONS, "together"], 0.0)
    found = {}
    for name, options in DECISIONS.items():
        explained = 0.0
        for option in options:
            rows = np.array([each[name] == option for each in decisions])
            if rows.any():
                explained += float(rows.sum() * np.sum((values[rows].mean(axis=0) - middle) ** 2))
        found[name] = explained / whole
    return {**found, "together": max(1 - sum(found.values()), 0.0)}
