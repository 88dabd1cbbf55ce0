"""Client groups: found where there are some, denied where there are none, and nobody in them by name."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.contracts import Role, Stock
from ml.errors import DataError
from ml.models.fractions import Effort, Fractions, figures, fractions, lines, picture

from .conftest import LITTLE, column, continuum, nothing, three_groups

ONLY_THREE = Effort(numbers=range(3, 4), halves=2, twins=19, redraws=3)


def test_three_groups_are_found_named_and_counted(found: Fractions) -> None:
    assert found.chosen == 3
    assert found.people == 750
    assert [group.people for group in found.groups] == pytest.approx([300, 250, 200], abs=10)
    assert [group.stability for group in found.groups] == ["stable"] * 3
    assert found.hidden == 0
    long, fresh, served = found.groups
    assert {"subsidy_days_1y", "subsidy_days_5y"} & {mark.column for mark in long.marks}
    assert {mark.column: mark.effect > 0 for mark in fresh.marks}["work_days"]
    assert {mark.column: mark.effect > 0 for mark in served.marks}["service_days"]
    assert set(long.name) == set(long.marks[0].words) == {"fi", "sv", "en"}
    for group in found.groups:
        assert group.share.low <= group.share.value + 0.011
        assert group.share.value <= group.share.high + 0.011


def test_the_same_seed_gives_the_same_answer(grouped: Stock) -> None:
    first = fractions(grouped, 1, effort=ONLY_THREE)
    assert fractions(grouped, 1, effort=ONLY_THREE) == first
    assert fractions(grouped, 2, effort=ONLY_THREE) != first


@pytest.mark.parametrize("seed", [1, 2])
def test_people_along_one_line_are_no_groups(stock_of: Callable[[pd.DataFrame], Stock], seed: int) -> None:
    """Cut in two they come again very well: stability alone would show them as groups."""
    found = fractions(stock_of(continuum(800, seed)), seed, effort=LITTLE)
    assert found.tried[0].strength.value > 0.8
    assert (found.chosen, found.groups) == (None, ())
    assert found.why.startswith("insufficient evidence: ")


def test_columns_that_do_not_go_together_make_no_groups(stock_of: Callable[[pd.DataFrame], Stock]) -> None:
    found = fractions(stock_of(nothing(800, 4)), 1, effort=LITTLE)
    assert (found.chosen, found.groups) == (None, ())
    assert found.why.startswith("insufficient evidence: ")


def test_few_people_make_no_groups(stock_of: Callable[[pd.DataFrame], Stock]) -> None:
    found = fractions(stock_of(three_groups((70, 60, 60), 1)), 1, effort=LITTLE)
    assert found.groups == ()
    assert "too few" in found.why
    assert fractions(stock_of(three_groups((1, 1, 1), 1)), 1).people is None


@pytest.mark.parametrize("role", [Role.PROTECTED, Role.ID, Role.OUTCOME])
def test_only_features_are_taken(grouped: Stock, role: Role) -> None:
    kind = grouped.columns[0].type
    with pytest.raises(DataError, match="column gender is no feature"):
        fractions(replace(grouped, columns=(*grouped.columns, column("gender", kind, role))), 1)


# ---------------------------------------------------------------- nobody leaves


def parts(value: Any) -> Iterator[Any]:
    """Yield everything that an answer holds, whatever it is made of."""
    yield value
    if dataclasses.is_dataclass(value):
        value = [getattr(value, each.name) for each in dataclasses.fields(value)]
    elif isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        for each in value:
            yield from parts(each)


def test_nothing_as_long_as_the_people_leaves(found: Fractions) -> None:
    held = list(parts(found)) + list(parts(figures(found)))
    assert {type(each).__name__ for each in held} <= {
        "Fractions", "Tried", "Group", "Mark", "Interval", "tuple", "list", "dict", "str", "int", "float", "date",
        "NoneType",
    }  # fmt: skip
    assert max(len(each) for each in held if isinstance(each, list | tuple | dict)) < 20
    assert len(json.dumps(figures(found))) < 20_000


def counts(answer: Fractions) -> list[int | None]:
    return [answer.people, *(group.people for group in answer.groups)]


def test_one_person_less_is_not_seen_in_the_counts(stock_of: Callable[[pd.DataFrame], Stock]) -> None:
    """The attack: the same stock again, without one person whom the attacker knows. Rounding hides them.

    Groups are far apart here, so that nobody changes group and nothing but rounding stands in the way.
    """
    people = three_groups((300, 250, 200), 1)
    people["work_days"] += 2000 * (people["work_days"] > 100)
    people["is_long"] = people["is_listed"] = (people["subsidy_days_5y"] > 60).astype(np.float64)
    whole = fractions(stock_of(people), 1, effort=ONLY_THREE)
    assert whole.people == 750
    for person in (0, 1, 749):
        less = fractions(stock_of(people.drop(index=person).reset_index(drop=True)), 1, effort=ONLY_THREE)
        assert less.people == whole.people
        for before, after in zip(counts(whole), counts(less), strict=True):
            assert abs(before - after) in (0, 5)  # type: ignore[operator]


def test_a_small_group_is_hidden_and_another_with_it(stock_of: Callable[[pd.DataFrame], Stock]) -> None:
    """Four people apart from all others are a stable group, and nobody's business."""
    people = three_groups((300, 250, 4), 1)
    found = fractions(stock_of(people), 1, effort=ONLY_THREE)
    assert all(group.people >= 5 for group in found.groups)
    if found.chosen:
        assert len(found.groups) + found.hidden == 3
        assert found.hidden != 1


# ---------------------------------------------------------------- told


def test_lines_tell_how_many_why_and_what_sets_apart(found: Fractions) -> None:
    told = lines(found)
    assert told[0] == "750 people unemployed on 2020-01-31"
    assert found.groups[0].name["en"] in told
    assert f"  {found.groups[0].marks[0].words['en']}" in told
    assert any(found.groups[0].name["fi"] == line for line in lines(found, "fi"))
    assert sum("p = " in line for line in told) == 1 + len(LITTLE.numbers)


@pytest.mark.parametrize("which", ["found", "none"])
def test_a_picture_shows_groups_or_why_there_are_none(
    found: Fractions, stock_of: Callable[[pd.DataFrame], Stock], which: str
) -> None:
    answer = found if which == "found" else fractions(stock_of(three_groups((50, 50, 50), 1)), 1)
    figure = picture(answer)
    figure.canvas.draw()
    texts = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    if which == "found":
        assert found.groups[0].marks[0].words["en"] in texts
        assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
            str(group.people) for group in found.groups
        ]
    else:
        assert "too few" in texts
