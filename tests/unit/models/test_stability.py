"""How bands hold, by hand on a small table."""

from __future__ import annotations

import numpy as np
import pytest

from ml.contracts import Interval
from ml.models.bands import Bands
from ml.models.stability import stability

#          asked  wide   unlike unstable agreed  landmark person
TABLE = [
    (True,  False, False, False, 1.0,    0, 1),
    (True,  True,  False, False, 0.9,    0, 2),
    (True,  False, True,  True,  0.5,    0, 3),
    (True,  False, False, False, 1.0,    0, 4),
    (True,  True,  False, False, 1.0,    1, 1),
    (True,  False, False, True,  0.6,    1, 2),
    (False, True,  True,  True,  0.0,    2, 5),  # had reached the main horizon: nobody is told a band
]  # fmt: skip
ASKED, WIDE, UNLIKE, UNSTABLE, AGREED, LANDMARK, PERSON = (np.array(column) for column in zip(*TABLE, strict=True))
BANDS = Bands(np.zeros(7, dtype=np.int64), ASKED, WIDE, UNLIKE, UNSTABLE, AGREED)


def test_shares_are_of_those_who_are_asked_over_all_and_at_each_landmark() -> None:
    found = {each.landmark: each for each in stability(BANDS, LANDMARK, PERSON, 10)}
    assert list(found) == [None, 0, 1]
    assert [each.rows for each in found.values()] == [6, 4, 2]
    assert {each.refits for each in found.values()} == {10}
    for name, shares in {
        "flipped": (3 / 6, 2 / 4, 1 / 2),  # at least one refit sees another band
        "disagreeing": (1.0 / 6, 0.6 / 4, 0.4 / 2),
        "uncertain": (4 / 6, 2 / 4, 2 / 2),
    }.items():
        for each, share in zip(found.values(), shares, strict=True):
            interval: Interval = getattr(each, name)
            assert interval.value == pytest.approx(share)
            assert 0 <= interval.low <= share + 1e-12
            assert share - 1e-12 <= interval.high <= 1
    assert [found[None].wide, found[None].unlike, found[None].unstable] == pytest.approx([2 / 6, 1 / 6, 2 / 6])
    assert [found[1].wide, found[1].unlike, found[1].unstable] == pytest.approx([1 / 2, 0, 1 / 2])


def test_intervals_are_of_persons() -> None:
    """Ten rows of a person who all say the same make no share surer; as many persons do."""
    of_rows = np.repeat([1.0, 0.5, 1.0, 0.5, 1.0, 1.0, 0.5, 1.0], 10)
    bands = Bands(np.zeros(80, dtype=np.int64), *(np.full(80, each) for each in (True, False, False, False)), of_rows)
    nowhere = np.zeros(80, dtype=np.int64)
    width = []
    for person in (np.repeat(np.arange(8), 10), np.arange(80)):
        flipped = stability(bands, nowhere, person, 10)[0].flipped
        width.append(flipped.high - flipped.low)
        assert flipped.value == pytest.approx(3 / 8)
    assert width[0] > 2 * width[1]


def test_that_no_band_flips_is_no_certainty() -> None:
    """None of eight persons: up to 37 % of all persons may (Clopper–Pearson)."""
    bands = Bands(np.zeros(8, dtype=np.int64), *(np.full(8, each) for each in (True, False, False, False)), np.ones(8))
    flipped = stability(bands, np.zeros(8, dtype=np.int64), np.arange(8), 10)[0].flipped
    assert (flipped.value, flipped.low) == (0, 0)
    assert flipped.high == pytest.approx(1 - 0.025 ** (1 / 8))
