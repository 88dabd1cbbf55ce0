"""The share as times are now, against scikit-survival, a world that changes, and draws of persons."""

from __future__ import annotations

import numpy as np
import pytest
from sksurv.nonparametric import kaplan_meier_estimator

from ml.contracts import Floats, Spells
from ml.errors import DataError
from ml.measures.period import period_share

YEAR = 365.0


def followed(rng: np.random.Generator, n: int, early: float, late: float) -> tuple[Spells, Floats]:
    """Return spells that began in two years before a cut, and their durations when the second year began.

    The chance to leave on a day is `early` in the first of these years and `late` in the second.
    """
    began = rng.integers(0, 730, n)
    in_early = rng.geometric(early, n)
    lasted = np.maximum(365 - began, 0)
    duration = np.where(in_early <= lasted, in_early, lasted + rng.geometric(late, n)).astype(np.float64)
    until = (730 - began).astype(np.float64)
    return Spells(np.minimum(duration, until), duration <= until), lasted.astype(np.float64)


def test_it_is_the_kaplan_meier_share_of_those_who_enter_late(rng: np.random.Generator) -> None:
    spells, since = followed(rng, 4_000, 0.002, 0.003)
    share, _ = period_share(spells, since, YEAR, np.arange(4_000))
    there = spells.duration > since
    time, curve = kaplan_meier_estimator(spells.exited[there], spells.duration[there], since[there])
    assert share == pytest.approx(curve[time < YEAR][-1], abs=1e-12)


def test_it_follows_the_times_where_a_cohort_does_not(rng: np.random.Generator) -> None:
    """People left half as often before: the share of now is that of the second year alone."""
    spells, since = followed(rng, 60_000, 0.001, 0.002)
    share, error = period_share(spells, since, YEAR, np.arange(60_000))
    assert share == pytest.approx((1 - 0.002) ** 364, abs=4 * error)
    before, _ = period_share(spells, np.zeros(60_000), YEAR, np.arange(60_000))
    assert before > share + 10 * error


def test_looked_at_late_it_is_the_share_of_those_who_were_there(rng: np.random.Generator) -> None:
    spells, since = followed(rng, 60_000, 0.002, 0.002)
    look = np.full(60_000, 91.0)
    there = spells.duration >= look
    share, error = period_share(Spells(spells.duration, spells.exited, look)[there], since[there], YEAR,
                                np.arange(int(there.sum())))  # fmt: skip
    assert share == pytest.approx((1 - 0.002) ** (364 - 91), abs=4 * error)


def looked_at_late(rng: np.random.Generator, n: int, late: float = 0.002) -> tuple[Spells, Floats]:
    """Return spells whose record was entered up to four months after they began, of those that still went on then."""
    spells, since = followed(rng, n, 0.002, late)
    entry = rng.integers(0, 120, n).astype(np.float64)
    there = spells.duration > entry
    return Spells(spells.duration, spells.exited, entry)[there], since[there]


def test_each_share_is_from_the_look_on(rng: np.random.Generator) -> None:
    """Who was looked at late had stayed so long already: it is not the share of all who registered."""
    spells, since = looked_at_late(rng, 60_000)
    share, error = period_share(spells, since, YEAR, np.arange(len(since)))
    looked = spells.entry[since <= spells.entry]
    assert share == pytest.approx(np.mean(0.998 ** (364 - looked)), abs=4 * error)
    assert share > 0.998**364 + 10 * error


def test_the_error_is_that_of_drawing_persons(rng: np.random.Generator) -> None:
    """Persons have two spells alike; 300 draws know a standard deviation to within 4 %, five of these are 20 %."""
    one, since = looked_at_late(rng, 1_500, 0.003)
    persons = len(since)
    twice = np.tile(np.arange(persons), 2)
    _, error = period_share(one[twice], since[twice], YEAR, twice)
    shares = []
    for _ in range(300):
        row = np.concatenate([drawn := rng.integers(0, persons, persons), drawn])
        shares.append(period_share(one[row], since[row], YEAR, np.arange(2 * persons))[0])
    assert error == pytest.approx(np.std(shares), rel=0.2)


def test_a_window_without_a_look_tells_no_share(rng: np.random.Generator) -> None:
    spells, since = followed(rng, 1_000, 0.002, 0.002)
    under_way = since > 0
    with pytest.raises(DataError, match="nobody was looked at"):
        period_share(spells[under_way], since[under_way], YEAR, np.arange(int(under_way.sum())))


def test_nobody_followed_to_the_horizon_is_an_error() -> None:
    spells = Spells(np.array([10.0, 20.0]), np.array([True, False]))
    with pytest.raises(DataError, match="no spell was followed"):
        period_share(spells, np.zeros(2), YEAR, np.arange(2))
