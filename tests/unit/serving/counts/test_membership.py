"""Who knows everything of everybody in an office but one person cannot tell whether that one is in.

The best attacker there is: they know how figures are moved, reckon how likely what is shown is with and without
the person, and say what is likelier (Neyman and Pearson). They are sure where it cannot be shown in one of the worlds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from ml.disclosure import redact
from serving.counts.drawn import Drawn, draw
from serving.counts.noise import moved
from serving.counts.tables import CROSSED, TABLES
from serving.store.counts import Seen

from .worlds import world

WEIGHTS = {move: float(np.exp(-(move**2) / 18)) for move in range(-10, 11)}  # as noise.py says, written anew
CHANCES = {move: weight / sum(WEIGHTS.values()) for move, weight in WEIGHTS.items()}
MONTHS = 700
TARGET = Seen("office 0", "rehabilitation", "elevated", "skills", "disagree", 2)


@cache
def chance(true: int, shown: int | None) -> float:
    """Return how likely a cell of `true` people is shown so."""
    return sum(p for move, p in CHANCES.items() if _shown(true + move) == shown)


def _shown(count: int) -> int | None:
    return None if count < 15 else 5 * ((count + 2) // 5)


def likelihood(people: list[Seen], drawn: Drawn) -> list[float]:
    """Return how likely each thing is that is shown of people: which offices are named, and every cell."""
    named = [group.office for group in drawn.groups[1:-1]]
    of = [people, *([each for each in people if each.office == name] for name in named)]
    of.append([each for each in people if each.office not in named])
    found = []
    for office in sorted({each.office for each in people if each.office is not None}):
        size = sum(each.office == office for each in people)
        if office not in named:
            found.append(sum(p for move, p in CHANCES.items() if size + move < 20))
        else:
            clients = drawn.shown()["clients"][1 + named.index(office)][0]
            found.append(sum(p for move, p in CHANCES.items() if size + move >= 20 and _shown(size + move) == clients))
    for table in TABLES:
        for number, (group, row) in enumerate(zip(of, drawn.shown()[table.key], strict=True)):
            if table.key == "clients" and 0 < number < len(of) - 1:
                continue  # above
            found += [chance(int(n), count) for n, count in zip(table.count(group), row, strict=True)]
    for crossed in CROSSED:
        counts = [count for row in drawn.shown()[crossed.key] for count in row]
        cells = zip(crossed.count(people).ravel(), counts, strict=True)
        found += [chance(int(n), count) for n, count in cells]
    return found


def attack(months: int, seed: int) -> tuple[float, float]:
    """Return how often the attacker is right, and how often sure, over months of one office with the person or not."""
    rng = np.random.default_rng(seed)
    right, sure = [], []
    for _ in range(months):
        others, is_in = world(rng, 2, 120), bool(rng.integers(0, 2))
        people = {True: [*others, TARGET], False: others}
        drawn = draw(people[is_in], rng)
        with np.errstate(divide="ignore"):
            one, other = (float(np.log(likelihood(people[each], drawn)).sum()) for each in (is_in, not is_in))
        assert np.isfinite(one)  # the attacker knows the mechanism: what happened is not impossible
        right.append(1.0 if one > other else 0.5 if one == other else 0.0)
        sure.append(not np.isfinite(other))
    return float(np.mean(right)), float(np.mean(sure))


def test_the_best_attacker_is_right_seldom_more_than_a_coin_and_sure_hardly_ever() -> None:
    right, sure = attack(MONTHS, seed=5)
    assert 0.5 < right < 0.75
    assert sure < 0.006


def test_plain_rounding_makes_them_sure() -> None:
    """What the chance is for: with redact alone the same attacker reads the person off, most months."""
    rng = np.random.default_rng(6)
    sure = []
    for _ in range(300):
        others = world(rng, 1, 120)

        def told(people: list[Seen]) -> list[int | None]:
            return [redact(int(n)) for table in TABLES for n in table.count(people)]

        sure.append(told(others) != told([*others, TARGET]))
    assert np.mean(sure) > 0.6


@pytest.mark.parametrize("true", [0, 1, 4, 5, 9, 14, 15, 23, 40])
def test_a_person_more_changes_a_shown_cell_by_chance_only(true: int) -> None:
    """Whatever a cell shows with a person in it, it shows nearly as likely without, also at the edge of nobody."""
    shown = [None, *range(15, 60, 5)]
    apart = sum(abs(chance(true, each) - chance(true + 1, each)) for each in shown) / 2
    assert apart < 0.14
    impossible = sum(chance(true + 1, each) for each in shown if chance(true, each) == 0)
    assert impossible < 0.001
    if true <= 3:
        assert {chance(each, count) for each in (true, true + 1) for count in shown[1:]} == {0}  # nothing is shown


def test_counts_are_moved_as_it_is_written() -> None:
    moves = moved(np.full(200_000, 50), np.random.default_rng(2)) - 50
    for move, expected in CHANCES.items():
        assert np.mean(moves == move) == pytest.approx(expected, abs=4.5 * np.sqrt(expected / len(moves)) + 1e-6)
    assert np.abs(moves).max() <= 10


def subtract(told: Callable[[list[Seen]], list[int | None]], people: list[Seen]) -> bool:
    """Return whether what is shown of a month with a person, less that without, is ever one."""
    before, after = told(people), told([*people, TARGET])
    return any(b is not None and a is not None and a - b == 1 for b, a in zip(before, after, strict=True))


def test_no_two_months_less_each_other_leave_one_person() -> None:
    rng = np.random.default_rng(8)

    def told(people: list[Seen]) -> list[int | None]:
        drawn = draw(people, rng)
        return [count for rows in drawn.shown().values() for row in (rows[0], rows[-1]) for count in row]

    assert not any(subtract(told, world(rng, 3, 150)) for _ in range(50))
