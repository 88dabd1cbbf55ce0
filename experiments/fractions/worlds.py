"""Worlds in which columns go together and nobody falls into groups: how often groups are told of all the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from ml.contracts import Column, ColumnType, Floats, Role, Stock
from ml.models.fractions import Effort, fractions
from ml.progress import Say

PEOPLE = 2_000
FACTORS = (1, 2, 3)
EFFORT = Effort(numbers=range(2, 8), halves=8, twins=19, redraws=10)


def without_groups(worlds: int, say: Say) -> list[dict[str, Any]]:
    """Return, by the number of factors, in how many worlds groups were told of, with an exact 95 % interval."""
    found = []
    for factors in FACTORS:
        shown, stable = 0, 0
        for seed in range(worlds):
            say(f"worlds without groups: {factors} factors, {seed + 1} of {worlds}")
            answer = fractions(cloud(factors, np.random.default_rng([factors, seed])), seed, effort=EFFORT)
            shown += answer.chosen is not None
            stable += any(each.strength.value >= 0.8 for each in answer.tried)
        low, high = beta.ppf([0.025, 0.975], [shown, shown + 1], [worlds - shown + 1, worlds - shown])
        found.append({
            "factors": factors, "worlds": worlds, "stable_but_for_twins": stable, "shown": shown,
            "low": 0.0 if shown == 0 else round(float(low), 3), "high": round(float(high), 3),
        })  # fmt: skip
    return found


def cloud(factors: int, rng: np.random.Generator) -> Stock:
    """Return people from one normal cloud, seen through skewed counts, yes or no, choices and gaps."""
    hidden = rng.normal(size=(PEOPLE, factors))

    def seen() -> Floats:
        return np.asarray(hidden @ (0.8 * rng.normal(size=factors)) + rng.normal(size=PEOPLE))

    def choice() -> Any:
        return np.array(list("abcd"), dtype=object)[np.column_stack([seen() for _ in range(4)]).argmax(axis=1)]

    columns: dict[str, Any] = {f"days_{i}": np.floor(np.maximum(np.exp(seen()) - 1, 0) * 60) for i in range(6)}
    columns |= {f"is_{i}": (seen() > 0.7 * rng.normal()).astype(np.float64) for i in range(4)}
    columns |= {f"kind_{i}": choice() for i in range(3)}
    columns["months"] = np.where(seen() > 1, np.nan, np.floor(np.exp(seen()) * 10))
    kinds = {"days": ColumnType.NUMBER, "is": ColumnType.BOOLEAN, "kind": ColumnType.CATEGORY}
    declared = tuple(
        Column(name, kinds.get(name.split("_")[0], ColumnType.NUMBER), Role.FEATURE, missing_allowed=True)
        for name in columns
    )
    return Stock("cloud", declared, pd.DataFrame(columns), date(2020, 1, 31), "", "")
