"""Two small real models: of risk, trained, saved and loaded as in production; of service needs, written by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.contracts import Cohort, CohortContract, Column, ColumnType, Kind, Outcome, Role
from ml.models.encode import Encoder, Input
from ml.models.needs.calibrate import VectorScaling
from ml.models.needs.classifier import NeedLines
from ml.models.needs.model import NeedModel

SPELLS = 1500
SEED = 20260701
COLUMNS = (
    Column(
        "tenure", ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, {"en": "Years in the lost job", "fi": "Vuosia työssä"},
        minimum=0, maximum=50,
    ),
    Column("wage", ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, {"en": "Wage before"}, missing_allowed=True),
    Column("course", ColumnType.BOOLEAN, Role.FEATURE, Kind.SERVICE_CAN_CHANGE, {"en": "On a course"}),
    Column(
        "area", ColumnType.CATEGORY, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Seeks work in"},
        values={"1": "North", "2": "South", "3": "East", "4": "West"},
    ),
    Column("trade", ColumnType.CATEGORY, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Trade", "sv": "Yrke"}),
)  # fmt: skip
ABILITY = Column("ability", ColumnType.NUMBER, Role.FEATURE, Kind.SERVICE_CAN_CHANGE,
                 {"en": "Work ability", "fi": "Työkyky", "sv": "Arbetsförmåga"}, missing_allowed=True)  # fmt: skip
LANGUAGE_COURSE = Column("language_course", ColumnType.BOOLEAN, Role.FEATURE, Kind.CONTEXT, {"en": "Language course"})


def cohort() -> Cohort:
    """Return spells in which tenure, the course and the trade tell something, and nobody lives in the West."""
    rng = np.random.default_rng(SEED)
    features = pd.DataFrame(
        {
            "tenure": rng.uniform(0, 30, SPELLS),
            "wage": np.where(rng.random(SPELLS) < 0.1, np.nan, rng.normal(2500, 600, SPELLS)),
            "course": (rng.random(SPELLS) < 0.3).astype(np.float64),
            "area": rng.choice(["North", "South", "East"], SPELLS),
            "trade": rng.choice(["cook", "welder", "nurse"], SPELLS),
        }
    )
    pull = 0.05 * features["tenure"] - 1.2 * features["course"] + 0.8 * (features["trade"] == "cook")
    duration = np.ceil(rng.exponential(9 * np.exp(pull.to_numpy())))
    censored_at = rng.integers(10, 60, SPELLS)
    outcome = Outcome("spell", "2 weeks", 14.0, 26.0, (6.0, 13.0, 26.0))
    contract = CohortContract("small", "", "", outcome, None, {each.name: each for each in COLUMNS}, "")
    return Cohort(
        contract,
        features,
        pd.DataFrame(index=features.index),
        np.minimum(duration, censored_at).astype(np.float64),
        duration <= censored_at,
        None,
        np.arange(SPELLS),
        None,
        "sha256:none",
    )


def need_model() -> NeedModel:
    """Return a model of work ability (0.8 a point above 5 for skills, against rehabilitation) and a language course."""
    encoder = Encoder((
        Input(ABILITY, (), 0.0, 10.0, 5.0, 1.0, missing_seen=True),
        Input(LANGUAGE_COURSE, (), 0.0, 1.0, 0.0, 1.0, missing_seen=False),
    ))  # fmt: skip
    weights = np.array([
        [0.0, 0.8, 0.0, 0.0],  # missing, ability | missing, course
        [0.0, -0.8, 0.0, 0.0],
        [0.0, 0.0, 0.0, 3.0],
    ])  # fmt: skip
    lines = NeedLines(encoder, weights, np.array([0.0, 0.0, -2.0]), np.zeros(4))
    covariance = ((0.01, 0.0, 0.0), (0.0, 0.01, 0.0), (0.0, 0.0, 0.01))
    return NeedModel("service-need", encoder, lines, VectorScaling(1.0, (0.0, 0.0, 0.0), covariance), 0.6)
