"""What training costs beyond the LightGBM fits that it contains.

One run, one machine: the whole `apualy train` command in a process of its own, with a new MLflow store, against
nothing but the `lightgbm.train` calls on the same matrices. The bound of the project: at most twice the fits and
ten seconds.

    python -m experiments.benchmarks.training_overhead [--target-group N] [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import lightgbm as lgb
import numpy as np

from ml.contracts import Floats
from ml.measures.censoring import outcome_at
from ml.models.encode import fit_encoder
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.progress import silent
from ml.register.build import build
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract
from ml.register.intake import read_extract
from ml.register.pseudonymise import KEY, make_key_file, pseudonymise, read_key
from ml.register.synthetic import write_register

SEED = 1
ALLOWED_FACTOR, ALLOWED_SECONDS = 2, 10


def main() -> None:
    """Print what was compared, the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--target-group", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = measure(Path(scratch), arguments.target_group, arguments.runs)
    if arguments.json:
        print(json.dumps(figures))
        return
    print(
        f"apualy train on {figures['rows']} rows of Helsinki, {figures['fits']} bare LightGBM fits beside it, "
        f"medians of {figures['runs']} runs\n"
        f"  whole command      {figures['whole_seconds']:.2f} s\n"
        f"  bare fits          {figures['bare_seconds']:.2f} s\n"
        f"  ratio              {figures['ratio']:.1f}\n"
        f"  beyond the fits    {figures['overhead_seconds']:.2f} s\n"
        f"  whole / allowed    {figures['share_of_allowed']:.2f}  (allowed: 2 × bare + 10 s)"
    )


def measure(scratch: Path, target_group: int, runs: int) -> dict[str, float]:
    """Return the figures; the two sides are timed in turn."""
    data = _cohort(scratch, target_group)
    contract = data / "cohort.toml"
    matrices, rows = _matrices(contract, data)
    whole, bare = [], []
    for run in range(runs):
        whole.append(_seconds_of_command(contract, data, scratch / f"home-{run}"))
        bare.append(_seconds_of_fits(matrices))
    whole_seconds, bare_seconds = median(whole), median(bare)
    return {
        "rows": rows,
        "fits": len(matrices),
        "runs": runs,
        "whole_seconds": whole_seconds,
        "bare_seconds": bare_seconds,
        "ratio": whole_seconds / bare_seconds,
        "overhead_seconds": whole_seconds - bare_seconds,
        "share_of_allowed": whole_seconds / (ALLOWED_FACTOR * bare_seconds + ALLOWED_SECONDS),
    }


def _cohort(scratch: Path, target_group: int) -> Path:
    """Return the cohort folder of a register of people who do not exist."""
    extract = read_extract(write_register(scratch / "raw", target_group, SEED), None, silent)
    make_key_file(scratch / "key")
    key = read_key({f"{KEY}_FILE": str(scratch / "key")})
    pseudonymise(extract, scratch / "ltu", "ltu-risk", key, made_at=datetime.now(UTC), say=silent)
    return build(scratch / "ltu", scratch / "cohort").folder


def _matrices(contract_file: Path, data: Path) -> tuple[list[tuple[Floats, Floats, Floats, list[int]]], int]:
    """Return codes, outcomes, weights and categorical places of each fit that the command makes."""
    contract = read_contract(contract_file)
    cohort = build_cohort(contract, data)
    train = split(cohort, SEED).train
    encoder = fit_encoder(cohort.features.iloc[train.rows], contract.inputs)
    codes = encoder.frame(cohort.features.iloc[train.rows])
    found = []
    for horizon in contract.outcome.horizons:
        known = outcome_at(train.spells, horizon)
        rows = known.known
        found.append((codes[rows], known.outcome[rows].astype(np.float64), known.weight[rows], encoder.categorical))
    return found, len(cohort)


def _seconds_of_command(contract: Path, data: Path, home: Path) -> float:
    command = [sys.executable, "-m", "apualy", "train", "--contract", str(contract), "--data", str(data), "--json"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "APUALY_HOME": str(home)})  # noqa: S603
    return time.perf_counter() - began


def _seconds_of_fits(matrices: list[tuple[Floats, Floats, Floats, list[int]]]) -> float:
    settings = TreeSettings()
    began = time.perf_counter()
    for codes, outcome, weight, categorical in matrices:
        data = lgb.Dataset(codes, outcome, weight=weight, categorical_feature=categorical)
        lgb.train(settings.parameters(len(codes), SEED), data, num_boost_round=settings.rounds)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
