"""A model made by hand, whose every weight can be read here."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from ml.contracts import Column, ColumnType, Kind, Outcome, Role
from ml.models.bands import Cuts
from ml.models.calibrate import Calibrator
from ml.models.encode import Encoder, Input
from ml.models.familiarity import Familiarity
from ml.models.scorers import LinearScorer
from ml.models.trained import TrainedModel
from serving.language import Language, read_languages

TENURE = Column(
    "tenure",
    ColumnType.NUMBER,
    Role.FEATURE,
    Kind.CONTEXT,
    {"en": "Years in the lost job", "fi": "Vuosia työssä"},
    True,
)
TRADE = Column("trade", ColumnType.CATEGORY, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Trade"})
COURSE = Column("course", ColumnType.BOOLEAN, Role.FEATURE, Kind.SERVICE_CAN_CHANGE, {"en": "On a course"})


@pytest.fixture(scope="session")
def languages() -> Mapping[str, Language]:
    return read_languages()


@pytest.fixture(scope="session")
def model() -> TrainedModel:
    """Log-odds at 12 months: 0.1 a year of tenure above 5, ±1 by trade (0.7 when not known), −2 when on a course."""
    encoder = Encoder(
        (
            Input(TENURE, (), 0.0, 20.0, 5.0, 1.0, missing_seen=True),
            Input(TRADE, ("cook", "welder"), 0.0, 1.0, 0.0, 1.0, missing_seen=False),
            Input(COURSE, (), 0.0, 1.0, 0.0, 1.0, missing_seen=False),
        )
    )
    at_12 = [0.0, 0.1, 0.7, 1.0, -1.0, 0.0, -2.0]  # missing, value | missing, cook, welder | missing, value
    scorer = LinearScorer(encoder, np.array([at_12, at_12]), np.array([1.0, 0.0]), np.zeros(7))
    as_it_is = Calibrator(0.0, 0.0, 1.0, level_variance=0.01)
    outcome = Outcome("spell", "2 weeks", 14.0, 26.0, (13.0, 26.0))
    return TrainedModel(
        "ltu-by-hand",
        encoder,
        scorer,
        calibrators=((as_it_is, as_it_is), (None, as_it_is), (None, None)),  # of looks, none yet: a test may name them
        refits=(),
        outcome=outcome,
        cuts=(Cuts(0.3, 0.6), Cuts(0.3, 0.6), None),
        familiarity=Familiarity(np.zeros(7), np.eye(7), limit=300.0),
    )
