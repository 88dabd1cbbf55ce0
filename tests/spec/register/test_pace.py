"""The pace at which people leave, against a slow calendar: every spell day by day, in plain Python."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from math import exp, log

import numpy as np
import pyarrow as pa
import pytest

from ml.register.build.pace import FEWEST, find_paces
from ml.register.duck import open_database

OPENS, AS_OF = date(2010, 1, 1), date(2017, 3, 15)
EDGES = [number * 365 // 12 for number in range(13)]
Spell = tuple[date, date, str]  # the first day, the first day after, how it ended


def months_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def month_of(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def spells(seed: int, count: int, turn: date = AS_OF, faster: float = 1.0) -> list[Spell]:
    """Return spells of about five months, and of so many times that pace from a day on."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        start = OPENS + timedelta(int(rng.integers(-200, (AS_OF - OPENS).days - 1)))
        lasts, day, left = rng.exponential(1), start, False
        while day < AS_OF and not left:
            day += timedelta(1)
            lasts -= (faster if day > turn else 1) / 150
            left = lasts <= 0
        found.append((start, day, str(rng.choice(["01", "left", "05"])) if left else "under way"))
    return found


def by_sql(spells: Sequence[Spell], as_of: date = AS_OF, opens: date | None = OPENS) -> dict[date, float | None]:
    start, finish, ended = zip(*spells, strict=True)
    with open_database() as db:
        db.register("given", pa.table({"start": start, "finish": finish, "ended": ended}))
        db.execute("CREATE TEMP TABLE all_spells AS SELECT * FROM given")
        now = find_paces(db, as_of, opens)
        found = dict(db.execute("SELECT month, leaving_share FROM paces").fetchall())
    assert now == found.get(as_of.replace(day=1))
    return found


def by_calendar(spells: Sequence[Spell]) -> dict[date, float]:
    """Return the same: who was there on each day and who had left the day after, by twelfths of a year."""
    days, exits = ({}, {})  # type: ignore[var-annotated]
    for start, finish, ended in spells:
        if start <= OPENS:
            continue
        for lasted in range(min((finish - start).days, 365)):
            twelfth = bisect_right(EDGES, lasted) - 1
            key = months_of(start + timedelta(lasted)), twelfth
            days[key] = days.get(key, 0) + 1
            if ended != "under way" and start + timedelta(lasted + 1) == finish:
                exits[key] = exits.get(key, 0) + 1

    def hazard(last: int, months: int) -> float:
        total = 0.0
        for twelfth in range(12):
            keys = [(month, twelfth) for month in range(last - months + 1, last + 1)]
            there = sum(days.get(key, 0) for key in keys)
            total += (EDGES[twelfth + 1] - EDGES[twelfth]) * sum(exits.get(key, 0) for key in keys) / there
        return total

    def above(last: int) -> float:
        return log(hazard(last, 3) / hazard(last, 12))

    found = {}
    for look in range(months_of(OPENS) + 52, months_of(AS_OF) + 1):
        last = look - 4  # whole months: the three before the look are not settled
        left = sum(exits.get((month, twelfth), 0) for month in range(last - 2, last + 1) for twelfth in range(12))
        season = (above(last - 12) + above(last - 24)) / 2
        news = above(last) - season if left >= FEWEST else 0.0
        found[month_of(look)] = 1 - exp(-hazard(last, 12) * exp(news))
    return found


@pytest.mark.parametrize("count", [1500, 20_000])  # few exits a quarter, and many
def test_the_sql_says_what_a_calendar_says(count: int) -> None:
    given = spells(1, count)
    said, expected = by_sql(given), by_calendar(given)
    assert {month for month, share in said.items() if share is not None} == set(expected)
    assert len(expected) > 30
    for month, share in expected.items():
        assert said[month] == pytest.approx(share, abs=1e-9)


def test_a_pace_of_five_months_is_told_as_the_share_that_leaves_within_a_year() -> None:
    shares = [share for share in by_sql(spells(3, 20_000)).values() if share is not None]
    assert np.mean(shares) == pytest.approx(1 - exp(-365 / 150), abs=0.01)


def test_it_is_told_four_months_after_the_times_have_changed() -> None:
    said = by_sql(spells(4, 20_000, turn=date(2016, 1, 1), faster=1.5))
    before, after = said[date(2016, 1, 1)], said[date(2016, 7, 1)]
    assert before is not None
    assert after is not None
    assert before == pytest.approx(1 - exp(-365 / 150), abs=0.03)
    assert after == pytest.approx(1 - exp(-365 / 100), abs=0.03)


def test_what_ends_later_moves_nothing_that_was_known() -> None:
    """Also where somebody builds on an earlier day, who knows of no later end."""
    given, day = spells(5, 3000), date(2015, 6, 20)
    then = [(start, min(finish, day), ended if finish <= day else "under way") for start, finish, ended in given
            if start < day]  # fmt: skip
    now, before = by_sql(given), by_sql(then, day)
    assert max(before) == date(2015, 6, 1)
    assert before == {month: share for month, share in now.items() if month in before}


def test_before_there_are_four_years_of_spells_nobody_knows() -> None:
    said = by_sql(spells(6, 3000))
    assert {month.year for month, share in said.items() if share is None} == {2010, 2011, 2012, 2013, 2014}
    assert said[date(2014, 4, 1)] is None
    assert said[date(2014, 6, 1)] is not None


def test_where_nobody_leaves_nobody_knows() -> None:
    said = by_sql([(OPENS + timedelta(number), AS_OF, "under way") for number in range(1, 2000)])
    assert set(said.values()) == {None}
