"""Parts of placements: later is later, and no person stands on two sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import INTERVIEW_FIRST, Placements
from ml.errors import DataError
from ml.models.needs.split import REGISTER_ROWS, NeedSplit, split_placements

Town = Callable[..., Placements]


def require_sound(parts: NeedSplit, placements: Placements) -> None:
    three = (parts.train, parts.calibration, parts.test)
    people = [set(placements.person[part.rows]) for part in three]
    assert len(set.union(*people)) == sum(map(len, people))
    assert people[2].isdisjoint(placements.person[parts.before_test])
    assert parts.train.last < parts.calibration.first <= parts.calibration.last < parts.test.first
    assert placements.day[parts.before_test].max() < placements.day[parts.test.rows].min()
    for part in three:
        assert set(placements.entity[part.interview]) <= {INTERVIEW_FIRST}
        assert INTERVIEW_FIRST not in placements.entity[part.placed]
        assert placements.by_caseworker[part.rows].all()
        assert not placements.plan_in_force[part.rows].any()
        assert (part.first, part.last) == (placements.day[part.rows].min(), placements.day[part.rows].max())
    ours = placements.by_caseworker & ~placements.plan_in_force
    assert sum(len(part.rows) for part in three) + parts.left_out == ours.sum()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), returners=st.floats(0, 0.9))
def test_parts_are_sound(town: Town, seed: int, returners: float) -> None:
    placements = town(700, seed, returners=returners)
    require_sound(split_placements(placements, seed), placements)


def test_in_a_small_file_people_stand_in_their_earliest_part(town: Town) -> None:
    placements = town(1500, 3, returners=0.5)
    parts = split_placements(placements, 1)
    assert not parts.dealt
    first = {}
    for person, day in zip(placements.person, placements.day, strict=True):
        first[person] = min(day, first.get(person, day))
    in_test = parts.test.rows
    assert all(first[person] >= np.datetime64(parts.test.first) for person in placements.person[in_test])


def test_where_many_come_back_people_are_dealt_and_the_test_part_has_returners(town: Town) -> None:
    placements = town(REGISTER_ROWS, 4, returners=0.8)
    parts = split_placements(placements, 1)
    assert parts.dealt
    require_sound(parts, placements)
    in_test = parts.test.rows
    earlier = np.isin(placements.person[in_test], placements.person[placements.day < placements.day[in_test].min()])
    assert earlier.mean() > 0.3
    assert not np.array_equal(in_test, split_placements(placements, 2).test.rows)
    assert np.array_equal(in_test, split_placements(placements, 1).test.rows)


def test_what_the_rule_answers_is_no_question_for_the_model(placements: Placements) -> None:
    """Also where a caseworker placed in spite of the plan: the model will never be asked on such a day."""
    everybody = replace(placements, by_caseworker=np.ones(len(placements), dtype=bool))
    require_sound(split_placements(everybody, 1), everybody)


def test_an_entity_that_hardly_occurs_is_refused(placements: Placements) -> None:
    rare = np.where(placements.entity == "rehabilitation", "skills", placements.entity)
    with pytest.raises(DataError, match="training part has fewer than 5 placements by caseworkers in rehabilitation"):
        split_placements(replace(placements, entity=rare), 1)


def test_placements_by_rule_alone_are_refused(placements: Placements) -> None:
    with pytest.raises(DataError, match="no placement was made by a caseworker"):
        split_placements(replace(placements, by_caseworker=np.zeros(len(placements), dtype=bool)), 1)
