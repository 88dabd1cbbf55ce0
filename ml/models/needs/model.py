"""A trained service-need model: encoder, scorer, calibration, and from where on it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.contracts import ENTITIES, Bools, Floats
from ml.models.encode import Encoder

from .answer import answers, unlike_training
from .calibrate import VectorScaling
from .classifier import NeedScorer

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NeedAnswers:
    """What the model says of some rows.

    probability, low, high  (n, entities), calibrated, with 95 % intervals of the share in like situations
    unlike                  (n,) the case is unlike the training data
    answer                  (n,) an entity, or "interview_first"
    """

    probability: Floats
    low: Floats
    high: Floats
    unlike: Bools
    answer: NDArray[np.str_]

    @property
    def top(self) -> NDArray[np.str_]:
        """Return the most likely entity of each row, whether it is answered or not, (n,)."""
        return np.asarray(np.array(ENTITIES)[self.probability.argmax(axis=1)])


@dataclass(frozen=True)
class NeedModel:
    """All that is needed to say which entity caseworkers would choose; threshold None: it never answers one."""

    name: str
    encoder: Encoder
    scorer: NeedScorer
    calibration: VectorScaling
    threshold: float | None

    @property
    def output_names(self) -> list[str]:
        """Return the name of each entity's probability."""
        return [f"probability_{entity}" for entity in ENTITIES]

    def answers(self, features: pd.DataFrame) -> NeedAnswers:
        """Return what the model says of a frame of inputs. The rule is to be asked first."""
        return self.answers_of(self.encoder.frame(features), unlike_training(self.encoder, features))

    def answers_of(self, codes: Floats, unlike: Bools, margins: Floats | None = None) -> NeedAnswers:
        """Return what the model says of codes, (n, inputs); margins of the scorer, None: it is asked."""
        margins = self.scorer.margins(codes) if margins is None else margins
        probability = self.calibration.probability(margins)
        low, high = self.calibration.interval(margins)
        return NeedAnswers(probability, low, high, unlike, answers(probability, unlike, self.threshold))
