"""Who stands where, and what was knowable then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Cohort, Outcome, Part, Split
from ml.errors import DataError
from ml.models import artefact
from ml.models.split import further_turns, split
from ml.models.train import train

History = Callable[..., Cohort]
SEEDS = st.integers(0, 2**32 - 1)
DAYS_A_MONTH = 30.0
REGISTER = {"rows": 10_000, "persons": 6_000}
HORIZON = np.timedelta64(360, "D")  # of twelve months, the longest


def parts_of(found: Split) -> tuple[Part, Part, Part]:
    return found.train, found.calibration, found.test


def on_one_side_only(cohort: Cohort, found: Split) -> bool:
    people = [set(cohort.person[part.rows]) for part in parts_of(found)]
    return sum(map(len, people)) == len(set().union(*people))


def ends_of(cohort: Cohort, rows: np.ndarray, duration: np.ndarray) -> np.ndarray:
    """Return the ends in days since 1970, with fractions."""
    assert cohort.start is not None
    return cohort.start[rows].astype("datetime64[D]").astype(float) + duration * DAYS_A_MONTH


def day_number(day: object) -> float:
    return float(np.datetime64(day, "D").astype(float))


# ---------------------------------------------------------------- by time


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, persons=st.sampled_from([900, 1200, 9000]))
def test_parts_follow_each_other_and_share_no_person(history: History, seed: int, persons: int) -> None:
    cohort = history(seed, persons=persons)
    found = split(cohort, 1)
    rows = np.concatenate([part.rows for part in parts_of(found)])
    assert len(set(rows)) == len(rows) == len(cohort) - found.left_out
    assert on_one_side_only(cohort, found)
    train, calibration, test = parts_of(found)
    assert train.last < train.known_until <= calibration.first
    assert calibration.last < calibration.known_until <= test.first
    assert test.last <= test.known_until == cohort.as_of
    for part in parts_of(found):
        assert (part.first, part.last) == (cohort.start[part.rows].min().item(), cohort.start[part.rows].max().item())


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_a_person_stays_where_their_first_spell_is(history: History, seed: int) -> None:
    cohort = history(seed)
    found = split(cohort, 1)
    period = periods(cohort, found)
    kept = period == period.groupby(cohort.person).transform("min")
    assert not found.dealt
    assert found.left_out == (~kept).sum() > 0
    for place, part in enumerate(parts_of(found)):
        np.testing.assert_array_equal(part.rows, period.index[kept & (period == place)])


# ---------------------------------------------------------------- a register: large, and many come back


def begins(cohort: Cohort) -> list[np.datetime64]:
    """Return when calibration and test part begin in a long register: four and two horizons before its end."""
    end = np.datetime64(cohort.as_of, "D")
    return [end - 4 * HORIZON, end - 2 * HORIZON]


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_each_part_has_returners_as_the_register_has(history: History, seed: int) -> None:
    cohort = history(seed, **REGISTER)
    found = split(cohort, 1)
    assert found.dealt
    assert on_one_side_only(cohort, replace(found, calibration=found.calibration[found.calibration.judging]))
    assert not set(cohort.person[found.test.rows]) & set(cohort.person[found.calibration.rows])
    period = np.searchsorted(begins(cohort), cohort.start, side="right")
    first = pd.Series(cohort.start).groupby(cohort.person).transform("min")
    returner = (cohort.start > first).to_numpy()
    for place, part in enumerate(parts_of(found)):
        assert (period[part.rows] == place).all()
        others = returner[(period == place) & (cohort.start <= cohort.start[part.rows].max())]
        error = np.sqrt(others.mean() * (1 - others.mean()) / len(part))
        assert abs(returner[part.rows].mean() - others.mean()) < 5 * error


def test_a_long_register_is_cut_into_whole_horizons(history: History) -> None:
    """So that each part has each season as often as another, and outcomes are known and not guessed by weights.

    The test part began in the first of the last two horizons, calibration in the two before it, known until the test
    begins; training has all before, and waits one horizon for its outcomes.
    """
    cohort = history(5, **REGISTER)
    train, calibration, test = parts_of(split(cohort, 1))
    end, day = np.datetime64(cohort.as_of, "D"), np.timedelta64(1, "D")
    few = 20 * day  # of 10,000 starts in twelve years, some are as near to each end of a part
    for part, first, last, known in (
        (train, cohort.start.min(), end - 4 * HORIZON - day, end - 3 * HORIZON),
        (calibration, end - 4 * HORIZON, end - 2 * HORIZON - day, end - 2 * HORIZON),
        (test, end - 2 * HORIZON, end - HORIZON, end),
    ):
        assert first <= np.datetime64(part.first) < first + few
        assert last - few < np.datetime64(part.last) <= last
        assert np.datetime64(part.known_until) == known


def test_each_outcome_is_known_at_the_end_of_its_part_but_the_newest_of_calibration(history: History) -> None:
    """Whoever was watched for a shorter time may be unlike the others: nobody is, where slopes and figures are made."""
    cohort = history(5, **REGISTER)
    found = split(cohort, 1)
    for part in (found.train, found.test):
        assert cohort.start[part.rows].max() <= np.datetime64(part.known_until) - HORIZON
        assert part.ripe.all()
    calibration = found.calibration
    cut = np.datetime64(calibration.known_until)
    early = cohort.start[calibration.rows] <= cut - HORIZON
    np.testing.assert_array_equal(calibration.ripe, early)
    np.testing.assert_array_equal(calibration.judging, early & ~calibration.lent)
    assert not np.isin(found.train.person, calibration.person[~calibration.lent]).any()
    assert 0.15 < calibration.judging.mean() < 0.35  # half of the time, and three of seven persons
    newest = calibration[~early]
    elapsed = (cut - cohort.start[newest.rows]).astype("timedelta64[D]").astype(float) / DAYS_A_MONTH
    under_way = cohort.duration[newest.rows] > elapsed
    assert under_way.sum() > 100
    np.testing.assert_allclose(newest.spells.duration, np.minimum(cohort.duration[newest.rows], elapsed))
    np.testing.assert_array_equal(newest.spells.exited, cohort.exited[newest.rows] & ~under_way)
    rows = sum(map(len, parts_of(found)))
    assert rows + found.left_out + found.unripe == len(cohort)
    assert found.unripe > 100


def test_the_window_of_the_newest_follow_up_opens_a_horizon_before_the_cut(history: History) -> None:
    cohort = history(5, **REGISTER)
    found = split(cohort, 1)
    calibration = found.calibration
    opens = np.datetime64(calibration.known_until) - HORIZON
    lasted = (opens - cohort.start[calibration.rows]).astype("timedelta64[D]").astype(float) / DAYS_A_MONTH
    np.testing.assert_allclose(calibration.since, np.maximum(lasted, 0))
    assert (calibration.since > 0).mean() > 0.3


def test_people_who_are_learnt_from_lend_their_later_spells_and_those_of_the_test_nothing(history: History) -> None:
    cohort = history(5, **REGISTER)
    found = split(cohort, 1)
    lent = found.calibration.lent
    assert lent.sum() > 100
    assert lent[np.isin(found.calibration.person, found.train.person)].all()
    assert not np.isin(found.calibration.person, found.test.person).any()
    short = split(history(5, **REGISTER, years=4.5), 1)
    assert not np.isin(short.calibration.person, short.train.person).any()
    assert not short.calibration.since.any()


def test_a_register_without_ripe_spells_to_calibrate_on_is_refused(history: History) -> None:
    """Nobody began in the first half of calibration's time: its slope would be learnt of nobody."""
    cohort = history(5, **REGISTER)
    begin, middle = begins(cohort)[0], begins(cohort)[0] + HORIZON
    start = np.where((cohort.start >= begin) & (cohort.start <= middle), begin - 1, cohort.start)
    with pytest.raises(DataError, match="calibration part is empty"):
        split(replace(cohort, start=start), 1)


def test_a_short_register_is_watched_to_its_end(history: History) -> None:
    found = split(history(5, **REGISTER, years=4.5), 1)
    assert (found.dealt, found.unripe) == (True, 0)


def test_a_large_file_in_which_few_come_back_is_no_register(history: History) -> None:
    found = split(history(5, rows=10_000, persons=200_000), 1)
    assert (found.dealt, found.unripe) == (False, 0)


def test_people_are_dealt_by_the_seed_alone(history: History) -> None:
    cohort = history(3, **REGISTER)
    parts = [split(cohort, seed).test.rows.tolist() for seed in (1, 1, 2)]
    assert parts[0] == parts[1] != parts[2]


def periods(cohort: Cohort, found: Split) -> pd.Series:
    """Return in which part's time each spell began; not of a long register, whose training waits for outcomes."""
    cuts = [np.datetime64(found.train.known_until, "D"), np.datetime64(found.calibration.known_until, "D")]
    return pd.Series(np.searchsorted(cuts, cohort.start, side="right"))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_a_part_knows_what_had_happened_by_its_cut_and_no_more(history: History, seed: int) -> None:
    cohort = history(seed)
    under_way = 0
    for part in parts_of(split(cohort, 1)):
        cut = day_number(part.known_until)
        over = ends_of(cohort, part.rows, cohort.duration[part.rows]) <= cut
        np.testing.assert_array_equal(part.spells.duration[over], cohort.duration[part.rows][over])
        np.testing.assert_array_equal(part.spells.exited[over], cohort.exited[part.rows][over])
        assert not part.spells.exited[~over].any()
        np.testing.assert_allclose(ends_of(cohort, part.rows, part.spells.duration)[~over], cut)
        under_way += (~over).sum()
    assert under_way > 0


def with_another_future(cohort: Cohort, day: np.datetime64, rng: np.random.Generator) -> Cohort:
    """Return the cohort with all that nobody could know on a day changed: ends after it, their kind, later spells."""
    assert cohort.start is not None
    elapsed = (day - cohort.start).astype("timedelta64[D]").astype(float) / DAYS_A_MONTH
    later = cohort.duration > elapsed
    assert 20 < later.sum() < len(cohort)
    under_way = np.maximum(elapsed, 0)
    moved = under_way + (cohort.duration - under_way) * rng.uniform(0.3, 3, len(cohort)) + 0.04  # by a day at least
    return replace(
        cohort,
        duration=np.where(later, moved, cohort.duration),
        exited=np.where(later, rng.random(len(cohort)) < 0.8, cohort.exited),
        features=cohort.features.where(pd.Series(elapsed >= 0), rng.normal(size=(len(cohort), 2))),
    )


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, register=st.booleans(), place=st.sampled_from([0, 1, 2]))
def test_nothing_after_a_parts_day_of_knowledge_changes_it(
    history: History, seed: int, register: bool, place: int
) -> None:
    cohort = history(seed, **REGISTER) if register else history(seed)
    before = parts_of(split(cohort, 1))[place]
    day = np.datetime64(before.known_until, "D")
    if place == 2:
        cohort = replace(cohort, duration=cohort.duration + 0.04)  # what is cut off on the last day may have gone on
        before = parts_of(split(cohort, 1))[place]
    after = parts_of(split(with_another_future(cohort, day, np.random.default_rng(seed)), 1))[place]
    for one, two in (
        (before.rows, after.rows),
        (before.spells.duration, after.spells.duration),
        (before.spells.exited, after.spells.exited),
        (before.person, after.person),
        (before.ripe, after.ripe),
        (before.lent, after.lent),
    ):
        np.testing.assert_array_equal(one, two)
    assert (before.first, before.last, before.known_until) == (after.first, after.last, after.known_until)


def test_what_came_after_the_cut_changes_neither_training_nor_the_model(history: History, tmp_path: Path) -> None:
    """The model is of the training and the calibration part: it knows nothing after the latter's day."""
    cohort = history(1)

    def digest(of: Cohort, name: str) -> str:
        contract, parts = of.contract, split(of, 1)
        found = train("x", of.features, contract.inputs, contract.outcome, parts, seed=1, competing=("logistic",))
        return artefact.save(found.model, tmp_path / name)

    parts = split(cohort, 1)
    cut = np.datetime64(parts.calibration.known_until, "D")
    first = digest(cohort, "first")
    assert digest(with_another_future(cohort, cut, np.random.default_rng(1)), "other") == first
    # and what came before the cut does change the model
    known = parts.train.rows[parts.train.spells.exited][:5]
    moved = cohort.duration.copy()
    moved[known] /= 2
    assert digest(replace(cohort, duration=moved), "past") != first


@pytest.mark.parametrize("years", [0.5, 2])
def test_a_history_too_short_for_three_parts_is_refused(history: History, years: float) -> None:
    """Three parts of a little more than twelve months take a little more than three years."""
    with pytest.raises(DataError, match=r"history is too short .* three parts that each see spells reach 12 months"):
        split(history(1, years=years), 1)


def test_a_long_history_is_cut_by_shares_and_a_short_one_in_thirds(history: History) -> None:
    """By shares where the last two parts still last one and a half horizons; by time where there is no room for it."""
    cohort = history(1, persons=100_000)
    starts = np.sort(cohort.start)
    found = split(cohort, 1)
    assert (found.train.known_until, found.calibration.known_until) == (starts[900].item(), starts[1200].item())
    cohort = history(1, years=4)
    begin, third = cohort.start.min(), (np.datetime64(cohort.as_of) - cohort.start.min()) / 3
    found = split(cohort, 1)
    for cut, thirds in ((found.train.known_until, 1), (found.calibration.known_until, 2)):
        assert abs(np.datetime64(cut) - begin - thirds * third) <= np.timedelta64(2, "D")


def test_starts_that_crowd_at_the_beginning_leave_no_room_for_three_parts(history: History) -> None:
    """A long follow-up does not help when all spells began within two years."""
    cohort = history(1, years=2)
    with pytest.raises(DataError, match="history is too short"):
        split(replace(cohort, as_of=date(2035, 1, 1)), 1)


def test_the_horizon_that_matters_for_length_is_the_longest(history: History, months: Outcome) -> None:
    """At horizons up to 6 months, three years are enough."""
    cohort = history(1, years=3)
    contract = replace(cohort.contract, outcome=replace(months, horizons=(3.0, 6.0)))
    assert split(replace(cohort, contract=contract), 1).kind == "temporal"


# ---------------------------------------------------------------- at random


def first_rows(cohort: Cohort, count: int) -> Cohort:
    return replace(
        cohort,
        features=cohort.features.iloc[:count],
        duration=cohort.duration[:count],
        exited=cohort.exited[:count],
        person=cohort.person[:count],
    )


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, persons=st.sampled_from([900, 1200, 9000]))
def test_random_parts_cover_all_rows_and_share_no_person(history: History, seed: int, persons: int) -> None:
    cohort = replace(history(seed, persons=persons), start=None)
    found = split(cohort, seed)
    assert found.kind == "random"
    assert found.left_out == 0
    np.testing.assert_array_equal(np.sort(np.concatenate([part.rows for part in parts_of(found)])), np.arange(1500))
    assert on_one_side_only(cohort, found)
    for part in parts_of(found):
        np.testing.assert_array_equal(part.spells.duration, cohort.duration[part.rows])
        np.testing.assert_array_equal(part.spells.exited, cohort.exited[part.rows])
        assert part.known_until is None


def test_in_turns_everybody_is_tested_once_and_calibrates_once(straight_world: Cohort) -> None:
    turns = [split(straight_world, 3), *further_turns(straight_world, 3)]
    for place in (1, 2):
        rows = np.concatenate([parts_of(turn)[place].rows for turn in turns])
        np.testing.assert_array_equal(np.sort(rows), np.arange(len(straight_world)))
    for turn in turns:
        rows = np.concatenate([part.rows for part in parts_of(turn)])
        np.testing.assert_array_equal(np.sort(rows), np.arange(len(straight_world)))


def test_in_turns_nobody_is_on_both_sides(history: History) -> None:
    cohort = replace(history(4, persons=900), start=None)
    turns = list(further_turns(cohort, 4))
    assert len(turns) == 4
    assert all(on_one_side_only(cohort, turn) for turn in turns)


def test_where_time_is_known_there_is_one_test_part(history: History) -> None:
    assert list(further_turns(history(1), 1)) == []


def test_a_seed_gives_one_split_and_another_seed_another(straight_world: Cohort) -> None:
    one, again, other = split(straight_world, 1), split(straight_world, 1), split(straight_world, 2)
    for left, right, different in zip(parts_of(one), parts_of(again), parts_of(other), strict=True):
        np.testing.assert_array_equal(left.rows, right.rows)
        assert set(left.rows) != set(different.rows)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_every_five_neighbours_are_dealt_three_one_one(straight_world: Cohort, seed: int) -> None:
    """Neighbours: among the censored, then the exits, by duration. So the parts are alike in both."""
    found = split(straight_world, seed)
    part_of = np.empty(len(straight_world), dtype=int)
    for place, part in enumerate(parts_of(found)):
        part_of[part.rows] = place
    in_order = pd.DataFrame({"exited": straight_world.exited, "duration": straight_world.duration, "part": part_of})
    fives = in_order.sort_values(["exited", "duration"])["part"].to_numpy().reshape(-1, 5)
    assert (np.sort(fives, axis=1) == [0, 0, 0, 1, 2]).all()


def test_a_cohort_too_small_to_judge_is_refused(straight_world: Cohort) -> None:
    with pytest.raises(DataError, match=r"the \w+ part (is empty|knows too few outcomes)|no spell was followed"):
        split(first_rows(straight_world, 3), 1)
    split(first_rows(straight_world, 300), 1)


def test_a_part_needs_five_of_each_outcome(months: Outcome, cohort_of: Callable[..., Cohort]) -> None:
    """Of 100 spells 20 go to calibration and to test: of 25 exits before 3 months each of them gets five."""
    contract = replace(months, horizon=3.0, horizons=(3.0,))
    for exits, enough in ((25, True), (20, False)):
        duration = np.where(np.arange(100) < exits, 1.0, 4.0)
        cohort = cohort_of(pd.DataFrame({"x": duration}), duration, np.full(100, True), outcome=contract)
        if enough:
            split(cohort, 1)
        else:
            with pytest.raises(DataError, match="fewer than 5 spells ended before it"):
                split(cohort, 1)
    with pytest.raises(DataError, match="fewer than 5 spells reached it"):
        split(replace(cohort, duration=np.where(np.arange(100) < 80, 1.0, 4.0)), 1)
