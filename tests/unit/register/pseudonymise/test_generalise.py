"""k-anonymity holds on whatever comes in, counted by pandas on the texts; each text is true of its row."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import DataError
from ml.register.pseudonymise.attributes import ATTRIBUTES, STEPS
from ml.register.pseudonymise.generalise import generalise
from ml.register.pseudonymise.ladder import Ladder, ladders_of

AS_OF = date(2020, 1, 31)
FACTS = {
    "birth_date": st.dates(date(1955, 1, 1), date(2002, 1, 1)),
    "gender": st.sampled_from("12"),
    "mother_tongue": st.sampled_from(["fi", "fi", "fi", "sv", "ru", "so"]),
    "citizenship": st.sampled_from(["FI", "FI", "FI", "EE", "SO"]),
    "municipality": st.sampled_from(["091", "091", "049"]),
    "postal_code": st.sampled_from(["00530", "00100", "02100"]),
    "education_level": st.sampled_from(["1", "3", "6", "7", None]),
    "education_code": st.sampled_from(["3512", "3517", "6411", None]),
    "occupation": st.sampled_from(["512", "513", "522", "911", None]),
    "arrived_in_finland": st.none() | st.dates(date(2005, 1, 1), date(2020, 1, 1)),
    "integration_plan_start": st.none() | st.dates(date(2016, 1, 1), date(2020, 1, 1)),
    "integration_plan_end": st.none() | st.dates(date(2019, 1, 1), date(2022, 1, 1)),
}
TYPES = {name: pa.date32() if "date" in name or "arrived" in name or "plan" in name else pa.string() for name in FACTS}
rows = st.tuples(st.integers(0, 30), st.fixed_dictionaries(FACTS))
registers = st.lists(rows, min_size=1, max_size=80)


def ladders(facts: list[dict[str, Any]]) -> tuple[Ladder, ...]:
    columns = {name: pa.array([row[name] for row in facts], TYPES[name]) for name in FACTS}
    return ladders_of(ATTRIBUTES, columns, AS_OF)


def texts(made: tuple[Ladder, ...], persons: list[int], k: int, seed: int = 1) -> pd.DataFrame:
    """Return the texts that each row would carry, null as the word NULL."""
    found = generalise(made, np.array(persons), k, np.random.default_rng(seed))
    return pd.DataFrame(
        {each.name: [text or "NULL" for text in each.column(found.levels[each.name]).to_pylist()] for each in made}
    )


@settings(deadline=None, max_examples=200)
@given(registers, st.integers(2, 6))
def test_every_combination_is_shared_by_k_people_and_true(register: list[tuple[int, dict[str, Any]]], k: int):
    persons, facts = [person for person, _ in register], [fact for _, fact in register]
    made = ladders(facts)
    if len(set(persons)) < k:
        with pytest.raises(DataError, match=f"fewer than {k} people"):
            texts(made, persons, k)
        return
    delivered = texts(made, persons, k)
    shared = delivered.assign(person=persons).groupby(list(delivered), sort=False).person.nunique()
    assert shared.min() >= k
    for attribute in ATTRIBUTES:
        raw = attribute.derive({name: pa.array([f[name] for f in facts], TYPES[name]) for name in FACTS}, AS_OF)
        for value, text in zip(raw.to_pylist(), delivered[attribute.name], strict=True):
            true = {"NULL"} if value is None else {level.text(value) for level in attribute.levels}
            assert text in true | {"*"}


@settings(deadline=None)
@given(registers.filter(lambda register: len({person for person, _ in register}) >= 2), st.randoms())
def test_the_order_of_rows_does_not_matter(register: list[tuple[int, dict[str, Any]]], shuffle: Any):
    def delivered(ordered: list[tuple[int, dict[str, Any]]]) -> list[str]:
        persons = [person for person, _ in ordered]
        found = texts(ladders([fact for _, fact in ordered]), persons, 2).to_numpy().tolist()
        return sorted(f"{person} {row}" for person, row in zip(persons, found, strict=True))

    shuffled = list(register)
    shuffle.shuffle(shuffled)
    assert delivered(register) == delivered(shuffled)


@settings(deadline=None)
@given(registers)
def test_a_detail_never_tells_what_was_suppressed_elsewhere(register: list[tuple[int, dict[str, Any]]]):
    persons = [person for person, _ in register]
    if len(set(persons)) < 2:
        return
    delivered = texts(ladders([fact for _, fact in register]), persons, 2)
    assert not (delivered.municipality.eq("*") & delivered.district.ne("*")).any()
    coarse = delivered.education_level.isin(["*", "basic", "secondary", "higher"])
    assert not (coarse & delivered.education_code.ne("*")).any()


def test_people_who_are_alike_lose_nothing():
    facts = [
        {
            **dict.fromkeys(FACTS),
            "birth_date": date(1985, 7, 14),
            "gender": "1",
            "mother_tongue": "ru",
            "citizenship": "EE",
            "municipality": "091",
            "postal_code": "00530",
            "education_level": "3",
            "education_code": "3512",
            "occupation": "512",
        }
    ] * 5
    made = ladders(facts)
    found = generalise(made, np.arange(5), 5, np.random.default_rng(1))
    assert all((found.levels[each.name] == len(each.codes) - 1).all() for each in made)


def test_versions_of_one_person_are_one_person():
    with pytest.raises(DataError, match="fewer than 2 people"):
        texts(ladders([dict.fromkeys(FACTS) | {"birth_date": date(1985, 7, 14)}] * 9), [7] * 9, 2)


def test_companions_are_as_many_as_are_lacking_and_no_more():
    """98 men and 2 women: 3 men are suppressed with the women when k is 5."""
    facts = [{**dict.fromkeys(FACTS), "birth_date": date(1985, 7, 14), "gender": "12"[n < 2]} for n in range(100)]
    gender = texts(ladders(facts), list(range(100)), 5).gender
    assert gender.value_counts().to_dict() == {"1": 95, "*": 5}
    assert gender[:2].eq("*").all()
    others = [
        set(texts(ladders(facts), list(range(100)), 5, seed).gender[lambda g: g.eq("*")].index) for seed in range(9)
    ]
    assert len(set(map(frozenset, others))) > 1, "the lot decides, not the place"


def test_where_companions_would_be_missed_the_rarest_value_joins_whole():
    """6 of one kind, 5 of another and 2 of a third: taking 3 of the first would leave 3."""
    facts = [
        {**dict.fromkeys(FACTS), "birth_date": date(1985, 7, 14), "occupation": occupation}
        for occupation in ["512"] * 6 + ["911"] * 5 + ["251"] * 2
    ]
    occupation = texts(ladders(facts), list(range(13)), 5).occupation
    assert occupation.tolist() == ["512"] * 6 + ["*"] * 7


def test_what_is_needed_most_comes_first():
    first = [step.attribute for step in STEPS if step.level == 1]
    assert first[:4] == ["gender", "age", "mother_tongue", "education_level"]
    assert [step.attribute for step in STEPS[-3:]] == ["occupation", "age", "education_code"]
