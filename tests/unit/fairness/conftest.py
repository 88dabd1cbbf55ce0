"""A small town of jobseekers, scored and followed, from which the fairness tests build theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.contracts import AuditPolicy, Limits, Predictions

METRICS = ("selection_rate", "false_positive_rate", "false_negative_rate", "precision")
RATIO = Limits("ratio", 0.8, 1.25)
POLICY = AuditPolicy(
    limits=dict.fromkeys(METRICS, RATIO),
    answers=RATIO,
    shown=(),
    smallest_denominator=30,
    capacity=0.25,
    capacities=(),
    required=(),
    replicates=400,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261130)


@pytest.fixture
def policy() -> Callable[..., AuditPolicy]:
    """Return a policy, with some of its values replaced."""
    return lambda **changes: replace(POLICY, **changes)


@pytest.fixture
def town(rng: np.random.Generator) -> Callable[..., tuple[Predictions, pd.DataFrame]]:
    """Return a maker of predictions and one protected attribute, `language`; fair by construction."""

    def make(rows: int, shares: dict[str, float], weights: str = "ones") -> tuple[Predictions, pd.DataFrame]:
        score = np.round(rng.beta(2, 3, rows), 3)
        outcome = rng.random(rows) < score
        weight = {
            "ones": np.ones(rows),
            "few": rng.choice([0.0, 1.0, 1.3, 2.5], rows, p=[0.15, 0.4, 0.3, 0.15]),
            # exits on days of their own, and one weight for all who reached the horizon
            "own": np.where(rng.random(rows) < 0.15, 0.0, np.where(outcome, 2.9, 1 + 1.9 * rng.random(rows))),
        }[weights]
        language = rng.choice(list(shares), rows, p=list(shares.values()))
        return Predictions(12.0, score, outcome, weight), pd.DataFrame({"language": language})

    return make
