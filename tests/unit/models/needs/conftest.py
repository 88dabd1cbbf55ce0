"""A town of placements whose truth is known: which entity fits whom, and how far caseworkers agree on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Column, ColumnType, Kind, Placements, Role
from ml.models.needs.split import NeedSplit, split_placements
from ml.models.needs.train import TrainedNeeds, train_model

COLUMNS = (
    Column("months", ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, {"en": "Months without work", "fi": "Kuukausia"}),
    Column("ability", ColumnType.NUMBER, Role.FEATURE, Kind.SERVICE_CAN_CHANGE, {"en": "Self-rated work ability"},
           missing_allowed=True),
    Column("language_course", ColumnType.BOOLEAN, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Has been on a course"}),
    Column("trade", ColumnType.CATEGORY, Role.FEATURE, Kind.CONTEXT, {"en": "Trade"}, missing_allowed=True),
)  # fmt: skip
PROTECTED = (Column("gender", ColumnType.CATEGORY, Role.PROTECTED, label={"en": "Gender"}, reference="men"),)
Town = Callable[..., Placements]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep OpenMP to one thread: on so few rows, threads that wait for a busy machine take most of the time."""
    with threadpool_limits(1):
        yield


def truth(features: pd.DataFrame, clarity: float) -> np.ndarray:
    """Return the chance of each entity; the inputs tell all of it."""
    ability = features["ability"].fillna(5.0).to_numpy()
    skills = np.full(len(features), 0.8)
    rehabilitation = 0.9 * (5 - ability) + 0.08 * (features["months"].to_numpy() - 12)
    integration = 2.5 * features["language_course"].to_numpy() - 1.5 + 0.8 * (features["trade"] == "cook").to_numpy()
    chances: np.ndarray = softmax(clarity * np.column_stack([skills, rehabilitation, integration]), axis=1)
    return chances


def _town(
    persons: int = 2500, seed: int = 1, *, clarity: float = 1.5, again: float = 0.15, returners: float = 0.0
) -> Placements:
    """Return placements over six years.

    clarity    how surely caseworkers choose; 0: everybody alike
    again      share of people whom a second caseworker places 10 to 40 days later, from the same need
    returners  share of people who are placed again some years later
    """
    rng = np.random.default_rng(seed)
    person = np.arange(persons)
    first = np.datetime64("2018-01-01") + rng.integers(0, 2190, persons).astype("timedelta64[D]")
    whole = pd.DataFrame(
        {
            "months": rng.integers(0, 36, persons).astype(np.float64),
            "ability": np.where(rng.random(persons) < 0.3, np.nan, rng.normal(6, 1.5, persons).round(1)),
            "language_course": (rng.random(persons) < 0.25).astype(np.float64),
            "trade": rng.choice(np.array(["cook", "nurse", "välittäjä", None], dtype=object), persons),
        }
    )
    second, back = rng.random(persons) < again, rng.random(persons) < returners
    row = np.concatenate([person, person[second], person[back]])
    day = np.concatenate([
        first, first[second] + rng.integers(10, 41, second.sum()).astype("timedelta64[D]"),
        first[back] + rng.integers(200, 1500, back.sum()).astype("timedelta64[D]"),
    ])  # fmt: skip
    features = whole.iloc[row].reset_index(drop=True)
    chances = truth(features, clarity)
    drawn = (rng.random(len(row))[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    unsure = rng.random(len(row)) < 0.25 * (1 - chances.max(axis=1))
    entity = np.where(unsure, INTERVIEW_FIRST, np.array(ENTITIES)[np.minimum(drawn, 2)])
    plan = rng.random(persons)[row] < 0.06
    return Placements(
        name="service-need", columns=COLUMNS, protected_columns=PROTECTED, features=features,
        protected=pd.DataFrame({"gender": rng.choice(["men", "women"], persons)[row]}),
        entity=np.where(plan, "integration", entity), by_caseworker=~plan, plan_in_force=plan, day=day,
        person=row, as_of=date(2024, 12, 31), digest="sha256:town", source="[cohort]\n",
    )  # fmt: skip


@pytest.fixture(scope="session")
def town() -> Town:
    """Return a maker of towns."""
    return _town


@pytest.fixture(scope="session")
def placements() -> Placements:
    return _town()


@pytest.fixture(scope="session")
def parts(placements: Placements) -> NeedSplit:
    return split_placements(placements, 1)


@pytest.fixture(scope="session")
def trained(placements: Placements, parts: NeedSplit) -> TrainedNeeds:
    return train_model("service-need", placements, parts, seed=1)
