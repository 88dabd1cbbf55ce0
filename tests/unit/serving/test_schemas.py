"""What each type of input takes on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from ml.contracts import Column, ColumnType, Role
from serving.schemas import advice_question, posted_inputs

YEARS = Column("years", ColumnType.NUMBER, Role.FEATURE, minimum=0.0, maximum=60.0)
AMOUNT = Column("amount", ColumnType.NUMBER, Role.FEATURE)
SINCE = Column("since", ColumnType.DATE, Role.FEATURE)
COURSE = Column("course", ColumnType.BOOLEAN, Role.FEATURE)
AREA = Column("area", ColumnType.CATEGORY, Role.FEATURE, values={"1": "North", "2": "South", "3": "South"})
TRADE = Column("trade", ColumnType.CATEGORY, Role.FEATURE)
MAYBE = Column("maybe", ColumnType.NUMBER, Role.FEATURE, missing_allowed=True)


def post(column: Column, text: str) -> Any:
    question = advice_question([column])
    return posted_inputs(question.model_validate_json('{"inputs": {' + text + "}}"))[column.name]


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
    with pytest.raises(ValidationError):
        post(column, f'"{column.name}": {text}')


def test_a_missing_value_only_where_it_is_allowed() -> None:
    assert post(MAYBE, "") is None
    with pytest.raises(ValidationError, match="Field required"):
        post(YEARS, "")


@pytest.mark.parametrize("text", ['{"inputs": {"years": 1, "age": 50}}', '{"inputs": {"years": 1}, "id": 7}'])
def test_nothing_extra(text: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        advice_question([YEARS]).model_validate_json(text)


@pytest.mark.parametrize("name", ["model_x", "copy", "_hidden", "class", "två ord", "json", "input_1", "schema", "__x"])
def test_a_column_may_have_any_name(name: str) -> None:
    question = advice_question([Column(name, ColumnType.NUMBER, Role.FEATURE), COURSE])
    posted = question.model_validate_json(json.dumps({"inputs": {name: 1, "course": False}}))
    assert posted_inputs(posted) == {name: 1.0, "course": False}
    assert list(question.model_json_schema()["$defs"]["AdviceInputs"]["properties"]) == [name, "course"]


def test_the_schema_says_what_is_taken() -> None:
    schema = advice_question([YEARS, AREA, MAYBE]).model_json_schema()["$defs"]["AdviceInputs"]
    assert schema["properties"]["years"] == {"maximum": 60.0, "minimum": 0.0, "title": "years", "type": "number"}
    assert schema["properties"]["area"]["enum"] == ["North", "South"]
    assert schema["required"] == ["years", "area"]
    assert schema["additionalProperties"] is False
