"""A mixed table as numbers: every type on one footing, tails bounded, missing values heard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Column, ColumnType, Role
from ml.models.fractions.coding import Coded, code


def coded(kind: ColumnType = ColumnType.NUMBER, /, **columns: object) -> Coded:
    frame = pd.DataFrame(columns)
    return code(frame, [Column(name, kind, Role.FEATURE) for name in columns])


def test_a_long_tail_counts_no_more_than_its_rank(rng: np.random.Generator) -> None:
    days = rng.exponential(10, 500).round(2)
    tail = np.where(days > np.quantile(days, 0.99), days * 1000, days)
    np.testing.assert_allclose(coded(days=days).matrix, coded(days=tail).matrix)
    assert np.abs(coded(days=tail).matrix).max() < 2


def test_a_yes_or_no_is_the_same_as_number_and_as_boolean(rng: np.random.Generator) -> None:
    yes = (rng.random(400) < 0.3).astype(np.float64)
    z_score = (yes - yes.mean()) / yes.std()
    np.testing.assert_allclose(coded(yes=yes).matrix[:, 0], z_score)
    np.testing.assert_allclose(coded(ColumnType.BOOLEAN, yes=yes).matrix[:, 0], z_score)


def test_a_missing_number_says_only_that_it_is_missing() -> None:
    known = np.arange(100.0)
    found = coded(months=np.where(known < 40, np.nan, known)).matrix
    assert found.shape == (100, 2)
    assert (found[:40, 0] == 0).all()
    assert np.ptp(found[:40, 1]) == 0 != found[0, 1] - found[99, 1]


def test_levels_weigh_by_the_root_of_their_share() -> None:
    """The indicators of factor analysis of mixed data: total variance is the number of levels less one (Pagès 2004)."""
    levels = np.array(["a"] * 60 + ["b"] * 30 + [None] * 10, dtype=object)  # type: ignore[list-item]
    found = coded(ColumnType.CATEGORY, kind=levels).matrix
    assert found.shape == (100, 3)
    np.testing.assert_allclose(found.var(axis=0), [1 - 0.6, 1 - 0.3, 1 - 0.1])


@pytest.mark.parametrize(
    ("levels", "width"),
    [
        (["a"] * 50 + ["b"] * 50, 1),  # the second repeats the first
        (["a"] * 60 + ["b"] * 39 + ["c"], 2),  # one in a hundred is rare: nobody's level
        (["a"] * 60 + ["b"] * 37 + ["c", "d", "e"], 3),  # rare ones together are not
        (["a"] * 99 + ["b"], 0),
        (["a"] * 100, 0),
        ([None] * 100, 0),
    ],
)
def test_what_few_people_share_makes_no_column(levels: list[str | None], width: int) -> None:
    assert coded(ColumnType.CATEGORY, kind=np.array(levels, dtype=object)).matrix.shape[1] == width


def test_numbers_that_hardly_vary_and_days_of_the_calendar_say_nothing() -> None:
    assert coded(n=np.r_[np.zeros(99), 7]).matrix.shape == (100, 0)
    assert coded(ColumnType.DATE, day=np.arange(100.0)).matrix.shape == (100, 0)


def test_one_fact_over_three_windows_is_one_voice(rng: np.random.Generator) -> None:
    three = {f"days_{years}y": rng.random(200) for years in (1, 3, 5)}
    assert coded(**three).matrix.var() * 3 == pytest.approx(coded(days=three["days_1y"]).matrix.var())


def test_who_had_no_service_has_no_ending_of_it_either_and_it_counts_once() -> None:
    none = np.arange(100) < 30
    numbers = {name: np.where(none, np.nan, np.arange(100.0) % (7 + size)) for size, name in enumerate(("a", "b"))}
    found = coded(**numbers)
    assert found.matrix.shape[1] == 3
    assert found.column.tolist() == [0, 0, 1]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=2, max_size=60), st.integers(0, 2**32 - 1))
def test_every_column_is_centred_and_no_heavier_than_one_and_a_missing(values: list[float | None], seed: int) -> None:
    numbers = np.array([np.nan if value is None else value for value in values])
    found = coded(n=numbers).matrix
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    assert (found.var(axis=0) <= 1 + 1e-9).all()
    order = np.random.default_rng(seed).permutation(len(numbers))
    np.testing.assert_allclose(coded(n=numbers[order]).matrix, found[order], atol=1e-9)
