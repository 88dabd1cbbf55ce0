"""Small worlds of jobseekers whose truth is known, and the models trained on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from ml.contracts import Cohort, CohortContract, Column, ColumnType, Floats, Outcome, Role
from ml.models.ltu.candidates import COMPETING
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.models.train import Trained, train

HORIZONS = (3.0, 6.0, 12.0)
LOOKS = (0.0, 3.0, 6.0)
MONTHS = Outcome("months", "month", 30.0, 6.0, HORIZONS, "how", exit_when=("work",))
CohortOf = Callable[..., Cohort]
# Of their own, so that the worlds stay as they are, and quick, whatever tuning chooses for Helsinki.
TREES = TreeSettings(60, 0.1, leaves=8, depth=4, least_in_leaf=30, ridge=5.0, share_of_inputs=1.0, share_of_rows=0.8)


@pytest.fixture(scope="session")
def months() -> Outcome:
    """Return an outcome at 6 months, with 3 and 12 as further horizons."""
    return MONTHS


@pytest.fixture(scope="session")
def cohort_of() -> CohortOf:
    """Return a maker of cohorts from features and spells; strings are categories, all else numbers."""
    return _cohort


def _cohort(
    features: pd.DataFrame,
    duration: Floats,
    exited: np.ndarray,
    *,
    outcome: Outcome = MONTHS,
    start: np.ndarray | None = None,
    as_of: date | None = None,
    person: np.ndarray | None = None,
) -> Cohort:
    types = {
        name: ColumnType.NUMBER if pd.api.types.is_numeric_dtype(features[name]) else ColumnType.CATEGORY
        for name in features
    }
    columns = {str(name): Column(str(name), kind, Role.FEATURE, missing_allowed=True) for name, kind in types.items()}
    return Cohort(
        contract=CohortContract("small", "", "", outcome, None if start is None else "start", columns, ""),
        features=features,
        protected=pd.DataFrame(index=features.index),
        duration=duration,
        exited=exited,
        start=start,
        person=np.arange(len(features)) if person is None else person,
        as_of=as_of,
        digest="",
    )


@pytest.fixture(scope="session")
def straight_world(followed: Callable[..., tuple[Floats, np.ndarray]]) -> Cohort:
    """Return spells whose log-odds are a line in two numbers and a category; a third number is noise."""
    rng = np.random.default_rng(1)
    n = 1500
    features = pd.DataFrame(
        {
            "age": rng.normal(40, 10, n),
            "gap": np.where(rng.random(n) < 0.1, np.nan, rng.exponential(2, n)),
            "skill": rng.choice(["cook", "nurse", "välittäjä"], n),
            "noise": rng.normal(size=n),
        }
    )
    log_odds = (features["age"] - 40) / 10 - features["gap"].fillna(4) / 2 + 1.5 * (features["skill"] == "nurse")
    return _cohort(features, *followed(log_odds.to_numpy(), rng))


@pytest.fixture(scope="session")
def crossed_world(followed: Callable[..., tuple[Floats, np.ndarray]]) -> Cohort:
    """Return spells that are long where two numbers have the same sign: exclusive or, which no line can say."""
    rng = np.random.default_rng(2)
    n = 1500
    features = pd.DataFrame(
        {
            "north": rng.uniform(-1, 1, n),
            "east": rng.uniform(-1, 1, n),
            "skill": np.where(rng.random(n) < 0.1, None, rng.choice(["cook", "nurse", "smith", "clerk"], n)),
        }
    )
    log_odds = 2.5 * np.sign(features["north"] * features["east"]) + 0.8 * (features["skill"] == "cook")
    return _cohort(features, *followed(log_odds.to_numpy(), rng))


@pytest.fixture(scope="session")
def bent_world(followed: Callable[..., tuple[Floats, np.ndarray]]) -> Cohort:
    """Return spells that are long for the young and for the old, which no line can say, and no rule; one horizon."""
    rng = np.random.default_rng(3)
    n = 1500
    features = pd.DataFrame({"age": rng.uniform(-1, 1, n), "skill": rng.choice(["cook", "nurse"], n)})
    log_odds = 6 * np.abs(features["age"]) - 3 + 0.5 * (features["skill"] == "nurse")
    outcome = replace(MONTHS, horizons=(6.0,))
    return _cohort(features, *followed(log_odds.to_numpy(), rng, censored=0.1), outcome=outcome)


@pytest.fixture(scope="session")
def ruled_world(followed: Callable[..., tuple[Floats, np.ndarray]]) -> Cohort:
    """Return spells whose log-odds rise in two steps with the time without work, the rule of the contract."""
    rng = np.random.default_rng(4)
    n = 1500
    features = pd.DataFrame({"gap": rng.uniform(0, 10, n), "noise": rng.normal(size=n)})
    features.loc[rng.random(n) < 0.1, "gap"] = np.nan
    log_odds = 2 * np.digitize(features["gap"].fillna(12), [3, 7]) - 2
    return _cohort(features, *followed(log_odds, rng), outcome=replace(MONTHS, rule="gap"))


@pytest.fixture(scope="session")
def rate() -> Floats:
    """Return the monthly chance of work of each of the 4,000 persons of the world of looks."""
    return np.exp(-2.3 + 0.8 * np.random.default_rng(11).normal(size=4000))


@pytest.fixture(scope="session")
def looks_world(rate: Floats) -> Cohort:
    """Return exponential spells, a row at each look that they lasted to; a third is lost at a random time."""
    rng = np.random.default_rng(12)
    ends = rng.exponential(1 / rate)
    lost = np.where(rng.random(4000) < 1 / 3, rng.uniform(0, 14, 4000), 20.0)
    seen = np.minimum(ends, lost)
    person = np.concatenate([np.flatnonzero(seen > look) for look in LOOKS])
    waited = np.concatenate([np.full((seen > look).sum(), look) for look in LOOKS])
    features = pd.DataFrame({"haste": np.log(rate)[person] + 2.3, "waited": waited})
    outcome = replace(MONTHS, horizon=12.0, entry="waited")
    cohort = _cohort(features, seen[person], (ends <= lost)[person], outcome=outcome, person=person)
    return replace(cohort, entry=waited)


@pytest.fixture(scope="session")
def timed_world() -> Cohort:
    """Return spells of which people leave twice as fast from 2019 on, where the test part begins; each row is told.

    Before that the pace wanders a little, and what is told of it goes together with nothing that the inputs say.
    """
    rng = np.random.default_rng(13)
    n, first, turn, as_of = 6000, np.datetime64("2010-01-01"), np.datetime64("2019-01-01"), date(2021, 1, 1)
    start = first + rng.integers(0, 11 * 365, n).astype("timedelta64[D]")
    wanders = 1 + 0.1 * np.sin((start - first).astype(float) / 200)
    rate = np.where(start < turn, 0.1 * wanders, 0.2)
    haste = rng.normal(size=n)
    ends = rng.exponential(1 / (rate * np.exp(0.5 * haste)))
    known = (np.datetime64(as_of) - start).astype(float) / MONTHS.unit_days
    features = pd.DataFrame({"haste": haste, "leaving": -np.expm1(-12 * rate)})
    cohort = _cohort(features, np.minimum(ends, known), ends <= known, start=start, as_of=as_of)
    columns = cohort.contract.columns
    told = replace(columns["leaving"], minimum=0.0, maximum=1.0, missing_allowed=False, pace=True)
    return replace(cohort, contract=replace(cohort.contract, columns={**columns, "leaving": told}))


@pytest.fixture(scope="session")
def timed(timed_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the world whose times change."""
    return learn(timed_world)


@pytest.fixture(scope="session")
def learn() -> Callable[..., Trained]:
    """Return a function from a cohort to what training makes of it."""

    def train_on(
        cohort: Cohort, seed: int = 7, settings: TreeSettings = TREES, competing: tuple[str, ...] = COMPETING
    ) -> Trained:
        contract, parts = cohort.contract, split(cohort, seed)
        return train(
            "ltu-small", cohort.features, contract.inputs, contract.outcome, parts, seed=seed, settings=settings,
            competing=competing,
        )  # fmt: skip

    return train_on


@pytest.fixture(scope="session")
def bent(bent_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the bent world."""
    return learn(bent_world)


@pytest.fixture(scope="session")
def ruled(ruled_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the ruled world."""
    return learn(ruled_world)


@pytest.fixture(scope="session")
def looks(looks_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the world of looks."""
    return learn(looks_world)


@pytest.fixture(scope="session")
def straight(straight_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the straight world."""
    return learn(straight_world)


@pytest.fixture(scope="session")
def crossed(crossed_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the crossed world."""
    return learn(crossed_world)


@pytest.fixture(scope="session")
def small_trees(crossed_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the crossed world with trees of two levels, as in earnest."""
    return learn(crossed_world, settings=replace(TREES, leaves=4, depth=2))


@pytest.fixture(scope="session")
def small_trees_of_looks(looks_world: Cohort, learn: Callable[..., Trained]) -> Trained:
    """Return what training makes of the world of looks with trees of two levels, where nothing else competes."""
    return learn(looks_world, settings=replace(TREES, leaves=4, depth=2), competing=("rule", "lightgbm"))


@pytest.fixture(scope="session")
def history(followed: Callable[..., tuple[Floats, np.ndarray]]) -> Callable[..., Cohort]:
    """Return a maker of cohorts with dates: twelve years of spells, some people with two or three of them."""

    def make(seed: int, rows: int = 1500, persons: int = 1200, years: float = 12) -> Cohort:
        rng = np.random.default_rng(seed)
        first, as_of = date(2010, 1, 1), date(2010, 1, 1) + timedelta(int(years * 365))
        start = np.datetime64(first) + rng.integers(0, (as_of - first).days, rows).astype("timedelta64[D]")
        features = pd.DataFrame({"age": rng.normal(size=rows), "gap": rng.normal(size=rows)})
        duration, exited = followed(0.7 * features["age"].to_numpy() + 0.5, rng, censored=0.15)
        known = (np.datetime64(as_of) - start).astype(float) / MONTHS.unit_days
        exited &= duration <= known
        duration = np.minimum(duration, known)
        return _cohort(features, duration, exited, start=start, as_of=as_of, person=rng.integers(0, persons, rows))

    return make
