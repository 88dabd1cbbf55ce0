"""Labels that make room for each other: as scikit-learn's isotonic regression would move them."""

from __future__ import annotations

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from serving.pages.drawings.svg import spread

NUMBERS = st.floats(0, 300, allow_subnormal=False)


@given(st.lists(NUMBERS, min_size=1, max_size=5).map(sorted), st.lists(st.floats(1, 60), min_size=4, max_size=4),
       st.floats(0, 40), st.floats(280, 320))  # fmt: skip
def test_moved_as_little_as_may_be(wanted: list[float], distances: list[float], first: float, last: float) -> None:
    apart = distances[: len(wanted) - 1]
    found = spread(wanted, apart, first, last)
    assert all(b - a >= least - 1e-9 for (a, b), least in zip(pairwise(found), apart, strict=True))
    before = np.array([0.0, *accumulate(apart)])
    oracle = IsotonicRegression(y_min=first, y_max=last - before[-1])
    expected = oracle.fit_transform(np.arange(len(wanted)), np.array(wanted) - before) + before
    assert found == pytest.approx(expected.tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("wanted", "stand"),
    [([20.0, 100.0, 250.0], [20.0, 100.0, 250.0]), ([100.0, 110.0, 250.0], [85.0, 125.0, 250.0]),
     ([100.0, 290.0, 310.0], [100.0, 260.0, 300.0])],
)  # fmt: skip
def test_labels_that_are_close_share_the_way(wanted: list[float], stand: list[float]) -> None:
    assert spread(wanted, [40.0, 40.0], 10.0, 300.0) == pytest.approx(stand)
