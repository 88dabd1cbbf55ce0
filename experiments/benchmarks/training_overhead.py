"""What training the LTU model costs beyond the LightGBM fits that it contains.

One run, one machine, three landmarks, three horizons, tuning off: `ml.models.train` with LightGBM as the only candidate
(encode, a booster a horizon, calibrate by landmark, ten bootstrap refits, bands, intervals, figures of the test part)
against nothing but the `lightgbm.train` calls on the same matrices. The bound of the project: at most 1.5 times the
fits. Beside it what the challengers add.

    python -m experiments.benchmarks.training_overhead [--cohort DIR | --target-group N] [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import lightgbm as lgb

from ml.contracts import Cohort, Floats, Split
from ml.models.encode import fit_encoder
from ml.models.ltu.candidates import COMPETING
from ml.models.ltu.trees import TreeSettings
from ml.models.ltu.weighted import Weighted, weighted
from ml.models.refits import REFITS
from ml.models.split import split
from ml.models.train import train
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

from .people import cohort_folder

SEED = 1
ALLOWED = 1.5


def main() -> None:
    """Print what was compared, the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cohort", type=Path, metavar="DIR", help="a cohort of the register; else one is made")
    parser.add_argument("--target-group", type=int, default=37_439)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.cohort or cohort_folder(Path(scratch), arguments.target_group, SEED)
        figures = measure(build_cohort(read_contract(folder / "cohort.toml"), folder), arguments.runs)
    if arguments.json:
        print(json.dumps(figures))
        return
    print(
        f"{figures['rows']} looks, of which {figures['learnt']} to learn from; "
        f"{figures['fits']} bare LightGBM fits beside it, medians of {figures['runs']} runs\n"
        f"  training the LTU model   {figures['whole_seconds']:.2f} s\n"
        f"  bare fits                {figures['bare_seconds']:.2f} s\n"
        f"  ratio                    {figures['ratio']:.2f}  (allowed: {ALLOWED})\n"
        f"  with all challengers     {figures['challenged_seconds']:.2f} s"
    )


def measure(cohort: Cohort, runs: int) -> dict[str, float]:
    """Return the figures; the sides are timed in turn."""
    parts = split(cohort, SEED)
    matrices = _matrices(cohort, parts)
    whole, bare, challenged = [], [], []
    for _ in range(runs):
        whole.append(_seconds(lambda: _train(cohort, parts, ("lightgbm",))))
        bare.append(_seconds(lambda: _fits(matrices)))
        challenged.append(_seconds(lambda: _train(cohort, parts, COMPETING)))
    return {
        "rows": len(cohort),
        "learnt": len(parts.train),
        "fits": len(matrices) * (1 + REFITS),
        "runs": runs,
        "whole_seconds": median(whole),
        "bare_seconds": median(bare),
        "ratio": median(whole) / median(bare),
        "challenged_seconds": median(challenged),
    }


def _train(cohort: Cohort, parts: Split, competing: tuple[str, ...]) -> None:
    contract = cohort.contract
    train("benchmark", cohort.features, contract.inputs, contract.outcome, parts, seed=SEED, competing=competing)


def _matrices(cohort: Cohort, parts: Split) -> list[Weighted[Floats]]:
    """Return what each fit learns from: as many rows as a bootstrap has, on average."""
    encoder = fit_encoder(cohort.features.iloc[parts.train.rows], cohort.contract.inputs)
    codes = encoder.learnable(encoder.frame(cohort.features.iloc[parts.train.rows]))
    return [weighted(codes, parts.train.spells, horizon) for horizon in cohort.contract.outcome.horizons]


def _fits(matrices: list[Weighted[Floats]]) -> None:
    settings = TreeSettings()
    for refit in range(1 + REFITS):
        for known in matrices:
            data = lgb.Dataset(known.matrix, known.outcome, weight=known.weight)
            lgb.train(settings.parameters(len(known.matrix), SEED + refit), data, num_boost_round=settings.rounds)


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
