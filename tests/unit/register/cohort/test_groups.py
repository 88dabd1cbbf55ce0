"""The names of the audit's groups."""

from __future__ import annotations

import numpy as np
import pytest

from ml.register.cohort.groups import band_names, number_groups


@pytest.mark.parametrize(
    ("cuts", "names"),
    [
        ((25, 30, 50), ("under 25", "25–29", "30–49", "50 and over")),
        ((25.5, 30), ("under 25.5", "25.5 to under 30", "30 and over")),
        ((1, 2, 3), ("under 1", "1", "2", "3 and over")),
        ((-5, 0), ("under -5", "-5 to under 0", "0 and over")),
        ((40,), ("under 40", "40 and over")),
    ],
)
def test_band_names(cuts: tuple[float, ...], names: tuple[str, ...]) -> None:
    assert band_names(cuts) == names


def test_a_value_on_a_cut_point_belongs_above_it() -> None:
    values = np.array([24.9, 25.0, 29.0, 30.0, 50.0, np.nan])
    expected = ["under 25", "25–29", "25–29", "30–49", "50 and over", "missing"]
    assert number_groups(values, (25, 30, 50)).tolist() == expected


def test_few_numbers_are_groups_of_their_own() -> None:
    assert number_groups(np.array([3.0, 1.5, np.nan, 3.0]), ()).tolist() == ["3", "1.5", "missing", "3"]


def test_ten_numbers_stand_alone_and_eleven_are_cut_at_their_quartiles() -> None:
    assert len(set(number_groups(np.arange(10.0), ()))) == 10
    groups = number_groups(np.append(np.arange(11.0), np.nan), ())
    assert list(dict.fromkeys(groups)) == ["under 3", "3–4", "5–7", "8 and over", "missing"]


@pytest.mark.parametrize("heavy", [0.0, 5.0, 99.0])
def test_no_quartile_band_is_empty_however_heavy_one_value_is(heavy: float) -> None:
    values = np.append(np.full(1000, heavy), np.arange(20.0))
    counted = set(number_groups(values, ()))
    assert 2 <= len(counted) <= 4


def test_all_missing() -> None:
    assert number_groups(np.array([np.nan, np.nan]), ()).tolist() == ["missing", "missing"]
    assert number_groups(np.array([np.nan, np.nan]), (1,)).tolist() == ["missing", "missing"]
