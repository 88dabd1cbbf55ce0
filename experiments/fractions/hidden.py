"""Whether groups differ in the employability that only nature knows: asked of the oracle here, and nowhere else.

The planning cohort is tied back to nobody, so its people cannot be asked about. The ltu-risk cohort of the register
can: each person's last look at a spell under way stands for them, with the columns of the planning cohort.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.model_selection import cross_val_predict
from threadpoolctl import threadpool_limits

from experiments.oracle import read_spells
from ml.contracts import Cohort, Floats
from ml.errors import DataError
from ml.models.fractions.axes import number_of_axes
from ml.models.fractions.coding import Coded, code
from ml.models.fractions.partition import fit_partition
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract
from ml.register.pseudonymise import KEY, read_key

PURPOSE = "ltu-risk"
RECENT_DAYS = 31


def employability(registers: Path, seed: int, names: Collection[str], groups: int) -> dict[str, Any]:
    """Return mean latent employability by group, and the share of its variance that lies between groups.

    names   of the columns that people are grouped by; groups  how many
    Beside it what the columns could tell at most (boosted trees, five folds), and what groups dealt at random tell.
    """
    of = registers / f"s{seed}"
    cohort = build_cohort(read_contract(of / "cohort" / "cohort.toml"), of / "cohort")
    hidden = _hidden(registers, of)
    rows = _under_way(cohort)
    known = ~np.isnan(hidden[rows])
    rows, rng = rows[known], np.random.default_rng(seed)
    columns = [column for column in cohort.contract.inputs if column.name in names]
    with threadpool_limits(1):
        coded = code(cohort.features.iloc[rows].reset_index(drop=True), columns)
        sample = rng.permutation(len(coded))[:10_000]
        axes = number_of_axes(Coded(coded.matrix[sample], coded.column, coded.columns), rng)
        group = fit_partition(coded.matrix, axes, groups, rng, 20).groups(coded.matrix)
    value = hidden[rows]
    trees = LGBMRegressor(n_estimators=200, num_leaves=15, learning_rate=0.05, n_jobs=1, verbose=-1, random_state=seed)
    told = cross_val_predict(trees, coded.matrix, value, cv=5)
    sizes = np.bincount(group)
    return {
        "people": len(rows),
        "groups": [
            {"people": int(sizes[each]), "mean": round(float(value[group == each].mean()), 2),
             "half_width": round(1.96 * float(value[group == each].std() / np.sqrt(sizes[each])), 2),
             "deviation": round(float(value[group == each].std()), 2)}
            for each in np.argsort(-sizes)
        ],
        "deviation_of_everybody": round(float(value.std()), 2),
        "between_groups": round(_between(value, group), 3),
        "between_groups_at_random": round(_between(value, rng.permutation(group)), 4),
        "told_by_all_columns": round(1 - float(((value - told) ** 2).mean() / value.var()), 3),
    }  # fmt: skip


def _between(value: Floats, group: Any) -> float:
    """Return the share of variance between groups (eta squared)."""
    means = np.bincount(group, weights=value) / np.bincount(group)
    return float(means[group].var() / value.var())


def _under_way(cohort: Cohort) -> Any:
    """Return the row of each person's last look at a spell under way at the end of follow-up."""
    if cohort.start is None:
        raise DataError(f"{cohort.contract.name}: no start of spells; name the cohort of a register")
    ends = cohort.start + cohort.duration.astype("timedelta64[D]")
    rows = np.flatnonzero(~cohort.exited & (ends >= ends.max() - np.timedelta64(RECENT_DAYS, "D")))
    order = rows[np.lexsort((cohort.entry[rows], cohort.start[rows], cohort.person[rows]))]
    last = np.r_[cohort.person[order][1:] != cohort.person[order][:-1], True]
    return order[last]


def _hidden(registers: Path, of: Path) -> Floats:
    """Return the employability of each row's person, (n,); NaN where the oracle does not know them."""
    spells = read_spells(of / "raw")[["identity_code", "employability"]].drop_duplicates("identity_code")
    pseudonymiser = read_key({f"{KEY}_FILE": str(registers / "key")}).for_purpose(PURPOSE)
    of_person = pd.Series(spells["employability"].to_numpy(), pseudonymiser.pseudonyms(spells["identity_code"]))
    rows = pd.read_parquet(of / "cohort" / "inputs.parquet", columns=["pseudonym"])
    return np.asarray(rows["pseudonym"].map(of_person).to_numpy(dtype=np.float64))
