"""Curves that only fall, and bands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from ml.contracts import Floats, Outcome
from ml.models.calibrate import Calibrator
from ml.models.encode import Encoder
from ml.models.trained import Band, TrainedModel

FINE = ((0.04, 0.0), (0.0, 0.01))


@dataclass(frozen=True)
class AsGiven:
    """A scorer whose codes are its margins."""

    kind: ClassVar[str] = "as given"

    def margins(self, codes: Floats) -> Floats:
        return codes

    def contributions(self, codes: Floats, place: int) -> Floats:
        return codes[:, [place]]


@pytest.fixture(scope="session")
def model(months: Outcome) -> TrainedModel:
    return TrainedModel("ltu-small", Encoder(()), AsGiven(), (Calibrator(0.0, 1.0, FINE),) * 3, months, 0.2, 0.6)


MARGINS = arrays(np.float64, (5, 3), elements=st.floats(-20, 20))
SLOPES = st.lists(st.tuples(st.floats(-3, 3), st.floats(0, 3)), min_size=3, max_size=3)


@given(MARGINS, SLOPES)
def test_chances_never_rise_and_lie_within_their_interval(
    model: TrainedModel, margins: Floats, lines: list[tuple[float, float]]
) -> None:
    found = replace(model, calibrators=tuple(Calibrator(a, b, FINE) for a, b in lines)).curve(margins)
    for each in (found.probability, found.low, found.high):
        assert each.shape == (5, 3)
        assert (np.diff(each, axis=1) <= 0).all()
        assert ((each >= 0) & (each <= 1)).all()
    assert ((found.low <= found.probability) & (found.probability <= found.high)).all()
    # the first horizon, and every chance that does not exceed an earlier one, are as calibrated
    alone = np.column_stack([expit(a + b * margins[:, place]) for place, (a, b) in enumerate(lines)])
    np.testing.assert_allclose(found.probability, [[min(row[: i + 1]) for i in range(3)] for row in alone])


def test_the_main_horizon_and_the_names_of_the_outputs(model: TrainedModel) -> None:
    assert model.place == 1
    assert model.output_names == ["still_unemployed_at_3", "still_unemployed_at_6", "still_unemployed_at_12"]
    halves: Any = replace(model, outcome=replace(model.outcome, horizon=2.5, horizons=(2.5,)))
    assert halves.output_names == ["still_unemployed_at_2.5"]


@pytest.mark.parametrize(
    ("probability", "low", "high", "unfamiliar", "band"),
    [
        # low below 0.2, elevated from 0.6
        (0.10, 0.05, 0.15, False, Band.LOW),
        (0.19, 0.10, 0.59, False, Band.LOW),
        (0.20, 0.19, 0.30, False, Band.TYPICAL),  # the cut belongs to the band above it
        (0.40, 0.30, 0.50, False, Band.TYPICAL),
        (0.59, 0.20, 0.70, False, Band.TYPICAL),
        (0.60, 0.50, 0.70, False, Band.ELEVATED),
        (0.90, 0.80, 0.95, False, Band.ELEVATED),
        (0.40, 0.19, 0.60, False, Band.UNCERTAIN),  # it may be any of the three
        (0.40, 0.20, 0.60, False, Band.TYPICAL),
        (0.40, 0.19, 0.59, False, Band.TYPICAL),
        (0.90, 0.10, 0.95, False, Band.UNCERTAIN),
        (0.10, 0.05, 0.15, True, Band.UNCERTAIN),
        (0.90, 0.80, 0.95, True, Band.UNCERTAIN),
    ],
)
def test_bands(
    model: TrainedModel, probability: float, low: float, high: float, unfamiliar: bool, band: Callable[..., Band]
) -> None:
    assert model.band(probability, low, high, unfamiliar=unfamiliar) is band
