"""A small world of looks with every sort of input, and three kinds of model that training can keep, learnt from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
import pytest

from ml.contracts import Cohort, CohortContract, Column, ColumnType, Kind, Outcome, Reason, Role
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.models.train import train
from ml.models.trained import TrainedModel

LOOKS = (0.0, 3.0, 6.0)
PERSONS = 900
SKILLS = Reason("skills", {"en": "Skills", "fi": "Osaaminen"})
COLUMNS = (
    Column("waited", ColumnType.NUMBER, Role.FEATURE, label={"en": "Time out of work"}),
    Column("haste", ColumnType.NUMBER, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Haste", "fi": "Kiire"}, True),
    Column("trade", ColumnType.CATEGORY, Role.FEATURE, missing_allowed=True, reason=SKILLS,
           translations={"fi": {"cook": "kokki"}}),
    Column("course", ColumnType.BOOLEAN, Role.FEATURE, Kind.SERVICE_CAN_CHANGE, {"fi": "Kurssilla"}, True,
           reason=SKILLS),
)  # fmt: skip
OUTCOME = Outcome("months", "month", 30.4375, 12.0, (3.0, 6.0, 12.0), "how", exit_when=("work",), entry="waited")


@pytest.fixture(scope="session")
def looks() -> pd.DataFrame:
    """Return the inputs of all looks; some are missing."""
    return _cohort().features


@pytest.fixture(scope="session", params=["logistic", "additive", "lightgbm", "large trees"])
def kept(request: pytest.FixtureRequest) -> TrainedModel:
    """Return a model of one kind, with its refits; trees of two levels, and larger ones that are left to LightGBM."""
    large, kind = request.param == "large trees", request.param.replace("large trees", "lightgbm")
    cohort, settings = _cohort(), TreeSettings(60, 0.1, *((6, 3) if large else (4, 2)), 20, 1.0, 1.0, 0.8)
    found = train("ltu-looks", cohort.features, COLUMNS, OUTCOME, split(cohort, 1), seed=1, settings=settings,
                  competing=(kind,))  # fmt: skip
    assert found.model.scorer.kind == kind
    return found.model


@cache
def _cohort() -> Cohort:
    rng = np.random.default_rng(21)
    haste, trade, course = rng.normal(size=PERSONS), rng.choice(["cook", "welder"], PERSONS), rng.random(PERSONS) < 0.3
    ends = rng.exponential(np.exp(2.2 - 0.6 * haste + 0.5 * (trade == "cook") - 0.4 * course))
    seen = np.minimum(ends, 20.0)
    person = np.concatenate([np.flatnonzero(seen > look) for look in LOOKS])
    waited = np.concatenate([np.full((seen > look).sum(), look) for look in LOOKS])
    features = pd.DataFrame({"waited": waited, "haste": haste[person], "trade": trade[person].astype(object),
                             "course": course[person].astype(float)})  # fmt: skip
    for name in ("haste", "trade", "course"):
        features.loc[rng.random(len(features)) < 0.1, name] = None
    columns: Mapping[str, Column] = {each.name: each for each in COLUMNS}
    return Cohort(
        contract=CohortContract("looks", "", "", OUTCOME, None, columns, ""),
        features=features,
        protected=pd.DataFrame(index=features.index),
        duration=seen[person],
        exited=(ends <= 20.0)[person],
        start=None,
        person=person,
        as_of=None,
        digest="",
        entry=waited,
    )
