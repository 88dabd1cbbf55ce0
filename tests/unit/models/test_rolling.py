"""Origins: what would have been learnt on a day, and who is judged after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from ml.contracts import Cohort, Floats
from ml.errors import DataError
from ml.models.rolling import Origin, looks, rolling_origins
from ml.models.split import split

History = Callable[..., Cohort]
SEEDS = st.integers(0, 2**32 - 1)
DAYS_A_MONTH = 30.0
YEAR = timedelta(360)  # the longest horizon, 12 months of 30 days
REGISTER = {"rows": 12_000, "persons": 6_000}
FILE = {"rows": 6_000, "persons": 200_000}  # few come back: censoring weights instead of waiting


def looked_at(cohort: Cohort) -> Cohort:
    """Return the cohort with a row at each of three looks that a spell lasted to."""
    rows = np.concatenate([np.flatnonzero(cohort.duration > look) for look in (0.0, 3.0, 6.0)])
    entry = np.concatenate([np.full((cohort.duration > look).sum(), look) for look in (0.0, 3.0, 6.0)])
    assert cohort.start is not None
    return replace(
        cohort,
        features=cohort.features.iloc[rows].reset_index(drop=True).assign(waited=entry),
        protected=pd.DataFrame(index=range(len(rows))),
        duration=cohort.duration[rows],
        exited=cohort.exited[rows],
        start=cohort.start[rows],
        person=cohort.person[rows],
        entry=entry,
    )


def look_days(cohort: Cohort) -> Floats:
    """Return the day of each look, in days since 1970."""
    assert cohort.start is not None
    return np.asarray(cohort.start.astype("datetime64[D]").astype(float) + cohort.entry * DAYS_A_MONTH)


def number(day: date | None) -> float:
    return float(np.datetime64(day, "D").astype(float))


def learnt(cohort: Cohort, origin: Origin) -> pd.DataFrame:
    """Return all that learning sees at an origin, in an order of its own."""
    part = origin.learn
    seen = cohort.features.iloc[part.rows].assign(
        duration=part.spells.duration, exited=part.spells.exited, entry=part.spells.entry, person=part.person
    )
    return seen.sort_values(list(seen.columns)).reset_index(drop=True)


# ---------------------------------------------------------------- who and when


@pytest.mark.parametrize("size", [FILE, REGISTER])
def test_windows_follow_their_origins_and_outcomes_are_known(history: History, size: dict[str, int]) -> None:
    cohort = looked_at(history(3, **size))
    train = split(cohort, 1).train
    origins = rolling_origins(cohort, train, 1)
    days = [origin.day for origin in origins]
    assert len(days) == len(set(days)) == 4
    assert days == sorted(days)
    assert train.first is not None
    assert train.known_until is not None
    assert train.first + 1.25 * YEAR <= days[0]
    looked = look_days(cohort)
    for origin in origins:
        for part in (origin.learn, origin.judged):
            assert len(part) == len(set(part.rows)) > 0
            assert set(part.rows) <= set(train.rows)
        assert looked[origin.learn.rows].max() <= number(origin.day)
        assert looked[origin.judged.rows].min() > number(origin.day)
        assert looked[origin.judged.rows].max() <= number(origin.day) + 90
        # a look at registration has its whole horizon before the end of knowledge
        assert looked[origin.judged.rows].max() + 360 <= number(train.known_until)
        assert set(cohort.entry[origin.judged.rows]) == {0.0, 3.0, 6.0}
    # as late as can be: nothing can be looked at later and still be judged
    last = looked[(looked <= min(number(train.known_until) - 360, number(train.last)))][-1]
    assert looked[origins[-1].judged.rows].max() >= last - 90


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_no_person_stands_on_two_sides_and_each_is_judged_once_in_three(history: History, seed: int) -> None:
    """The sides are not those that the same seed dealt to the parts: there would be nobody on one of them."""
    cohort = looked_at(history(seed % 7, **REGISTER))
    train = split(cohort, seed).train
    try:
        origins = rolling_origins(cohort, train, seed)
    except DataError:
        reject()  # one of the sides is too small to be judged: of some ten thousand deals one
    for origin in origins:
        assert not set(origin.learn.person) & set(origin.judged.person)
        np.testing.assert_array_equal(origin.judged.person, cohort.person[origin.judged.rows])
        looked = look_days(cohort)[train.rows]
        after = (looked > number(origin.day)) & (looked <= number(origin.day) + 90)
        people = len(set(train.person[after]))
        judged = len(set(origin.judged.person))
        assert abs(judged / people - 1 / 3) < 5 * np.sqrt(2 / 9 / people)


def test_three_origins_in_a_row_judge_everyone(history: History) -> None:
    cohort = looked_at(history(3, **REGISTER))
    train = split(cohort, 1).train
    sides = [set(origin.judged.person) for origin in rolling_origins(cohort, train, 1)]
    assert not sides[0] & sides[1]
    assert not (sides[0] | sides[1]) & sides[2]
    assert sides[0] & sides[3]


# ---------------------------------------------------------------- what was known


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, size=st.sampled_from([FILE, REGISTER]))
def test_nothing_after_an_origin_changes_what_it_learns(history: History, seed: int, size: dict[str, int]) -> None:
    """Ends after it are moved and turned round, later looks say something else, later spells are of other people."""
    cohort = looked_at(history(seed % 5, **size))
    train = split(cohort, 1).train
    rng = np.random.default_rng(seed)
    for place, origin in enumerate(rolling_origins(cohort, train, 2)):
        future = with_another_future(cohort, origin.day, rng)
        again = rolling_origins(future, train, 2)[place]
        assert again.day == origin.day
        pd.testing.assert_frame_equal(learnt(future, again), learnt(cohort, origin))


def with_another_future(cohort: Cohort, day: date, rng: np.random.Generator) -> Cohort:
    """Return the cohort as it was known on the day, and another world after it."""
    assert cohort.start is not None
    elapsed = (number(day) - cohort.start.astype("datetime64[D]").astype(float)) / DAYS_A_MONTH
    goes_on = cohort.duration > elapsed
    later = look_days(cohort) > number(day)
    features = cohort.features.copy()
    features.loc[later, "gap"] = rng.normal(size=later.sum())
    began_later = elapsed < 0
    so_far = np.maximum(elapsed, cohort.entry)
    return replace(
        cohort,
        features=features,
        duration=np.where(goes_on, so_far + rng.uniform(0.1, 10, len(cohort)), cohort.duration),
        exited=np.where(goes_on, rng.random(len(cohort)) < 0.8, cohort.exited),
        person=np.where(began_later, cohort.person + cohort.person.max() + 1, cohort.person),
    )


def test_a_cohort_that_ends_at_the_origin_gives_the_same_lessons(history: History) -> None:
    """Row by row: the looks there were on the day, followed up to the day."""
    cohort = looked_at(history(5, **REGISTER))
    train = split(cohort, 1).train
    for origin in rolling_origins(cohort, train, 2):
        day = np.datetime64(origin.day, "D")
        there = np.flatnonzero(look_days(cohort) <= number(origin.day))
        assert cohort.start is not None
        elapsed = (day - cohort.start[there]).astype(float) / DAYS_A_MONTH
        over = cohort.duration[there] <= elapsed
        cut = replace(
            cohort,
            features=cohort.features.iloc[there].reset_index(drop=True),
            protected=cohort.protected.iloc[there].reset_index(drop=True),
            duration=np.where(over, cohort.duration[there], elapsed),
            exited=cohort.exited[there] & over,
            start=cohort.start[there],
            person=cohort.person[there],
            entry=cohort.entry[there],
            as_of=origin.day,
        )
        kept = np.isin(cut.person, origin.learn.person)
        rows = np.flatnonzero(np.isin(there, train.rows))
        part = replace(train, rows=rows, person=cut.person[rows], spells=train.spells[np.zeros(0, dtype=np.int64)])
        lessons = looks(cut, part, kept, known=day, until=day, began=day - np.timedelta64(360, "D"))
        again = Origin(origin.day, lessons, origin.judged)
        pd.testing.assert_frame_equal(learnt(cut, again), learnt(cohort, origin))


def test_an_origin_waits_for_outcomes_where_training_does(history: History) -> None:
    """In a long register nothing hangs on weights: neither in training nor at an origin."""
    for size, waits in ((REGISTER, True), (FILE, False)):
        cohort = looked_at(history(3, **size))
        for origin in rolling_origins(cohort, split(cohort, 1).train, 1):
            assert cohort.start is not None
            youngest = np.datetime64(origin.day, "D") - cohort.start[origin.learn.rows].max()
            assert (youngest >= np.timedelta64(360, "D")) is np.bool_(waits)
            censored = ~origin.learn.spells.exited & (origin.learn.spells.duration < 12)
            lost = ~cohort.exited[origin.learn.rows] & (cohort.duration[origin.learn.rows] < 12)
            assert bool((censored & ~lost).any()) is not waits


# ---------------------------------------------------------------- refusals


def test_a_part_too_short_for_four_origins_is_refused_in_one_line(history: History) -> None:
    cohort = history(1, years=4)
    with pytest.raises(DataError, match=r"too short for 4 origins to tune at; choose a shorter horizon") as refused:
        rolling_origins(cohort, split(cohort, 1).train, 1)
    assert "\n" not in str(refused.value)


def test_a_part_with_too_few_outcomes_is_refused(history: History) -> None:
    cohort = history(1)
    train = split(cohort, 1).train
    few = train[np.arange(0, len(train), 40)]
    with pytest.raises(DataError, match="too short for 4 origins"):
        rolling_origins(cohort, few, 1)


def test_without_days_there_are_no_origins(straight_world: Cohort) -> None:
    with pytest.raises(DataError, match=r"add \[time\] to the contract, or train with the default settings"):
        rolling_origins(straight_world, split(straight_world, 1).train, 1)
    part, day = split(straight_world, 1).train, np.datetime64("2020-01-01", "D")
    with pytest.raises(DataError, match="looks have no days"):
        looks(straight_world, part, np.full(1500, True), known=day, until=day)
