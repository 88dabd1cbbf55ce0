"""Small worlds of people unemployed on one day: some fall into three groups, some into none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.contracts import Column, ColumnType, Role, Stock
from ml.models.fractions import Effort, Fractions, fractions

LABELS = {
    "subsidy_days_1y": ("Työmarkkinatukipäivät viimeisen vuoden aikana", "Dagar med arbetsmarknadsstöd under det "
                        "senaste året", "Days of labour-market subsidy in the last year"),
    "subsidy_days_5y": ("Työmarkkinatukipäivät viiden viime vuoden aikana", "Dagar med arbetsmarknadsstöd under de "
                        "fem senaste åren", "Days of labour-market subsidy in the last five years"),
    "benefit": ("Etuus", "Förmån", "Benefit"),
}  # fmt: skip
TRANSLATIONS = {
    "fi": {"labour-market subsidy": "työmarkkinatuki"},
    "sv": {"labour-market subsidy": "arbetsmarknadsstöd"},
}

StockOf = Callable[[pd.DataFrame], Stock]


def column(name: str, kind: ColumnType, role: Role = Role.FEATURE) -> Column:
    fi, sv, en = LABELS.get(name, (f"{name} suomeksi", f"{name} på svenska", name))
    return Column(
        name, kind, role, label={"fi": fi, "sv": sv, "en": en}, missing_allowed=True, translations=TRANSLATIONS
    )


def stock(features: pd.DataFrame) -> Stock:
    """Return the people of a frame: text is a category, `is_…` a boolean, all else a number."""

    def kind(name: str) -> ColumnType:
        if name.startswith("is_"):
            return ColumnType.BOOLEAN
        return ColumnType.NUMBER if pd.api.types.is_numeric_dtype(features[name]) else ColumnType.CATEGORY

    columns = tuple(column(str(name), kind(str(name))) for name in features)
    return Stock("planning", columns, features, date(2020, 1, 31), "digest", "")


@pytest.fixture(scope="session")
def stock_of() -> StockOf:
    """Return a maker of stocks from frames."""
    return stock


def three_groups(sizes: tuple[int, int, int], seed: int) -> pd.DataFrame:
    """Return people on subsidy for long, people who came yesterday from work, and people in services."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], sizes)
    n, benefit = len(group), np.array(["labour-market subsidy", "earnings-related", "none"])
    long, fresh, served = (group == each for each in range(3))
    days = np.floor(rng.gamma(2.0, 1.0, n) * np.where(long, 120, 3))
    return pd.DataFrame(
        {
            "subsidy_days_1y": np.minimum(days, 260),
            "subsidy_days_5y": days * rng.uniform(1, 4, n).round(1),
            "work_days": np.floor(rng.gamma(3.0, 1.0, n) * np.where(fresh, 150, 4)),
            "service_days": np.floor(rng.gamma(3.0, 1.0, n) * np.where(served, 60, 2)),
            "months_since_job": np.where(long & (rng.random(n) < 0.9), np.nan, np.floor(rng.gamma(2.0, 3.0, n))),
            "is_listed": (rng.random(n) < np.where(long, 0.9, 0.05)).astype(np.float64),
            "is_met": (rng.random(n) < np.where(served, 0.95, 0.1)).astype(np.float64),
            "benefit": np.where(rng.random(n) < 0.9, benefit[group], "basic").astype(object),
        }
    ).iloc[rng.permutation(n)].reset_index(drop=True)  # fmt: skip


def continuum(people: int, seed: int) -> pd.DataFrame:
    """Return people along one long line, from near work to far from it: all columns go together, nobody in groups."""
    rng = np.random.default_rng(seed)
    far = rng.normal(size=people)

    def hint(noise: float = 0.8) -> np.ndarray:
        return far + noise * rng.normal(size=people)

    levels = np.array(["higher", "secondary", "basic", "none"])
    return pd.DataFrame(
        {
            "subsidy_days_1y": np.floor(np.maximum(np.exp(hint()) - 1, 0) * 60),
            "subsidy_days_5y": np.floor(np.maximum(np.exp(hint()) - 1, 0) * 300),
            "work_days": np.floor(np.exp(-hint()) * 90),
            "service_days": np.floor(np.maximum(hint(), 0) * 90),
            "is_listed": (hint() > 0.8).astype(np.float64),
            "is_met": (hint() > -0.2).astype(np.float64),
            "benefit": levels[np.digitize(hint(), [-0.7, 0.2, 1.1])].astype(object),
        }
    )


def nothing(people: int, seed: int) -> pd.DataFrame:
    """Return the same columns, each dealt anew: nothing goes together."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {name: values.to_numpy()[rng.permutation(people)] for name, values in continuum(people, seed).items()}
    )


LITTLE = Effort(numbers=range(2, 5), halves=4, twins=19, redraws=8)


@pytest.fixture(scope="session")
def grouped() -> Stock:
    return stock(three_groups((300, 250, 200), 1))


@pytest.fixture(scope="session")
def found(grouped: Stock) -> Fractions:
    return fractions(grouped, 1, effort=LITTLE)
