"""A model of all landmarks beside one of newcomers alone: which serves newcomers better.

    python -m experiments.landmarks.run [--cohort DIR] [--seed N] [--json]

Both are judged on the same spells of the test part, as they looked at registration. Nothing is written.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from ml.contracts import Cohort, Interval, Part, Split
from ml.measures.brier import better
from ml.models.split import split
from ml.models.train import Trained, train
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

NEWCOMER_DAYS = 60  # a look before this day is one at registration; the next landmark is at three months


def main() -> None:
    """Print the two models side by side, and the difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cohort", type=Path, default=Path("var/cohorts/ltu-risk"), metavar="DIR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(build_cohort(read_contract(arguments.cohort / "cohort.toml"), arguments.cohort), arguments.seed)
    if arguments.json:
        print(json.dumps(figures))
        return
    print(f"judged on {figures['test_rows']} spells of the test part, at registration")
    for name in ("newcomers only", "all landmarks"):
        line = figures[name]
        print(
            f"  {name:<15} {line['rows']:>8} rows  kept {line['kept']:<8}  AUC {_told(line['auc'])}  "
            f"Brier {_told(line['brier'])}  (AUC of trees {line['auc_trees']:.3f}, logistic {line['auc_logistic']:.3f})"
        )
    print(f"  Brier score lower with all landmarks by {_told(figures['gain'])}: {figures['reads']}")


def measure(cohort: Cohort, seed: int) -> dict[str, Any]:
    """Return the figures of both models and of their difference."""
    pooled = split(cohort, seed)
    test = _newcomers(pooled.test)
    alone = replace(pooled, train=_newcomers(pooled.train), calibration=_newcomers(pooled.calibration), test=test)
    both = {
        "newcomers only": _trained(cohort, alone, seed),
        "all landmarks": _trained(cohort, replace(pooled, test=test), seed),
    }
    gain = better(both["all landmarks"].predictions, both["newcomers only"].predictions)
    lines = {name: _line(trained) for name, trained in both.items()}
    lines["newcomers only"]["rows"], lines["all landmarks"]["rows"] = len(alone.train), len(pooled.train)
    return {"test_rows": len(test), **lines, "gain": _figures(gain), "reads": _reading(gain)}


def _newcomers(part: Part) -> Part:
    seen = part.spells.entry < NEWCOMER_DAYS
    return replace(part, rows=part.rows[seen], spells=part.spells[seen], person=part.person[seen])


def _trained(cohort: Cohort, parts: Split, seed: int) -> Trained:
    return train("experiment", cohort.features, cohort.contract.inputs, cohort.contract.outcome, parts, seed=seed)


def _line(trained: Trained) -> dict[str, Any]:
    kept = trained.scores[trained.model.scorer.kind]
    return {
        "kept": trained.model.scorer.kind,
        "auc": _figures(kept.auc),
        "brier": _figures(kept.brier),
        "auc_trees": trained.scores["lightgbm"].auc.value,
        "auc_logistic": trained.scores["logistic"].auc.value,
        "observed": trained.observed[trained.model.outcome.horizon].value,
        "predicted": trained.predicted[trained.model.outcome.horizon],
    }


def _reading(gain: Interval) -> str:
    if gain.low > 0:
        return "all landmarks serve newcomers better"
    return "newcomers alone serve newcomers better" if gain.high < 0 else "no difference beyond noise"


def _figures(interval: Interval) -> dict[str, float]:
    return {"value": interval.value, "low": interval.low, "high": interval.high}


def _told(figures: dict[str, float]) -> str:
    return f"{figures['value']:.4f} ({figures['low']:.4f} to {figures['high']:.4f})"


if __name__ == "__main__":
    main()
