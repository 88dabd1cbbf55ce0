"""Three ways to exact explanations of trees, on as many people as were unemployed in Helsinki in May 2020.

One run, one machine, in turn: LightGBM's own `pred_contrib`, shap's TreeExplainer (its own algorithm, not LightGBM's,
to which it would hand the work over), woodelf_explainer. Path-dependent SHAP values of a model as it is trained; an
explanation is exact when it is within 1e-6 of LightGBM's for every person and input, and with the base within 1e-6 of
the margin for every person: what `ml.models.explain` demands of each hint.

    python -m experiments.benchmarks.explanations [--cohort FOLDER] [--rows N] [--runs N] [--json]
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import shap
import woodelf

from ml.contracts import Floats
from ml.models.encode import fit_encoder
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.split import split
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

from .people import as_many, cohort_folder, question

SEED = 1
EXACT = 1e-6


def main() -> None:
    """Print the medians, the ratios and the largest differences."""
    arguments = question(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.cohort or cohort_folder(Path(scratch), arguments.target_group, SEED)
        booster, codes = _model(folder, arguments.rows)
    figures = measure(booster, codes, arguments.runs)
    if arguments.json:
        print(json.dumps(figures))
        return
    print(f"explaining {figures['rows']} people by {figures['inputs']} inputs, {figures['trees']} trees, medians of "
          f"{figures['runs']} runs")  # fmt: skip
    for name, found in figures["methods"].items():
        print(
            f"  {name:<20}{found['seconds']:8.2f} s ({found['cpu_seconds']:.2f} s of work)   {found['ratio']:5.2f} × "
            f"pred_contrib   difference {found['largest_difference']:.1e}, gap to the margin "
            f"{found['largest_gap_to_margin']:.1e}: {'' if found['exact'] else 'not '}exact"
        )


def measure(booster: lgb.Booster, codes: Floats, runs: int) -> dict[str, Any]:
    """Return the figures; the ways are timed in turn."""
    ways: dict[str, Callable[[lgb.Booster, Floats], Floats]] = {
        "pred_contrib": _by_lightgbm,
        "shap.TreeExplainer": _by_shap,
        "woodelf_explainer": _by_woodelf,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    values: dict[str, Floats] = {}
    for _ in range(runs):
        for name, way in ways.items():
            began, worked = time.perf_counter(), time.process_time()
            values[name] = way(booster, codes)
            seconds[name].append(time.perf_counter() - began)
            cpu[name].append(time.process_time() - worked)
    reference, bare = values["pred_contrib"], median(seconds["pred_contrib"])
    base = np.asarray(booster.predict(codes[:1], pred_contrib=True))[0, -1]
    margin = np.asarray(booster.predict(codes, raw_score=True))
    differences = {name: float(np.abs(each - reference).max()) for name, each in values.items()}
    gaps = {name: float(np.abs(each.sum(axis=1) + base - margin).max()) for name, each in values.items()}
    return {
        "rows": len(codes),
        "inputs": codes.shape[1],
        "trees": booster.num_trees(),
        "runs": runs,
        "methods": {
            name: {
                "seconds": median(seconds[name]),
                "cpu_seconds": median(cpu[name]),  # of all cores: hardly changes with what else the machine does
                "ratio": median(seconds[name]) / bare,
                "largest_difference": differences[name],
                "largest_gap_to_margin": gaps[name],
                "exact": max(differences[name], gaps[name]) <= EXACT,
            }
            for name in ways
        },
    }


def _model(folder: Path, rows: int) -> tuple[lgb.Booster, Floats]:
    """Return the booster of the main horizon, and the codes of so many people."""
    contract = read_contract(folder / "cohort.toml")
    cohort = build_cohort(contract, folder)
    train = split(cohort, SEED).train
    encoder = fit_encoder(cohort.features.iloc[train.rows], contract.inputs)
    codes = encoder.learnable(encoder.frame(cohort.features))
    scorer = fit_trees(codes[train.rows], train.spells, (contract.outcome.horizon,), SEED, TreeSettings())
    return scorer.boosters[0], as_many(codes, rows, SEED)


def _by_lightgbm(booster: lgb.Booster, codes: Floats) -> Floats:
    return np.asarray(booster.predict(codes, pred_contrib=True))[:, :-1]


def _by_shap(booster: lgb.Booster, codes: Floats) -> Floats:
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    explainer.model.model_type = "internal"
    return np.asarray(explainer.shap_values(codes))


def _by_woodelf(booster: lgb.Booster, codes: Floats) -> Floats:
    explainer = woodelf.WoodelfExplainer(booster, feature_perturbation="tree_path_dependent")
    return np.asarray(explainer.shap_values(pd.DataFrame(codes, columns=booster.feature_name()), verbose=False))


if __name__ == "__main__":
    main()
