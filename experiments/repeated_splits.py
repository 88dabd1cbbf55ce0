"""One cohort, many splits: how much of a result is one split's luck, and which model is best in truth.

    python -m experiments.repeated_splits --contract TOML --data FILE [--splits N] [--json]

Nothing is written: no run, no model, no card.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml.contracts import Cohort, Spells
from ml.measures.censoring import share_unemployed
from ml.models.split import split
from ml.models.train import train
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

BASE_RATE = "base_rate"


def main(argv: Sequence[str] | None = None) -> None:
    """Print a line a split, and the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--contract", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=20, metavar="N")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(argv)
    figures = measure(build_cohort(read_contract(asked.contract), asked.data), asked.splits)
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"whole file: {figures['whole_file']['value']:.3f} still unemployed at the horizon (Kaplan–Meier)")
    for line in figures["splits"]:
        aucs = ", ".join(f"{kind} {value:.3f}" for kind, value in line["auc"].items())
        print(f"split {line['seed']:>2}: kept {line['kept']}  AUC {aucs}  Brier {line['brier']:.4f}  "
              f"ICI {line['ici']:.3f}  slope {line['slope']:.2f}  observed {line['observed']:.3f}  "
              f"predicted {line['predicted']:.3f}")  # fmt: skip
    print("mean AUC: " + ", ".join(f"{kind} {value:.4f}" for kind, value in figures["auc"].items()))
    print(f"kept: {figures['kept']:.4f}, {figures['short_of_best']:+.4f} from the best, {figures['best']} "
          f"(standard deviation of a single split {figures['short_of_best_sd']:.4f})")  # fmt: skip
    print(f"means: ICI {figures['ici']:.3f}  observed {figures['observed']:.3f}  predicted {figures['predicted']:.3f}")


def measure(cohort: Cohort, splits: int) -> dict[str, Any]:
    """Return the figures of each split, and their means; `short_of_best` is how far the kept model is from the best."""
    lines = [_of_split(cohort, seed) for seed in range(1, splits + 1)]
    auc = {kind: _mean([line["auc"][kind] for line in lines]) for kind in lines[0]["auc"]}
    kept = np.array([line["auc"][line["kept"]] for line in lines])
    best = max(auc, key=lambda kind: auc[kind])
    short = kept - np.array([line["auc"][best] for line in lines])
    whole = share_unemployed(Spells(cohort.duration, cohort.exited), cohort.contract.outcome.horizon)
    return {
        "whole_file": {"value": whole.value, "low": whole.low, "high": whole.high},
        "splits": lines,
        "auc": auc,
        "kept": float(kept.mean()),
        "best": best,
        "short_of_best": float(short.mean()),
        "short_of_best_sd": float(short.std(ddof=1)) if splits > 1 else 0.0,
        **{key: _mean([line[key] for line in lines]) for key in ("ici", "observed", "predicted")},
    }


def _of_split(cohort: Cohort, seed: int) -> dict[str, Any]:
    outcome = cohort.contract.outcome
    trained = train("experiment", cohort.features, cohort.contract.inputs, outcome, split(cohort, seed), seed=seed)
    kept = trained.scores[trained.model.scorer.kind]
    return {
        "seed": seed,
        "kept": trained.model.scorer.kind,
        "auc": {kind: each.auc.value for kind, each in trained.scores.items() if kind != BASE_RATE},
        "brier": kept.brier.value,
        "ici": kept.calibration.ici,
        "slope": kept.calibration.slope,
        "observed": trained.observed[outcome.horizon].value,
        "predicted": trained.predicted[outcome.horizon],
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


if __name__ == "__main__":
    main()
