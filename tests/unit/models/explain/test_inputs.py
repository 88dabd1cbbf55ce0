"""How much each input matters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ml.contracts import Cohort
from ml.errors import GateError
from ml.models.explain import importance, inputs
from ml.models.train import Trained
from ml.models.trained import TrainedModel

Stating = Callable[..., TrainedModel]


def test_importance_is_the_mean_size_of_a_contribution(stating: Stating) -> None:
    found = importance(stating(3), np.array([[1.0, -4.0, 0.0], [-1.0, 2.0, 0.5]]))
    assert list(found.items()) == [("b", 3.0), ("a", 1.0), ("c", 0.25)]


def test_importance_of_many_rows_is_of_some_of_them_the_same_each_time(
    stating: Stating, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(inputs, "MOST_ROWS", 400)
    codes = rng.normal(size=(3000, 3)) * [1, 3, 2]
    found = importance(stating(3), codes)
    assert list(found) == ["b", "c", "a"]
    assert found == importance(stating(3), codes)
    assert found["b"] != np.abs(codes[:, 1]).mean() == pytest.approx(found["b"], rel=0.15)


def test_what_makes_the_world_is_what_matters(crossed_world: Cohort, crossed: Trained) -> None:
    found = importance(crossed.model, crossed.model.encoder.frame(crossed_world.features))
    assert set(list(found)[:2]) == {"north", "east"}


def test_an_importance_that_is_not_exact_is_not_given(stating: Stating) -> None:
    with pytest.raises(GateError, match="misses the model's margin"):
        importance(stating(2, missing=0.1), np.ones((3, 2)))
