"""Shares of what is shown, their intervals, and what is odd."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from serving.counts.alarms import alarms
from serving.counts.drawn import Drawn, Group, draw
from serving.counts.published import Published, publish
from serving.counts.shares import Share, interval, share
from serving.counts.shown import shown
from serving.store.counts import Seen


def office(agree: int, partly: int, disagree: int, silent: int = 0) -> list[Seen]:
    """Return clients of an office by what was said of their hints."""
    said = {"agree": agree, "partly": partly, "disagree": disagree, None: silent}
    return [Seen("Itä", "skills", "low", "skills", what, None if what is None else 1)
            for what, number in said.items() for _ in range(number)]  # fmt: skip


def kinds(people: list[Seen], seed: int = 1) -> list[tuple[str, int]]:
    return [(each.kind, each.group) for each in alarms(draw(people, np.random.default_rng(seed)))]


def test_a_share_of_shown_counts() -> None:
    found = share([30], [120, 50])
    assert found.value == 0.15
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.11 < 0.15 < 0.21 < found.high


def test_what_is_not_shown_is_anything_that_it_may_be() -> None:
    few = share([None], [400, 20])
    assert few.value is None
    assert few.low == 0.0
    assert few.high is not None
    assert 24 / 444 < few.high < 0.10
    most = share([400], [None])
    assert most.value is None
    assert most.high == 1.0
    assert most.low is not None
    assert 0.85 < most.low < 400 / 424
    assert share([None], [None, None]) == Share(None, None, None)


def test_of_many_people_the_interval_is_jeffreys() -> None:
    """Where moving a count by three people is nothing beside chance."""
    low, high = interval(30_000, 70_000, (1, 1))
    expected = beta(30_000.5, 70_000.5).ppf([0.025, 0.975])
    assert (low, high) == (pytest.approx(expected[0], abs=6e-4), pytest.approx(expected[1], abs=6e-4))


@pytest.mark.parametrize(("people", "true"), [(150, 0.25), (400, 0.1), (2000, 0.05)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(people: int, true: float) -> None:
    """Over months that are drawn, moved and rounded; where all is shown."""
    rng = np.random.default_rng(3)
    held = []
    for _ in range(400):
        disagree = int(rng.binomial(people, true))
        feedback = draw(office(people - disagree, 0, disagree), rng).counts["feedback"][0]
        agree, _, different, _ = (shown(int(each)) for each in feedback)
        found = share([different], [agree])
        if found.value is not None:
            held.append(found.low <= true <= found.high)  # type: ignore[operator]
    assert len(held) > 300
    assert np.mean(held) > 0.92


# ---------------------------------------------------------------- alarms


@pytest.mark.parametrize("seed", range(5))
def test_polish_agreement_rings(seed: int) -> None:
    """0.58 % of 2,000 profiles were changed: 12."""
    assert ("near_total_agreement", 1) in kinds(office(1988, 6, 6), seed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "people",
    [office(850, 100, 50), office(500, 300, 200), office(94, 0, 0), office(0, 0, 0, 900), []],
    ids=["one in seven differs", "half differ", "too little feedback to tell", "no feedback", "nobody"],
)
def test_other_agreement_does_not_ring(people: list[Seen], seed: int) -> None:
    assert kinds(people, seed) == []


@pytest.mark.parametrize("seed", range(5))
def test_hints_that_nobody_agrees_with_ring(seed: int) -> None:
    assert kinds(office(10, 100, 890), seed) == [("near_zero_agreement", 0), ("near_zero_agreement", 1)]


def test_an_alarm_waits_for_enough_feedback() -> None:
    """99 in agreement, as moved, ring nothing, whatever the interval says."""
    counts = np.array([[99, 0, 0, 0], [5000, 0, 0, 0]])
    drawn = Drawn((Group("all"), Group("other")), {"feedback": counts})
    assert [(each.kind, each.group) for each in alarms(drawn)] == [("near_total_agreement", 1)]


# ---------------------------------------------------------------- days, and what is kept


def days(*found: int | None) -> list[Seen]:
    return [Seen("Itä", None, None, None, None if each is None else "agree", each) for each in found]


@pytest.mark.parametrize(
    ("people", "median"),
    [
        (days(*[0] * 300, *[9] * 100), "day_0"),
        (days(*[0] * 100, *[1] * 50, *[3] * 200, *[9] * 100), "days_1_3"),
        (days(*[8] * 300, *[0] * 40), "days_8_"),
        (days(*[5] * 200, *[None] * 5000), "days_4_7"),
        (days(*[None] * 300), None),
        (days(*[0] * 30, *[9] * 20), None),  # the cells not shown leave it open
    ],
)
def test_the_median_of_days_is_told_where_it_is_plain(people: list[Seen], median: str | None) -> None:
    assert publish(people, np.random.default_rng(4)).median_days()[0] == median


def test_what_is_kept_reads_back_and_holds_nothing_but_what_is_shown() -> None:
    published = publish(office(300, 50, 40, 200), np.random.default_rng(5))
    assert Published.from_json(published.as_json()) == published
    numbers = {count for rows in published.as_json()["tables"].values() for row in rows for count in row.values()}
    assert all(count is None or (count >= 15 and count % 5 == 0) for count in numbers)
