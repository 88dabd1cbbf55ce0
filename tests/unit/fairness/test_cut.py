"""Where the line is drawn, and that ties are not divided."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import DataError
from ml.fairness.cut import cut


@pytest.mark.parametrize(
    ("scores", "capacity", "selected"),
    [
        ([0.9, 0.7, 0.5, 0.3], 0.25, [0.9]),
        ([0.9, 0.7, 0.5, 0.3], 0.5, [0.9, 0.7]),
        ([0.9, 0.5, 0.5, 0.5], 0.5, [0.9]),  # 1 of 4 is nearer to 2 than 4 are
        ([0.9, 0.9, 0.9, 0.1], 0.5, [0.9, 0.9, 0.9]),  # 3 of 4 is nearer than nobody
        ([0.9, 0.9, 0.9, 0.1], 0.01, [0.9, 0.9, 0.9]),  # nobody is no selection, however near
        ([0.9, 0.5, 0.5, 0.1], 0.5, [0.9]),  # 1 and 3 are equally near: stay within capacity
        ([0.5, 0.5, 0.5, 0.5], 0.25, [0.5, 0.5, 0.5, 0.5]),
        ([0.0], 0.25, [0.0]),
        ([0.9, 0.1], 1.0, [0.9, 0.1]),
    ],
)
def test_the_line(scores: list[float], capacity: float, selected: list[float]) -> None:
    score = np.array(scores)
    assert score[score >= cut(score, capacity)].tolist() == selected


@given(
    st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.5, 0.9, 1.0]), min_size=1, max_size=60),
    st.floats(0.01, 1.0),
)
def test_no_other_line_is_nearer_to_capacity(scores: list[float], capacity: float) -> None:
    score = np.array(scores)
    chosen = abs(np.mean(score >= cut(score, capacity)) - capacity)
    others = [abs(np.mean(score >= line) - capacity) for line in set(scores)]
    assert chosen <= min(others) + 1e-9


@pytest.mark.parametrize("capacity", [0.07, 0.29, 0.57, 0.58])
def test_a_share_that_floats_cannot_hold_still_selects_its_rows(capacity: float) -> None:
    score = np.linspace(0, 1, 100)
    assert int(np.sum(score >= cut(score, capacity))) == round(100 * capacity)


@pytest.mark.parametrize("wrong", [float("nan"), -0.1, 1.1, float("inf")])
def test_a_score_that_is_no_probability_is_named(wrong: float) -> None:
    with pytest.raises(DataError, match=r"1 of 3 scores are missing or outside 0–1.*row 1"):
        cut(np.array([0.5, wrong, 0.5]), 0.25)


def test_no_rows_is_an_error() -> None:
    with pytest.raises(DataError, match="no rows"):
        cut(np.array([]), 0.25)
