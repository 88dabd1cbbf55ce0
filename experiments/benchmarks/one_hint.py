"""What one person's hint costs, step by step: encode, margins, refits, calibration and interval, reasons, words.

Of the kept model of a home with an approved one (`make demo` leaves one), and of trees with ten refits, trained here
from the cohort of the home. One thread; each run is of another person of the cohort, as they are on a working day.

    python -m experiments.benchmarks.one_hint [--home DIR] [--model NAME] [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from ml.contracts import ColumnType
from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.models import artefact
from ml.models.encode import Encoder
from ml.models.explain import explain_row
from ml.models.trained import TrainedModel
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract
from serving.hints.inputs import Row
from serving.hints.risk import compute_risk, compute_risks
from serving.hints.risk_words import word_risk
from serving.language import read_languages

from .tree_model import SEED, tree_model

Asked = TypeVar("Asked")
ALLOWED_MS = 0.40
MANY = 5000  # people at a time
STEPS = ("encode", "refits", "calibration", "reasons", "compute", "words", "whole")


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=Path("var"))
    parser.add_argument("--model", default="ltu-risk")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    folder = asked.home / "cohorts" / asked.model
    features = build_cohort(read_contract(folder / "cohort.toml"), folder).features
    models = {"kept": kept(asked.home, asked.model), "trees": tree_model(folder).model}
    figures = {"load": os.getloadavg()[0], "runs": asked.runs, "allowed_ms": ALLOWED_MS}
    found = {name: measure(model, features, asked.runs) for name, model in models.items()}
    if asked.json:
        print(json.dumps({**figures, **found}))
        return
    print(f"one hint, medians of {asked.runs} people in ms (load {figures['load']:.1f}; allowed {ALLOWED_MS})")
    print(f"  {'':<14}" + "".join(f"{name + ', ' + each['kind']:>20}" for name, each in found.items()))
    for step in STEPS:
        print(f"  {step:<14}" + "".join(f"{each[step + '_ms']:>20.3f}" for each in found.values()))
    print(f"  {'many, a person':<14}" + "".join(f"{each['many_ms']:>20.3f}" for each in found.values()))


def kept(home: Path, name: str) -> TrainedModel:
    """Return the approved model of a demo's home."""
    registry = Registry(home, read_policy(POLICY), policy_path=POLICY, demo=True)
    approved = registry.load_approved(name, datetime.now(UTC))
    with tempfile.TemporaryDirectory() as scratch:
        return artefact.load(registry.fetch(approved, Path(scratch)), approved.digest)


def measure(model: TrainedModel, features: pd.DataFrame, runs: int) -> dict[str, Any]:
    """Return the median of each step in milliseconds, and of each person when many are asked at once.

    Refits are the kept scorer and all of them together; `compute` is the hint without words.
    """
    chosen = features.iloc[np.random.default_rng(SEED).choice(len(features), runs, replace=len(features) < runs)]
    rows, finnish = as_posted(model.encoder, chosen), read_languages()["fi"]
    codes, alone = [model.encoder.row(row) for row in rows], model.alone
    said = [alone.said(each) for each in codes]
    hints = [compute_risk(model, row, weak=False) for row in rows]
    asked = [pair for pair in zip(codes, said, strict=True) if alone.landmark(pair[0]) <= model.place]
    steps = {
        "encode": timed(model.encoder.row, rows),
        "refits": timed(alone.said, codes),
        "calibration": timed(lambda pair: alone.hint(*pair, strange=False), asked),
        "reasons": timed(lambda pair: explain_row(model, pair[1], alone.landmark(pair[0]), model.place), asked),
        "compute": timed(lambda row: compute_risk(model, row, weak=False), rows),
        "words": timed(lambda hint: word_risk(hint, finnish), hints),
        "whole": timed(lambda row: word_risk(compute_risk(model, row, weak=False), finnish), rows),
    }
    return {"kind": model.scorer.kind, **{f"{name}_ms": value for name, value in steps.items()},
            "many_ms": _many(model, features)}  # fmt: skip


def as_posted(encoder: Encoder, features: pd.DataFrame) -> list[Row]:
    """Return people as the wire has them: booleans are booleans, and what is missing is null."""
    booleans = {each.column.name for each in encoder.inputs if each.column.type is ColumnType.BOOLEAN}

    def value(name: str, given: Any) -> Any:
        return None if pd.isna(given) else bool(given) if name in booleans else given

    rows = features.astype(object).to_dict("records")
    return [{str(name): value(str(name), given) for name, given in row.items()} for row in rows]


def timed(call: Callable[[Asked], object], each: Sequence[Asked]) -> float:
    """Return the median of calls, one on each, in milliseconds."""
    seconds = []
    for one in each:
        start = time.perf_counter()
        call(one)
        seconds.append(time.perf_counter() - start)
    return median(seconds) * 1000


def _many(model: TrainedModel, features: pd.DataFrame) -> float:
    start, some = time.perf_counter(), features.iloc[:MANY]
    compute_risks(model, some, weak=False)
    return (time.perf_counter() - start) / len(some) * 1000


if __name__ == "__main__":
    main()
