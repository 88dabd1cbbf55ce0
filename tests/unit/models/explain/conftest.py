"""Models that contribute what they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from ml.contracts import Column, ColumnType, Floats, Reason, Role
from ml.models.calibrate import Calibrator, Calibrators
from ml.models.encode import Encoder, Input
from ml.models.scorers import Scorer
from ml.models.train import Trained
from ml.models.trained import Refit, TrainedModel

Stating = Callable[..., TrainedModel]


@dataclass(frozen=True)
class Codes:
    """A scorer whose codes, each times its weight, are their own contributions at the second horizon.

    missing  what its explanation leaves out of the margin
    """

    weights: tuple[float, ...]
    missing: float = 0.0
    kind: ClassVar[str] = "stated"

    def margins(self, codes: Floats) -> Floats:
        at = codes @ np.array(self.weights) + 0.5 + self.missing
        return np.column_stack([np.full(len(codes), -99.0), at, np.full(len(codes), 99.0)])

    def contributions(self, codes: Floats, place: int) -> Floats:
        assert place == 1, "the main horizon"
        return np.column_stack([codes * np.array(self.weights), np.full(len(codes), 0.5)])


def calibrators(slope: float) -> Calibrators:
    """Return calibrators whose slope at the second horizon, the main one, is as given."""
    return (tuple(Calibrator(0.0, 0.0, each) for each in (9.0, slope, 9.0)),)


@pytest.fixture(scope="session")
def stating(crossed: Trained) -> Stating:
    """Return a maker of models of inputs a, b, c … whose values are their own contributions.

    reasons  the name of each input's reason, None: its own
    """

    def make(
        inputs: int,
        *,
        reasons: Sequence[str | None] | None = None,
        missing: float = 0.0,
        slope: float = 1.0,
        refits: tuple[Scorer, ...] = (),
    ) -> TrainedModel:
        named = reasons or [None] * inputs
        columns = [
            Column(name, ColumnType.NUMBER, Role.FEATURE, reason=None if reason is None else Reason(reason))
            for name, reason in zip("abcdefghijkl"[:inputs], named, strict=True)
        ]
        return replace(
            crossed.model,
            encoder=Encoder(tuple(Input(column, (), 0.0, 9.0, 0.0, 1.0, True) for column in columns)),
            scorer=Codes((1.0,) * inputs, missing),
            calibrators=calibrators(slope),
            refits=tuple(Refit(each, calibrators(slope)) for each in refits),
        )

    return make
