"""The kept scorer and its refits at once: what each would say alone, of one row and of many."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from ml.models.panel import panel
from ml.models.train import Trained


@pytest.mark.parametrize("world", ["ruled", "straight", "bent", "crossed", "small_trees"])
def test_a_panel_says_what_each_scorer_says(world: str, request: pytest.FixtureRequest) -> None:
    trained: Trained = request.getfixturevalue(world)
    codes = trained.codes[:300].copy()
    codes[:60:3, 0], codes[:60:4, -1] = np.nan, np.nan
    scorers = [trained.model.scorer, *(each.scorer for each in trained.model.refits)]
    ask = panel(scorers).margins
    expected = np.array([each.margins(codes) for each in scorers])
    np.testing.assert_array_equal(ask(codes), expected)
    for place in range(60):
        np.testing.assert_allclose(ask(codes[place : place + 1]), expected[:, place : place + 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("world", ["straight", "crossed"])
def test_scorers_that_share_nothing_are_asked_one_by_one(world: str, request: pytest.FixtureRequest) -> None:
    trained: Trained = request.getfixturevalue(world)

    class Other(type(trained.model.scorer)):  # type: ignore[misc]
        def margins(self, codes: np.ndarray) -> np.ndarray:
            return np.full((len(codes), 3), 0.5)

    other = Other(**{each.name: getattr(trained.model.scorer, each.name) for each in fields(trained.model.scorer)})
    for count in (1, 30):
        codes = trained.codes[:count]
        np.testing.assert_array_equal(panel([trained.model.scorer, other]).margins(codes)[1], np.full((count, 3), 0.5))


def test_nobody_is_told_nothing(crossed: Trained) -> None:
    scorers = [crossed.model.scorer, *(each.scorer for each in crossed.model.refits)]
    assert panel(scorers).margins(crossed.codes[:0]).shape == (11, 0, 3)
