"""Planted leaks, and columns that only look like one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from ml.contracts import Column, ColumnType, Floats, Role, Spells
from ml.models.encode import fit_encoder
from ml.models.leaks import leak_suspects

Followed = Callable[..., tuple[Floats, np.ndarray]]
LIMIT = 0.95
N = 2000


@pytest.fixture
def spells(followed: Followed, rng: np.random.Generator) -> Spells:
    return Spells(*followed(np.zeros(N), rng, censored=0.2))


def suspects(values: object, spells: Spells, limit: float = LIMIT) -> dict[str, float]:
    """Return the suspects among one column, at 6 months."""
    frame = pd.DataFrame({"x": values})
    kind = ColumnType.NUMBER if pd.api.types.is_numeric_dtype(frame["x"]) else ColumnType.CATEGORY
    encoder = fit_encoder(frame, [Column("x", kind, Role.FEATURE, missing_allowed=True)])
    return leak_suspects(encoder, encoder.frame(frame), spells, 6.0, limit)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_that_knows_the_end(spells: Spells, rng: np.random.Generator, sign: int) -> None:
    nearly = sign * (spells.duration + rng.normal(0, 0.5, N))
    assert suspects(nearly, spells)["x"] > LIMIT


def test_the_auc_is_that_of_the_column_alone(rng: np.random.Generator) -> None:
    spells = Spells(rng.integers(1, 12, N).astype(float), np.full(N, True))
    value = -spells.duration + rng.normal(0, 3, N)
    assert suspects(value, spells, 0.5) == {"x": pytest.approx(roc_auc_score(spells.duration >= 6, -value), abs=1e-12)}
    assert suspects(value, spells, 0.99) == {}


@pytest.mark.parametrize("how", ["as it is", "sorted", "alternating"])
def test_a_category_that_knows_the_end(spells: Spells, how: str) -> None:
    """Codes come in no order, so no ranking of the codes themselves would tell. The file's order plays no part."""
    ended = spells.duration < 6
    reason = np.where(ended, np.where(spells.exited, "hired", "moved"), np.where(spells.exited, "found", "is looking"))
    order = in_order(ended, how)
    assert suspects(reason[order], Spells(spells.duration[order], spells.exited[order]))["x"] > LIMIT


def test_a_missing_value_that_knows_the_end(spells: Spells, rng: np.random.Generator) -> None:
    """The date of an interview is there only for those who stayed; or only for those who left."""
    for there in (spells.duration >= 6, spells.duration < 6):
        assert suspects(np.where(there, rng.normal(size=N), np.nan), spells)["x"] > LIMIT
        assert suspects(np.where(there, "held", None), spells)["x"] > LIMIT


@pytest.mark.parametrize("sign", [1, -1])
def test_missing_values_and_numbers_that_know_the_end_together(
    spells: Spells, rng: np.random.Generator, sign: int
) -> None:
    """Half of those still unemployed have no value, the others a higher (or lower) one than all who left."""
    still = spells.duration >= 6
    value = np.where(still & (rng.random(N) < 0.5), np.nan, sign * (2.0 * still + rng.random(N)))
    assert suspects(value, spells)["x"] > LIMIT


def in_order(ended: np.ndarray, how: str) -> np.ndarray:
    """Return an order of the rows: as they are, sorted by the outcome, or alternating between the outcomes."""
    if how == "alternating":
        least = min(ended.sum(), (~ended).sum())
        return np.column_stack([np.flatnonzero(ended)[:least], np.flatnonzero(~ended)[:least]]).ravel()
    return np.argsort(ended, kind="stable") if how == "sorted" else np.arange(len(ended))


@pytest.mark.parametrize("how", ["as it is", "sorted", "alternating"])
@pytest.mark.parametrize("categories", [2, 20, N // 2, N])
def test_categories_at_random_are_no_leak(spells: Spells, rng: np.random.Generator, categories: int, how: str) -> None:
    """However many and rare they are, and however the file is sorted."""
    order = in_order(spells.duration < 6, how)
    names = rng.permutation(np.arange(len(order)) % categories).astype(str)
    found = suspects(names, Spells(spells.duration[order], spells.exited[order]), limit=0.6)
    assert found == {}


def test_what_is_known_to_help_is_no_leak(followed: Followed, rng: np.random.Generator) -> None:
    helpful = rng.normal(size=N)
    spells = Spells(*followed(1.5 * helpful, rng, censored=0.2))
    assert suspects(helpful, spells) == {}
    assert 0.7 < suspects(helpful, spells, limit=0.5)["x"] < 0.9
