"""Invented people for a benchmark: a cohort folder of the synthetic Helsinki, and as many rows of it as are wanted."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ml.contracts import Floats
from ml.progress import silent
from ml.register.build import build
from ml.register.intake import read_extract
from ml.register.pseudonymise import KEY, make_key_file, pseudonymise, read_key
from ml.register.synthetic import write_register

UNEMPLOYED = 65_210  # unemployed jobseekers in Helsinki, May 2020 (report 2.5)


def question(about: str | None) -> argparse.Namespace:
    """Return what a benchmark on a cohort was asked: which one, how many people, how often."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0] if about else None)
    parser.add_argument("--cohort", type=Path, help="a built cohort folder; without it one is made")
    parser.add_argument("--target-group", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=UNEMPLOYED)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def cohort_folder(scratch: Path, target_group: int, seed: int) -> Path:
    """Return the cohort folder of a register of people who do not exist, built below `scratch`."""
    extract = read_extract(write_register(scratch / "raw", target_group, seed), None, silent)
    make_key_file(scratch / "key")
    key = read_key({f"{KEY}_FILE": str(scratch / "key")})
    pseudonymise(extract, scratch / "ltu", "ltu-risk", key, made_at=datetime.now(UTC), say=silent)
    return build(scratch / "ltu", scratch / "cohort").folder


def as_many(codes: Floats, rows: int, seed: int) -> Floats:
    """Return so many rows of codes, drawn; a row comes more than once where there are too few."""
    rng = np.random.default_rng(seed)
    return np.ascontiguousarray(codes[rng.choice(len(codes), rows, replace=len(codes) < rows)])
