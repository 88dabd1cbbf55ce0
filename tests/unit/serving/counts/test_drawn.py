"""Random months: nothing is shown of one to four people, and nobody can reckon what is not shown."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.counts.drawn import CROSSINGS, draw
from serving.counts.reckoned import narrowest
from serving.store.counts import Seen

from .worlds import BAND, NEED, NOT_SHOWN, OFF, SAID, hidden, world

months = st.builds(
    lambda seed, offices, biggest: (world(np.random.default_rng(seed), offices, biggest), seed),
    st.integers(0, 2**63),
    st.integers(0, 6),
    st.integers(1, 200),
)
NEVER_ENDING = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exact(people: list[Seen], named: list[str | None]) -> dict[str, dict[str, int]]:
    """Return a few columns as they are, counted anew: of all, of the named offices, of the others."""
    of: list[tuple[str, list[Seen]]] = [("all", people)]
    of += [(str(office), [each for each in people if each.office == office]) for office in named]
    of += [("other", [each for each in people if each.office not in named])]
    found = {}
    for name, group in of:
        count = Counter(each.need for each in group) + Counter(f"said {each.agrees}" for each in group)
        found[name] = {"clients": len(group), **count}
    return found


@NEVER_ENDING
@given(months)
def test_what_is_shown_is_of_five_people_at_least_and_near_the_truth(month: tuple[list[Seen], int]) -> None:
    people, seed = month
    drawn = draw(people, np.random.default_rng(seed + 1))
    shown = drawn.shown()
    for rows in shown.values():
        for count in (count for row in rows for count in row if count is not None):
            assert count % 5 == 0
            assert count >= 15
    truth = exact(people, [group.office for group in drawn.groups[1:-1]])
    places = [("clients", 0, "clients"), ("needs", 0, "skills"), ("needs", 3, "interview_first"), ("needs", 4, None),
              ("feedback", 2, "said disagree"), ("feedback", 3, "said None")]  # fmt: skip
    for row, counts in enumerate(truth.values()):
        for table, column, name in places:
            count, true = shown[table][row][column], counts.get(name, 0)  # type: ignore[arg-type]
            assert true <= NOT_SHOWN[1] if count is None else abs(true - count) <= OFF
            assert count is None or true >= 5
    for key, of, names in (("feedback_by_need", "need", NEED), ("feedback_by_band", "band", BAND)):
        pairs = Counter((getattr(each, of), each.agrees) for each in people)
        for name, row in zip(names, shown[key], strict=True):
            for said, count in zip(SAID, row, strict=True):
                true = pairs[name, said]
                assert true <= NOT_SHOWN[1] if count is None else abs(true - count) <= OFF
                assert count is None or true >= 5


@NEVER_ENDING
@given(months)
def test_an_office_is_named_from_ten_clients_on_only(month: tuple[list[Seen], int]) -> None:
    people, seed = month
    groups = draw(people, np.random.default_rng(seed + 1)).groups
    sizes = Counter(each.office for each in people)
    assert [groups[0].kind, groups[-1].kind] == ["all", "other"]
    named = [each.office for each in groups[1:-1]]
    assert all(sizes[office] >= 10 for office in named)
    assert {office for office, size in sizes.items() if office is not None and size >= 30} <= set(named)
    assert None not in named
    assert named == sorted(named)  # type: ignore[type-var]


@settings(NEVER_ENDING, max_examples=15)
@given(months)
def test_no_hidden_cell_can_be_reckoned_more_closely_than_the_rounding(month: tuple[list[Seen], int]) -> None:
    """By linear programs over all tables, totals and sums together."""
    people, seed = month
    drawn = draw(people, np.random.default_rng(seed + 1))
    for cell, least, most in hidden(drawn.shown(), "clients"):
        assert most - least >= 5, (cell, least, most)


def test_the_linear_programs_find_what_totals_give_away() -> None:
    """Where a total is moved to one end and the part that is shown to the other."""
    tables: Any = {"clients": [[85], [45], [None]]}
    [(cell, least, most)] = hidden(tables, "clients")
    assert (cell, least, most) == (("clients", 2, 0), 16, 24)
    assert narrowest(tables, "clients") == 8
    tables = {"clients": [[95], [50], [None]]}
    [(_, least, most)] = hidden(tables, "clients")
    assert (least, most) == (21, 24)
    assert narrowest(tables, "clients") == 3


class ToTheEnds(np.random.Generator):
    """Chances that all go to their ends together at first, as they do once in a very long time; then as ever."""

    def __init__(self, draws: int) -> None:
        super().__init__(np.random.PCG64(1))
        self.left, self.asked = draws, 0

    def choice(self, a: Any, size: Any = None, **more: Any) -> Any:  # type: ignore[override]
        self.asked += 1
        if self.left == 0:
            return super().choice(a, size=size, **more)
        self.left -= 1
        # Asked for the sizes of offices (2,) first, then of each table for all, "A", the others.
        end = {1: [-10, -10], 2: [10], 4: [-10]}.get(self.asked, [0])
        return np.broadcast_to(np.array(end), size)


@pytest.mark.parametrize(("need", "agree", "cell"), [(30, 50, (0, 1)), (50, 30, (1, 0))], ids=["row", "column"])
def test_what_is_crossed_is_reckoned_with(need: int, agree: int, cell: tuple[int, int]) -> None:
    """18 to 42 people are in a row or a column, 38 of them at least in one cell: 4 at most are left for the others."""
    crossed: list[list[int | None]] = [[50, None, None, None], *[[None] * 4] * 4]
    tables: Any = {
        "clients": [[60]] * 2, "needs": [[need, 30, None, None, None]] * 2, "feedback": [[agree, 20, None, None]] * 2,
        "feedback_by_need": crossed,
    }  # fmt: skip
    found = {cell: (least, most) for cell, least, most in hidden(tables, "clients")}
    assert found["feedback_by_need", *cell] == (0, 4)
    assert narrowest(tables, "clients", {"feedback_by_need": ("needs", "feedback")}) == 4
    assert narrowest({key: tables[key] for key in ("clients", "needs", "feedback")}, "clients") > 5


def test_a_draw_that_gives_a_cell_away_is_thrown_away() -> None:
    """Of 100 clients, moved up, 76 of A are shown, moved down: 21 at least would be known of the 24 others."""
    people = [Seen("A", "skills", "low", "skills", None, None)] * 76 + [Seen("B", None, None, None, None, None)] * 24
    rng = ToTheEnds(draws=4)
    drawn = draw(people, rng)
    assert rng.asked > 1 + 5 * 3 + 2  # so many a draw: sizes of offices, five tables of three groups, two crossed ones
    assert narrowest(drawn.shown(), "clients", CROSSINGS) >= 5


def test_a_month_of_nobody_shows_nothing() -> None:
    shown = draw([], np.random.default_rng(1)).shown()
    assert {count for rows in shown.values() for row in rows for count in row} == {None}


def test_a_value_that_no_table_knows_stops_the_counts() -> None:
    """Rather than being left out, and nobody seeing it."""
    with pytest.raises(ValueError, match="bands has no column"):
        draw([Seen(None, None, "purple", None, None, None)], np.random.default_rng(1))
