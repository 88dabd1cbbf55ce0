"""A model of trees, whatever training would keep: the costliest to ask, and so what a benchmark of the service needs.

Nothing but trees competes; all else is as `apualy train` has it: calibrators, ten refits, cuts, familiarity.

    python -m experiments.benchmarks.tree_model COHORT FOLDER    writes an artefact and prints its digest
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ml.models import artefact
from ml.models.split import split
from ml.models.train import Trained, train
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

SEED = 1


def tree_model(cohort_folder: Path, kind: str = "lightgbm") -> Trained:
    """Return what training makes of a cohort folder when one kind alone competes; some seconds for the demo's."""
    contract = read_contract(cohort_folder / "cohort.toml")
    cohort = build_cohort(contract, cohort_folder)
    parts = split(cohort, SEED)
    return train(f"ltu-{contract.name}", cohort.features, contract.inputs, contract.outcome, parts, seed=SEED,
                 competing=(kind,))  # fmt: skip


def main() -> None:
    """Write the artefact."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cohort", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    print(artefact.save(tree_model(asked.cohort).model, asked.folder))


if __name__ == "__main__":
    main()
