"""Kaplan–Meier shares and censoring weights against scikit-survival, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sksurv.nonparametric import CensoringDistributionEstimator, ipc_weights, kaplan_meier_estimator
from sksurv.util import Surv

from ml.contracts import Floats, Spells
from ml.errors import DataError
from ml.measures.censoring import outcome_at, share_unemployed, survival_curve

Rows = list[tuple[int, bool]]
TIED = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40)  # few days: ties of all kinds
APART = st.lists(st.integers(0, 500), min_size=2, max_size=60, unique=True)


def spells_of(rows: Rows) -> Spells:
    return Spells(np.array([float(row[0]) for row in rows]), np.array([row[1] for row in rows], dtype=bool))


def can_be_known(spells: Spells, horizon: float) -> bool:
    return bool((spells.duration >= horizon).any() or spells.exited.all())


@given(TIED, st.sampled_from([0.5, 3, 3.5, 8]))
def test_share_and_interval_are_those_of_scikit_survival(rows: Rows, horizon: float) -> None:
    """P(duration >= horizon) is scikit-survival's P(duration > t) at the last duration t before the horizon."""
    spells = spells_of(rows)
    assume(can_be_known(spells, horizon))
    time, share, ends = kaplan_meier_estimator(spells.exited, spells.duration, conf_type="log-log")
    before = np.searchsorted(time, horizon, side="left") - 1
    found = share_unemployed(spells, horizon)
    assert found.value == pytest.approx(share[before] if before >= 0 else 1.0, abs=1e-12)
    if 0 < found.value < 1:
        assert (found.low, found.high) == pytest.approx(tuple(ends[:, before]), abs=1e-12)
    else:
        assert found.low == found.value == found.high


@given(TIED)
def test_the_curve_is_that_of_scikit_survival(rows: Rows) -> None:
    spells = spells_of(rows)
    oracle = kaplan_meier_estimator(spells.exited, spells.duration)
    np.testing.assert_allclose(survival_curve(spells), oracle, atol=1e-12)


@settings(max_examples=300)
@given(TIED, st.sampled_from([0.5, 1, 3, 3.5, 7, 8]))
def test_weighted_mean_of_the_outcome_is_the_kaplan_meier_share(rows: Rows, horizon: float) -> None:
    spells = spells_of(rows)
    assume(can_be_known(spells, horizon))
    found = outcome_at(spells, horizon)
    assert found.weight.sum() == pytest.approx(len(rows), abs=1e-9)
    share = share_unemployed(spells, horizon).value
    assert np.average(found.outcome, weights=found.weight) == pytest.approx(share, abs=1e-12)


@given(APART, st.integers(0, 2**32 - 1), st.integers(0, 500))
def test_weights_are_those_of_scikit_survival_where_no_two_spells_are_tied(
    days: list[int], seed: int, horizon: int
) -> None:
    """Without ties both conventions agree, once everybody at the horizon counts as seen there."""
    spells = Spells(np.array(days, dtype=float), np.random.default_rng(seed).random(len(days)) < 0.5)
    assume((spells.duration > horizon).any() and horizon not in days and spells.exited.any())
    known = (spells.duration >= horizon) | spells.exited
    found = outcome_at(spells, horizon)
    np.testing.assert_array_equal(found.known, known)
    known_at = np.minimum(spells.duration, horizon)
    np.testing.assert_allclose(found.weight, ipc_weights(known, known_at), rtol=1e-12)
    uncensored = CensoringDistributionEstimator().fit(Surv.from_arrays(spells.exited, spells.duration))
    np.testing.assert_allclose(found.weight[known], 1 / uncensored.predict_proba(known_at[known]), rtol=1e-12)


def test_what_a_spell_weighs_at_four_units() -> None:
    """Of the four still there after the exit at 2, one is censored: the three followed further weigh 4/3 each."""
    table = [
        # duration, exited, outcome, weight
        (1, True, False, 1),
        (2, True, False, 1),  # an exit comes before a censoring on the same day
        (2, False, None, 0),
        (3, True, False, 4 / 3),
        (4, False, True, 4 / 3),  # censored at the horizon: reached it
        (5, True, True, 4 / 3),
    ]
    found = outcome_at(spells_of([row[:2] for row in table]), 4)
    assert found.weight == pytest.approx([row[3] for row in table], abs=1e-12)
    assert [bool(o) if w else None for o, w in zip(found.outcome, found.weight, strict=True)] == [r[2] for r in table]


@given(st.lists(st.integers(0, 8), min_size=1, max_size=30), st.sampled_from([1, 3.5, 8, 9]))
def test_without_censoring_every_spell_weighs_one(days: list[int], horizon: float) -> None:
    spells = spells_of([(day, True) for day in days])
    assert (outcome_at(spells, horizon).weight == 1).all()
    assert share_unemployed(spells, horizon).value == pytest.approx(np.mean(spells.duration >= horizon), abs=1e-12)


@pytest.mark.parametrize(
    ("rows", "longest"), [([(1, True), (2, False), (3, True)], "3"), ([(3.5, False)], "3.5"), ([], "0")]
)
def test_a_horizon_that_nobody_reached_is_refused(rows: Rows, longest: str) -> None:
    for ask in (outcome_at, share_unemployed):
        with pytest.raises(DataError, match=rf"no spell was followed to 4 units \(the longest to {longest}\)"):
            ask(spells_of(rows), 4)


# ---------------------------------------------------------------- spells looked at late

LATE = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 8), st.booleans()), min_size=1, max_size=40)


def late(rows: list[tuple[int, int, bool]]) -> Spells:
    """Return spells from entries, from what came after each, and exits."""
    entry = np.array([float(row[0]) for row in rows])
    return Spells(entry + [row[1] for row in rows], np.array([row[2] for row in rows]), entry)


def as_before_entries(spells: Spells, horizon: float) -> Floats:
    """Return the weights as they were computed before a spell could have an entry."""
    time, place = np.unique(spells.duration, return_inverse=True)
    leaving = np.bincount(place)
    at_risk = leaving[::-1].cumsum()[::-1]
    exits = np.bincount(place, weights=spells.exited)
    staying = at_risk - exits
    kept = np.divide(at_risk - leaving, staying, out=np.ones(len(time)), where=staying > 0)
    uncensored = np.concatenate([[1.0], np.cumprod(kept)])
    probability = uncensored[np.searchsorted(time, np.minimum(spells.duration, horizon), side="left")]
    known = (spells.duration >= horizon) | spells.exited
    return np.divide(1.0, probability, out=np.zeros(len(known)), where=known & (probability > 0))


@settings(max_examples=300)
@given(TIED, st.sampled_from([0.5, 1, 3, 3.5, 7, 8]))
def test_with_every_entry_0_nothing_is_new(rows: Rows, horizon: float) -> None:
    spells = spells_of(rows)
    assume(can_be_known(spells, horizon))
    from_start = Spells(spells.duration, spells.exited, np.zeros(len(rows)))
    np.testing.assert_array_equal(outcome_at(from_start, horizon).weight, as_before_entries(spells, horizon))
    assert share_unemployed(from_start, horizon) == share_unemployed(spells, horizon)
    assert spells.asked(horizon).all()


@settings(max_examples=300)
@given(LATE)
def test_the_curve_with_late_entries_is_that_of_scikit_survival(rows: list[tuple[int, int, bool]]) -> None:
    """It lists the entries, too, and counts exits of rows that were never followed; these are left out."""
    spells = late([row for row in rows if row[:2] != (0, 0)])
    followed = spells[spells.duration > spells.entry]
    assume(len(followed.duration))
    oracle = dict(
        zip(*kaplan_meier_estimator(followed.exited, followed.duration, time_enter=followed.entry), strict=True)
    )
    for time, share in zip(*survival_curve(spells), strict=True):
        assert share == pytest.approx(oracle[time], abs=1e-12)


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40), st.sampled_from([1, 3]))
def test_one_entry_for_all_gives_the_conditional_share(rows: Rows, entry: int) -> None:
    """P(T >= horizon | T > entry) by scikit-survival, who is told when each was looked at."""
    spells = late([(entry, *row) for row in rows])
    horizon = entry + 4
    followed = spells[spells.duration > spells.entry]
    assume(len(followed.duration) and can_be_known(followed, horizon))
    time, share = kaplan_meier_estimator(followed.exited, followed.duration, time_enter=followed.entry)
    before = np.searchsorted(time, horizon, side="left") - 1
    found = outcome_at(spells, horizon)
    assert np.average(found.outcome, weights=found.weight) == pytest.approx(share[before] if before >= 0 else 1.0)
    assert found.weight.sum() == pytest.approx(len(followed.duration), abs=1e-9)


def test_censoring_with_late_entries_is_that_of_scikit_survival() -> None:
    """Without ties the weight is G(entry) / G(end) of its curve of the censorings."""
    rng = np.random.default_rng(8)
    entry = rng.choice([0.0, 20.0, 40.0], 500)
    duration = entry + 1 + rng.permutation(500) / 5 + rng.random()  # no two alike, and none at an entry
    spells = Spells(duration + entry / 1000, rng.random(500) < 0.6, entry)
    time, free = kaplan_meier_estimator(~spells.exited, spells.duration, time_enter=entry)

    def uncensored(when: Floats) -> Floats:
        return np.concatenate([[1.0], free])[np.searchsorted(time, when, side="left")]

    horizon = 60.5
    found = outcome_at(spells, horizon)
    expected = uncensored(entry) / uncensored(np.minimum(spells.duration, horizon))
    np.testing.assert_allclose(found.weight[found.known], expected[found.known], rtol=1e-12)
    np.testing.assert_array_equal(found.known, spells.exited | (spells.duration >= horizon))


@settings(max_examples=200)
@given(LATE, st.sampled_from([1, 3, 5.5]))
def test_a_row_that_had_reached_the_horizon_says_nothing_of_it(
    rows: list[tuple[int, int, bool]], horizon: float
) -> None:
    spells = late(rows)
    asked = spells[spells.asked(horizon)]
    assume(can_be_known(asked, horizon) and (asked.duration > asked.entry).any())
    try:
        found = outcome_at(spells, horizon)
    except DataError:  # whoever was asked was never followed
        return
    assert (found.weight[~spells.asked(horizon)] == 0).all()
    np.testing.assert_array_equal(found.weight[spells.asked(horizon)], outcome_at(asked, horizon).weight)
    assert np.isfinite(found.weight).all()
