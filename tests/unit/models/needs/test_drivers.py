"""Drivers: exact, few, both ways, and grouped by reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from ml.contracts import ENTITIES, Column, ColumnType, Floats, Kind, Placements, Reason, Role
from ml.errors import GateError
from ml.models.encode import Encoder, Input
from ml.models.needs.calibrate import VectorScaling
from ml.models.needs.classifier import NeedLines
from ml.models.needs.drivers import contrasts, drivers, importance
from ml.models.needs.model import NeedModel
from ml.models.needs.train import TrainedNeeds

NOT_SURE = tuple((0.0, 0.0, 0.0) for _ in range(3))


def by_hand(weights: dict[str, tuple[float, float, float]], reasons: dict[str, Reason] | None = None) -> NeedModel:
    """Return a model of numbers around 0, each with its weight for the three entities."""
    columns = [
        Column(name, ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, reason=(reasons or {}).get(name))
        for name in weights
    ]
    encoder = Encoder(tuple(Input(column, (), -10.0, 10.0, 0.0, 1.0, missing_seen=True) for column in columns))
    matrix = np.zeros((3, 2 * len(columns)))
    matrix[:, 1::2] = np.array(list(weights.values())).T
    lines = NeedLines(encoder, matrix, np.zeros(3), np.zeros(2 * len(columns)))
    return NeedModel("by-hand", encoder, lines, VectorScaling(2.0, (0.0, 0.0, 0.0), NOT_SURE), 0.5)


def test_a_contribution_is_measured_against_the_other_two() -> None:
    (driver,) = drivers(by_hand({"x": (0.6, 0.2, 0.0)}), {"x": 1.0}, "skills")
    assert driver.contribution == pytest.approx(2 * (0.6 - (0.2 + 0.0) / 2))
    assert (driver.column.name, driver.value, driver.speaks_for) == ("x", 1.0, True)


def test_what_adds_the_same_to_all_is_no_driver() -> None:
    assert drivers(by_hand({"x": (3.0, 3.0, 3.0)}), {"x": 1.0}, "skills") == ()


def test_three_for_and_three_against_strongest_first() -> None:
    model = by_hand({f"x{place}": (weight, 0.0, 0.0) for place, weight in enumerate((1, 4, -2, 3, 2, -1, -4, -3))})
    found = drivers(model, {f"x{place}": 1.0 for place in range(8)}, "skills")
    assert [driver.column.name for driver in found] == ["x1", "x3", "x4", "x6", "x7", "x2"]
    assert [driver.speaks_for for driver in found] == [True] * 3 + [False] * 3


def test_inputs_of_one_reason_are_summed_and_the_strongest_one_is_told() -> None:
    work = Reason("work", {"en": "Work history"})
    model = by_hand({"days": (1.0, 0, 0), "jobs": (2.0, 0, 0), "gap": (-0.5, 0, 0)}, {"days": work, "jobs": work})
    work_driver, gap = drivers(model, {"days": 1.0, "jobs": 1.0, "gap": 1.0}, "skills")
    assert (work_driver.reason, work_driver.column.name) == (work, "jobs")
    assert work_driver.contribution == pytest.approx(2 * 3.0)
    assert gap.reason.name == "gap"


def test_a_weak_contribution_is_not_worth_words() -> None:
    assert drivers(by_hand({"x": (0.02, 0.0, 0.0)}), {"x": 1.0}, "skills") == ()


@pytest.mark.parametrize("kind", ["logistic", "lightgbm"])
def test_contrasts_and_base_sum_to_the_contrast_of_the_margins(
    trained: TrainedNeeds, placements: Placements, kind: str
) -> None:
    scorer, codes = trained.candidates[kind].scorer, trained.codes[:200]
    margins = scorer.margins(codes)
    others = (margins.sum(axis=1, keepdims=True) - margins) / 2
    assert contrasts(scorer.contributions(codes)).sum(axis=2) == pytest.approx(margins - others, abs=1e-9)


@dataclass(frozen=True)
class Off:
    """A scorer whose explanation misses its margins."""

    inner: NeedLines
    by: float
    kind: ClassVar[str] = "logistic"

    def margins(self, codes: Floats) -> Floats:
        return self.inner.margins(codes) + np.array([0.0, self.by, 0.0])

    def contributions(self, codes: Floats) -> Floats:
        return self.inner.contributions(codes)


@pytest.mark.parametrize("by", [1e-4, float("nan")])
def test_an_explanation_that_is_not_exact_is_not_given(by: float) -> None:
    model = by_hand({"x": (1.0, 0.0, 0.0)})
    assert isinstance(model.scorer, NeedLines)
    with pytest.raises(GateError, match="misses the model's margin"):
        drivers(replace(model, scorer=Off(model.scorer, by)), {"x": 1.0}, "skills")


def test_importance_is_the_mean_strength_largest_first(trained: TrainedNeeds) -> None:
    found = importance(trained.model, trained.codes)
    assert next(iter(found)) in {"language_course", "ability"}
    assert set(found) == {"months", "ability", "language_course", "trade"}
    largest = [max(each.values()) for each in found.values()]
    assert largest == sorted(largest, reverse=True)
    parts = contrasts(trained.model.scorer.contributions(trained.codes))[:, :, :-1]
    place = trained.model.encoder.names.index("ability")
    expected = trained.model.calibration.slope * np.abs(parts[:, ENTITIES.index("rehabilitation"), place]).mean()
    assert found["ability"]["rehabilitation"] == pytest.approx(expected)
