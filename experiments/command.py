"""How an experiment is asked and how it answers: the same options, picture, tracking and JSON in each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.plain import taken_together
from experiments.tracking import track
from ml.contracts import Cohort
from ml.progress import Say, progress
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

COHORT = Path("var/cohorts/ltu-risk")


def parser(about: str | None) -> argparse.ArgumentParser:
    """Return the options that every experiment has."""
    options = argparse.ArgumentParser(description=about.splitlines()[0] if about else None)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--home", type=Path, metavar="DIR", help="track the experiment in MLflow there")
    options.add_argument("--picture", type=Path, metavar="PNG")
    options.add_argument("--json", action="store_true")
    return options


def of_registers(
    about: str | None, argv: Sequence[str] | None, measure: Callable[[Cohort, int, Say], dict[str, Any]]
) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Return what was asked, and the figures of each register's cohort and of all taken together."""
    options = parser(about)
    options.add_argument("--cohort", type=Path, nargs="+", default=[COHORT], metavar="DIR",
                         help="of one register or of several, which are taken together")  # fmt: skip
    asked = options.parse_args(argv)
    with progress() as say:
        found = [measure(cohort_of(each), asked.seed, say) for each in asked.cohort]
    return asked, {"registers": found, "together": taken_together(found)}


def cohort_of(folder: Path) -> Cohort:
    """Return the cohort of a folder that `apualy register build` made."""
    return build_cohort(read_contract(folder / "cohort.toml"), folder)


def answer(
    asked: argparse.Namespace,
    name: str,
    parameters: Mapping[str, object],
    metrics: Mapping[str, Any],
    figures: Mapping[str, Any],
    picture: Figure,
    show: Callable[[], None],
) -> None:
    """Keep the picture and the run where that was asked for, and print the figures: as JSON, or as `show` does."""
    if asked.picture is not None:
        picture.savefig(asked.picture)
    track(asked.home, name, {"seed": asked.seed, **parameters}, metrics, figures, {name: picture})
    if asked.json:
        print(json.dumps(figures, allow_nan=False))
        return
    show()
