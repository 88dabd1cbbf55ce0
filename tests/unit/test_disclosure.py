"""Small counts are withheld, the others rounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.disclosure import ROUNDING, THRESHOLD, redact


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, 0),
        (1, None),
        (4, None),
        (5, 5),
        (7, 5),
        (8, 10),
        (12, 10),
        (13, 15),
        (37_439, 37_440),
    ],
)
def test_what_is_shown_of_a_count(count: int, shown: int | None) -> None:
    assert redact(count) == shown


@given(st.integers(0, 10_000), st.integers(1, THRESHOLD - 1))
def test_a_withheld_count_cannot_be_had_by_subtraction(rest: int, small: int) -> None:
    """Whatever total and rest are shown, another small count would have looked the same."""
    alike = {
        other
        for other_rest in range(max(rest - ROUNDING, 0), rest + ROUNDING + 1)
        for other in range(1, THRESHOLD)
        if redact(other_rest) == redact(rest) and redact(other_rest + other) == redact(rest + small)
    }
    if rest >= THRESHOLD:
        assert len(alike) > 1
    assert small in alike
