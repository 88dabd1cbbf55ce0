"""What intervals and reasons cost beyond the bare model, on as many people as were unemployed in Helsinki in May 2020.

One run, one machine, in turn: chances with intervals at every horizon and at most three reasons each way, from codes,
against nothing but the bare boosters' predict. The bound of the project: under 60 s on two cores.

Where training keeps a simpler model, trees are put in its place: none that could be kept costs more to explain. Their
chances would not be calibrated, and nobody reads them.

    python -m experiments.benchmarks.scoring [--cohort FOLDER] [--rows N] [--runs N] [--json]
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from ml.contracts import Floats
from ml.models.explain import explain
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.scorers import TreeScorer
from ml.models.split import split
from ml.models.train import train
from ml.models.trained import TrainedModel
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

from .people import as_many, cohort_folder, question

SEED = 1
ALLOWED_SECONDS = 60


def main() -> None:
    """Print the medians, the people per second and the ratio."""
    arguments = question(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.cohort or cohort_folder(Path(scratch), arguments.target_group, SEED)
        model, codes = _model(folder, arguments.rows)
    figures = measure(model, codes, arguments.runs)
    if arguments.json:
        print(json.dumps(figures))
        return
    print(
        f"scoring {figures['people']} people, medians of {figures['runs']} runs\n"
        f"  with intervals     {figures['intervals_seconds']:.2f} s\n"
        f"  with reasons       {figures['reasons_seconds']:.2f} s\n"
        f"  whole              {figures['whole_seconds']:.2f} s, {figures['people_per_second']:.0f} people a second, "
        f"{figures['whole_cpu_seconds']:.2f} s of work\n"
        f"  bare predict       {figures['bare_seconds']:.2f} s, {figures['bare_cpu_seconds']:.2f} s of work\n"
        f"  ratio              {figures['ratio']:.1f}\n"
        f"  whole / allowed    {figures['share_of_allowed']:.2f}  (allowed: {ALLOWED_SECONDS} s)"
    )


def measure(model: TrainedModel, codes: Floats, runs: int) -> dict[str, float]:
    """Return the figures; the sides are timed in turn."""
    bare: list[Seconds] = []
    intervals: list[Seconds] = []
    reasons: list[Seconds] = []
    for _ in range(runs):
        bare.append(_seconds(model.scorer.margins, codes))
        intervals.append(_seconds(model.curve, codes))
        reasons.append(_seconds(lambda codes: explain(model, codes), codes))
    wholes = [each.plus(other) for each, other in zip(intervals, reasons, strict=True)]
    whole, least = median(each.wall for each in wholes), median(each.wall for each in bare)
    return {
        "people": len(codes),
        "runs": runs,
        "intervals_seconds": median(each.wall for each in intervals),
        "reasons_seconds": median(each.wall for each in reasons),
        "whole_seconds": whole,
        "whole_cpu_seconds": median(each.cpu for each in wholes),
        "people_per_second": len(codes) / whole,
        "bare_seconds": least,
        "bare_cpu_seconds": median(each.cpu for each in bare),
        "ratio": whole / least,
        "share_of_allowed": whole / ALLOWED_SECONDS,
    }


@dataclass(frozen=True)
class Seconds:
    """How long work took, and how much of it all cores did: that hardly changes with what else the machine does."""

    wall: float
    cpu: float

    def plus(self, other: Seconds) -> Seconds:
        """Return the time of both, one after the other."""
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)


def _seconds(work: Callable[[Floats], object], codes: Floats) -> Seconds:
    began, worked = time.perf_counter(), time.process_time()
    work(codes)
    return Seconds(time.perf_counter() - began, time.process_time() - worked)


def _model(folder: Path, rows: int) -> tuple[TrainedModel, Floats]:
    """Return the model that training keeps, and the codes of so many people."""
    contract = read_contract(folder / "cohort.toml")
    cohort = build_cohort(contract, folder)
    parts = split(cohort, SEED)
    trained = train("ltu-benchmark", cohort.features, contract.inputs, contract.outcome, parts, seed=SEED)
    model = trained.model
    if not isinstance(model.scorer, TreeScorer):
        learnt = parts.train
        trees = fit_trees(trained.codes[learnt.rows], learnt.spells, contract.outcome.horizons, SEED, TreeSettings())
        model = replace(model, scorer=trees)
    return model, as_many(trained.codes, rows, SEED)


if __name__ == "__main__":
    main()
