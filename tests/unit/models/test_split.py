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
from ml.models.split import split
from ml.models.train import Trained

History = Callable[..., Cohort]
SEEDS = st.integers(0, 2**32 - 1)
DAYS_A_MONTH = 30.0
REGISTER = {"rows": 10_000, "persons": 6_000}


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


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_each_part_has_returners_as_the_register_has(history: History, seed: int) -> None:
    cohort = history(seed, **REGISTER)
    found = split(cohort, 1)
    assert found.dealt
    assert on_one_side_only(cohort, found)
    period = periods(cohort, found)
    first = pd.Series(cohort.start).groupby(cohort.person).transform("min")
    returner = cohort.start > first
    for place, part in enumerate(parts_of(found)):
        assert (period[part.rows] == place).all()
        others = returner[(period == place) & (cohort.start <= cohort.start[part.rows].max())]
        error = np.sqrt(others.mean() * (1 - others.mean()) / len(part))
        assert abs(returner[part.rows].mean() - others.mean()) < 5 * error


def test_each_outcome_is_known_at_the_end_of_its_part(history: History) -> None:
    """Whoever was watched for a shorter time may be unlike the others; so nobody is, where the history is long."""
    cohort = history(5, **REGISTER)
    found = split(cohort, 1)
    horizon = np.timedelta64(round(max(cohort.contract.outcome.horizons) * DAYS_A_MONTH), "D")
    for part in parts_of(found):
        assert cohort.start[part.rows].max() <= np.datetime64(part.known_until) - horizon
    rows = sum(map(len, parts_of(found)))
    assert rows + found.left_out + found.unripe == len(cohort)
    assert found.unripe > 100


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
    """Return in which part's time each spell began."""
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


def with_another_future(cohort: Cohort, found: Split) -> Cohort:
    """Return the cohort with every end that a part could not know moved, and its kind turned round."""
    duration, exited = cohort.duration.copy(), cohort.exited.copy()
    moved = 0
    for part in (found.train, found.calibration):
        later = part.rows[ends_of(cohort, part.rows, cohort.duration[part.rows]) > day_number(part.known_until)]
        elapsed = (day_number(part.known_until) - ends_of(cohort, later, np.zeros(len(later)))) / DAYS_A_MONTH
        duration[later] = elapsed + 0.5 + 3 * (duration[later] - elapsed)
        exited[later] = ~exited[later]
        moved += len(later)
    assert moved > 20
    duration[found.test.rows] *= 0.8
    return replace(cohort, duration=duration, exited=exited)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_came_after_the_cut_changes_neither_training_nor_the_model(
    history: History, learn: Callable[..., Trained], tmp_path: Path, seed: int
) -> None:
    cohort = history(seed)
    before = split(cohort, 1)
    other = with_another_future(cohort, before)
    after = split(other, 1)
    for one, two in ((before.train, after.train), (before.calibration, after.calibration)):
        np.testing.assert_array_equal(one.rows, two.rows)
        np.testing.assert_array_equal(one.spells.duration, two.spells.duration)
        np.testing.assert_array_equal(one.spells.exited, two.spells.exited)
    first = artefact.save(learn(cohort).model, tmp_path / "first")
    assert artefact.save(learn(other).model, tmp_path / "other") == first
    # and what came before the cut does change the model
    known = before.train.rows[before.train.spells.exited][0]
    moved = cohort.duration.copy()
    moved[known] /= 2
    moved[before.train.rows[before.train.spells.duration > 12][0]] = 2.0
    assert artefact.save(learn(replace(cohort, duration=moved)).model, tmp_path / "past") != first


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
