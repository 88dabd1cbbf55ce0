"""What each type of input takes on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError

from ml.contracts import Column, ColumnType, Role
from serving.wire.inputs import checked, inputs_model

YEARS = Column("years", ColumnType.NUMBER, Role.FEATURE, minimum=0.0, maximum=60.0)
AMOUNT = Column("amount", ColumnType.NUMBER, Role.FEATURE)
SINCE = Column("since", ColumnType.DATE, Role.FEATURE)
COURSE = Column("course", ColumnType.BOOLEAN, Role.FEATURE)
AREA = Column("area", ColumnType.CATEGORY, Role.FEATURE, values={"1": "North", "2": "South", "3": "South"})
TRADE = Column("trade", ColumnType.CATEGORY, Role.FEATURE)
MAYBE = Column("maybe", ColumnType.NUMBER, Role.FEATURE, missing_allowed=True)


def post(column: Column, text: str) -> Any:
    return checked(inputs_model([column]), json.loads("{" + text + "}"), "risk")[column.name]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (YEARS, "0", 0.0),
        (YEARS, "60.0", 60.0),
        (AMOUNT, "-1e3", -1000.0),
        (SINCE, "2015.5", 2015.5),
        (COURSE, "true", True),
        (AREA, '"South"', "South"),
        (TRADE, '"astronaut"', "astronaut"),
        (TRADE, '""', ""),
        (MAYBE, "null", None),
        (MAYBE, "3", 3.0),
    ],
)
def test_taken(column: Column, text: str, value: object) -> None:
    taken = post(column, f'"{column.name}": {text}')
    assert taken == value
    assert type(taken) is type(value)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (YEARS, "-0.1"),
        (YEARS, "60.1"),
        (YEARS, '"3"'),
        (YEARS, "true"),
        (YEARS, "null"),
        (YEARS, "[3]"),
        (AMOUNT, "NaN"),
        (AMOUNT, "Infinity"),
        (AMOUNT, "1e400"),
        (AMOUNT, "1" + "0" * 400),
        (AMOUNT, "1e16"),
        (SINCE, '"2015-05-01"'),
        (COURSE, "1"),
        (COURSE, '"true"'),
        (AREA, '"1"'),
        (AREA, '"north"'),
        (AREA, "1"),
        (TRADE, "7"),
        (TRADE, json.dumps("x" * 201)),
        (TRADE, "{}"),
        (MAYBE, '""'),
    ],
)
def test_not_taken(column: Column, text: str) -> None:
    with pytest.raises(RequestValidationError) as refused:
        post(column, f'"{column.name}": {text}')
    assert all(each["loc"][:2] == ("risk", column.name) for each in refused.value.errors())
    assert all("input" not in each for each in refused.value.errors())  # what was posted is not kept


def test_a_missing_value_only_where_it_is_allowed() -> None:
    assert post(MAYBE, "") is None
    with pytest.raises(RequestValidationError, match="Field required"):
        post(YEARS, "")


def test_nothing_extra() -> None:
    with pytest.raises(RequestValidationError, match="extra_forbidden"):
        checked(inputs_model([YEARS]), {"years": 1, "age": 50})


@pytest.mark.parametrize(
    "name", ["model_x", "copy", "_hidden", "class", "two words", "json", "input_1", "schema", "__x", "model_config"]
)
def test_a_column_may_have_any_name(name: str) -> None:
    model = inputs_model([Column(name, ColumnType.NUMBER, Role.FEATURE), COURSE])
    assert checked(model, {name: 1, "course": False}) == {name: 1.0, "course": False}
    assert list(model.json_schema()["properties"]) == [name, "course"]


def test_the_schema_says_what_is_taken() -> None:
    schema = inputs_model([YEARS, AREA, MAYBE]).json_schema()
    assert schema["properties"]["years"] == {"maximum": 60.0, "minimum": 0.0, "title": "years", "type": "number"}
    assert schema["properties"]["area"]["enum"] == ["North", "South"]
    assert schema["required"] == ["years", "area"]
    assert schema["additionalProperties"] is False
