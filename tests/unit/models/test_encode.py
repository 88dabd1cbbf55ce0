"""Values as numbers, and back."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts import Column, ColumnType, Role
from ml.errors import DataError
from ml.models.encode import Encoder, fit_encoder

WORDS = st.text(min_size=1, max_size=6)


def column(name: str, kind: ColumnType, *, missing_allowed: bool = False) -> Column:
    return Column(name, kind, Role.FEATURE, missing_allowed=missing_allowed)


AGE = column("age", ColumnType.NUMBER)
GAP = column("gap", ColumnType.NUMBER, missing_allowed=True)
SKILL = column("skill", ColumnType.CATEGORY)
AREA = column("area", ColumnType.CATEGORY, missing_allowed=True)
DRIVES = column("drives", ColumnType.BOOLEAN, missing_allowed=True)
COLUMNS = (AGE, GAP, SKILL, AREA, DRIVES)
TABLE = pd.DataFrame(
    {
        "age": [20.0, 30.0, 40.0, 50.0],
        "gap": [np.nan, 0.0, 10.0, 20.0],
        "skill": ["välittäjä", "cook", "nurse", "cook"],
        "area": ["north", None, "north", "east"],
        "drives": [0.0, 1.0, 1.0, 0.0],
    }
)


@pytest.fixture
def encoder() -> Encoder:
    return fit_encoder(TABLE, COLUMNS)


def test_codes_of_a_table(encoder: Encoder) -> None:
    """Categories are numbered in the order of their names; missing is NaN."""
    expected = [
        [20, np.nan, 2, 1, 0],
        [30, 0, 0, np.nan, 1],
        [40, 10, 1, 1, 1],
        [50, 20, 0, 0, 0],
    ]
    np.testing.assert_array_equal(encoder.frame(TABLE), expected)
    assert encoder.names == ("age", "gap", "skill", "area", "drives")
    assert encoder.categorical == [2, 3]


@given(st.lists(WORDS, min_size=2, max_size=30).filter(lambda words: len(set(words)) > 1))
def test_a_code_leads_back_to_its_category(words: list[str]) -> None:
    encoder = fit_encoder(pd.DataFrame({"skill": words}, dtype=object), [SKILL])
    codes = encoder.frame(pd.DataFrame({"skill": words}, dtype=object))[:, 0]
    assert [encoder.inputs[0].categories[int(code)] for code in codes] == words
    assert set(codes) == set(range(len(set(words))))


@pytest.mark.parametrize("dtype", [object, "str"])
def test_a_category_that_training_never_saw_is_missing(encoder: Encoder, dtype: type | str) -> None:
    seen = pd.DataFrame({"skill": pd.Series(["smith", "cook", None], dtype=dtype)})
    only_skill = Encoder((encoder.inputs[2],))
    np.testing.assert_array_equal(only_skill.frame(seen)[:, 0], [np.nan, 0, np.nan])


def test_rows_and_frames_give_the_same_codes(encoder: Encoder) -> None:
    strange = pd.DataFrame({"age": [-1.0], "gap": [99.0], "skill": ["smith"], "area": ["Cook"], "drives": [1.0]})
    table = pd.concat([TABLE, strange], ignore_index=True)
    records = [
        {name: None if pd.isna(value) else value for name, value in record.items()}
        for record in table.astype(object).to_dict("records")
    ]
    np.testing.assert_array_equal(encoder.rows(records), encoder.frame(table))
    without = [{name: value for name, value in record.items() if value is not None} for record in records]
    np.testing.assert_array_equal(encoder.rows(without), encoder.frame(table))


def test_the_columns_of_the_linear_model(encoder: Encoder) -> None:
    """Each input starts with whether it is missing; numbers are standardised, categories one-hot."""
    assert [each.width for each in encoder.inputs] == [2, 2, 4, 3, 2]
    design = encoder.design(encoder.frame(TABLE))
    assert design.shape == (4, 13)
    age, gap, skill, area, drives = np.split(design, np.cumsum([2, 2, 4, 3]), axis=1)
    np.testing.assert_allclose(age, np.column_stack([np.zeros(4), [-1.5, -0.5, 0.5, 1.5] / np.sqrt(1.25)]))
    np.testing.assert_allclose(gap, np.column_stack([[1, 0, 0, 0], [0, *([-1, 0, 1] / np.sqrt(2 / 3))]]))
    np.testing.assert_array_equal(skill, [[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]])
    np.testing.assert_array_equal(area, [[0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]])
    np.testing.assert_allclose(drives, np.column_stack([np.zeros(4), [-1, 1, 1, -1]]))


def test_an_input_that_does_not_vary_stays_and_keeps_its_footing() -> None:
    """The deviation of numbers that are all 0.1 is not quite 0: another value must not become astronomical."""
    found = fit_encoder(pd.DataFrame({"age": np.full(300, 0.1), "skill": ["cook", "nurse"] * 150}), [AGE, SKILL])
    assert found.names == ("age", "skill")
    design = found.design(found.rows([{"age": 0.1, "skill": "cook"}, {"age": 0.2, "skill": "cook"}]))
    np.testing.assert_allclose(design[:, 1], [0, 0.1], atol=1e-9)
    assert found.inputs[0].unfamiliar(0.2)


def test_where_training_saw_only_missing_values_every_value_is_unfamiliar() -> None:
    table = pd.DataFrame({"gap": [np.nan, np.nan], "area": [None, None], "age": [1.0, 2.0]})
    gap, area, _ = fit_encoder(table, [GAP, AREA, AGE]).inputs
    assert [gap.unfamiliar(value) for value in (None, 0.0, 0.5, 1.0)] == [False, True, True, True]
    assert [area.unfamiliar(value) for value in (None, "north")] == [False, True]


def test_without_an_input_that_varies_there_is_nothing_to_learn() -> None:
    with pytest.raises(DataError, match="no input varies"):
        fit_encoder(TABLE.assign(age=30.0, skill="cook"), [AGE, SKILL])
    fit_encoder(pd.DataFrame({"gap": [np.nan, 1.0]}), [GAP])  # missing or not is a difference, too


@pytest.mark.parametrize(
    ("name", "value", "unfamiliar"),
    [
        ("age", 20.0, False),
        ("age", 50.0, False),
        ("age", 19.9, True),
        ("age", 50.1, True),
        ("age", None, True),  # training saw no missing age
        ("gap", None, False),
        ("gap", 0.0, False),
        ("gap", 21.0, True),
        ("skill", "cook", False),
        ("skill", "smith", True),
        ("skill", None, True),
        ("area", None, False),
        ("area", "west", True),
        ("drives", True, False),
        ("drives", None, True),  # the contract allows it, but training saw none
    ],
)
def test_what_is_unfamiliar(encoder: Encoder, name: str, value: object, unfamiliar: bool) -> None:
    asked = next(each for each in encoder.inputs if each.column.name == name)
    assert asked.unfamiliar(value) is unfamiliar


def test_a_date_is_a_number_that_varies() -> None:
    days = pd.DataFrame({"since": [float(date(2020, 1, 1).toordinal()), float(date(2021, 1, 1).toordinal())]})
    found = fit_encoder(days, [column("since", ColumnType.DATE)])
    assert (found.inputs[0].low, found.inputs[0].high) == tuple(days["since"])
    assert found.categorical == []


def test_codes_are_unfamiliar_where_values_are(encoder: Encoder) -> None:
    """But for a category never seen where some were missing: in codes it is missing, and serving knows the value."""
    rows: list[dict[str, object]] = [
        {"age": 30.0, "gap": 5.0, "skill": "cook", "area": "east", "drives": 1.0},
        {"age": 19.0, "gap": None, "skill": None, "area": None, "drives": None},
        {"age": None, "gap": 20.1, "skill": "smith", "area": "north", "drives": 2.0},
        {"age": 50.0, "gap": -0.1, "skill": "nurse", "area": "north", "drives": 0.0},
    ]
    expected = [[each.unfamiliar(row[each.column.name]) for each in encoder.inputs] for row in rows]
    np.testing.assert_array_equal(encoder.unfamiliar(encoder.rows(rows)), expected)
    assert [encoder.unfamiliar_row(encoder.row(row)) for row in rows] == expected
    west = {**rows[0], "area": "west"}
    assert encoder.inputs[3].unfamiliar("west")
    assert not encoder.unfamiliar(encoder.rows([west])).any()
