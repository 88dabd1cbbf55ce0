"""One cohort, five seeds: how much of a result is the split's luck.

    python -m experiments.five_seeds --contract TOML --data FILE [--json]

Nothing is written: no run, no model, no card.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import mean
from typing import Any

from ml.contracts import Cohort, Spells
from ml.measures.censoring import share_unemployed
from ml.models.split import split
from ml.models.train import train
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

SEEDS = range(1, 6)


def main() -> None:
    """Print a line a seed, and the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--contract", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(build_cohort(read_contract(arguments.contract), arguments.data))
    if arguments.json:
        print(json.dumps(figures))
        return
    print(f"whole file: {figures['whole_file']['value']:.3f} still unemployed at the horizon (Kaplan–Meier)")
    for line in figures["seeds"]:
        print(
            f"seed {line['seed']}: kept {line['kept']:<8}  AUC {line['auc']:.3f} "
            f"(logistic {line['auc_logistic']:.3f}, trees {line['auc_trees']:.3f})  Brier {line['brier']:.4f}  "
            f"ICI {line['ici']:.3f}  slope {line['slope']:.2f}  "
            f"observed {line['observed']:.3f}  predicted {line['predicted']:.3f}"
        )
    print(f"means: observed {figures['observed']:.3f}  predicted {figures['predicted']:.3f}  AUC {figures['auc']:.3f}")


def measure(cohort: Cohort) -> dict[str, Any]:
    """Return the figures of each seed and their means."""
    outcome = cohort.contract.outcome
    lines: list[dict[str, Any]] = []
    for seed in SEEDS:
        trained = train("experiment", cohort.features, cohort.contract.inputs, outcome, split(cohort, seed), seed=seed)
        kept = trained.scores[trained.model.scorer.kind]
        lines.append(
            {
                "seed": seed,
                "kept": trained.model.scorer.kind,
                "auc": kept.auc.value,
                "auc_logistic": trained.scores["logistic"].auc.value,
                "auc_trees": trained.scores["lightgbm"].auc.value,
                "brier": kept.brier.value,
                "ici": kept.calibration.ici,
                "slope": kept.calibration.slope,
                "observed": trained.observed[outcome.horizon].value,
                "predicted": trained.predicted[outcome.horizon],
            }
        )
    whole = share_unemployed(Spells(cohort.duration, cohort.exited), outcome.horizon)
    means = {key: mean(float(line[key]) for line in lines) for key in ("observed", "predicted", "auc")}
    return {
        "whole_file": {"value": whole.value, "low": whole.low, "high": whole.high},
        "seeds": lines,
        **means,
    }


if __name__ == "__main__":
    main()
