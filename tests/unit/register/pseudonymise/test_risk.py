"""The remaining risk is counted over people and shown through disclosure control."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.register.pseudonymise.risk import Risky, _sharing, remaining_risk, shown_share


def numbers(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 3)), max_size=30))
def test_sequences_are_shared_as_lists_compare(rows: list[tuple[int, int, int]]):
    persons, days, values = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(3))
    sequences = {p: tuple(v for q, _, v in sorted(rows) if q == p) for p in sorted({row[0] for row in rows})}
    expected = [list(sequences.values()).count(sequence) for sequence in sequences.values()]
    assert _sharing(persons, days, values).tolist() == expected


def test_small_counts_do_not_show():
    assert shown_share(4, 1000) is None
    assert shown_share(0, 1000) == 0
    assert shown_share(7, 12) == 0.5
    assert shown_share(5, 0) is None


def test_the_figures_of_a_small_register():
    """Ten people in two classes of five; one class's people have a second version in a class that all share."""
    persons = numbers(*range(10), *range(10))
    classes = numbers(*[0] * 5, *[1] * 5, *[2] * 10)
    valid_from = numbers(*[1] * 10, *[2] * 10)
    history = Risky(numbers(0, 0, 1, 1, 2, 3, 4, 5), numbers(1, 5, 1, 5, 1, 3, 4, 5))
    risk = remaining_risk(classes, persons, valid_from, history, 5)
    assert (risk.combinations, risk.smallest, risk.mean) == (3, 5, 6.7)
    assert (risk.prosecutor_max, risk.prosecutor_mean) == (0.2, 0.15)
    assert risk.versions_under_k == 0
    assert risk.unique_histories is None  # four people: too few to show


@pytest.mark.parametrize("shared", [1, 5])
def test_unique_histories_are_those_that_nobody_shares(shared: int):
    persons = np.arange(100)
    days = np.arange(100) // shared
    risk = remaining_risk(np.zeros(100, dtype=np.int64), persons, days, Risky(persons, days), 5)
    assert risk.unique_histories == (1.0 if shared == 1 else 0.0)
