"""Texts, days, names of staff and of clients: what is taken is what the schema says."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BeforeValidator, Field, ValidationError

from ml.errors import IDENTITY_CODE
from serving.wire.clients import ClientName
from serving.wire.wire import Day, Id, Line, Posted, Pseudonym, Staff, Text, whole


class Form(Posted):
    """One field of each kind."""

    line: Line = "x"
    text: Text = "x"
    day: Day = date(2026, 11, 2)
    staff: Staff = "x"
    id: Id = "0" * 32
    pseudonym: Pseudonym = "0" * 32
    count: Annotated[int, Field(ge=1, le=9), BeforeValidator(whole)] = 1


def taken(**posted: Any) -> Form:
    return Form.model_validate_json(json.dumps(posted))


def refused(**posted: Any) -> None:
    with pytest.raises(ValidationError):
        taken(**posted)


letters = st.characters(exclude_categories=["Cs"])


@given(st.text(letters, max_size=205) | st.text(st.sampled_from(" \t\n\r\x00\x1fa\x7f\u3000"), max_size=5))
def test_a_line_is_what_its_schema_says(text: str) -> None:
    said = Form.model_json_schema()["properties"]["line"]
    fits = said["minLength"] <= len(text) <= said["maxLength"] and re.search(said["pattern"], text) is not None
    if fits and not IDENTITY_CODE.search(text):
        assert taken(line=text).line == text  # as it stands, blanks and all
    else:
        refused(line=text)


@pytest.mark.parametrize("text", ["x" * 2000, "Ä\nb\tc", " a ", "漢字"])
def test_a_text(text: str) -> None:
    assert taken(text=text).text == text


@pytest.mark.parametrize("text", ["x" * 2001, "", "  ", "\r\n", "a\x00", "a 131052-308T b", 7, None, ["x"], True])
def test_no_text(text: Any) -> None:
    refused(text=text)


@given(st.dates())
def test_a_day(day: date) -> None:
    assert taken(day=day.isoformat()).day == day


@pytest.mark.parametrize(
    "day",
    [
        0, 1, 1.0, "0", "20261102", "2026-W45-1", "2026-11-02T00:00:00", "2026-11-02 ", "2026-1-2", "2026-02-30",
        "0000-01-01", "2026-13-01", "10000-01-01", "-2026-01-01", "٢٠٢٦-١١-٠٢", "today", "", None, True, [2026, 11, 2],
    ],
)  # fmt: skip
def test_no_day(day: Any) -> None:
    refused(day=day)


@pytest.mark.parametrize("staff", ["cw-17", "demo-caseworker", "client:sync", "x" * 255, "ä@b", "a'b\"c<d>"])
def test_staff(staff: str) -> None:
    assert taken(staff=staff).staff == staff


@pytest.mark.parametrize(
    "staff", ["", " ", "a b", "a\n", "\na", "x" * 256, "a\x00", "131052-308T", "x131052-308Tx", 17]
)
def test_no_staff(staff: Any) -> None:
    refused(staff=staff)


@pytest.mark.parametrize("id", ["0" * 31, "0" * 33, "A" * 32, "g" * 32, "0" * 32 + "\n", " " + "0" * 31, "٠" * 32, 0])
def test_no_id(id: Any) -> None:
    refused(id=id)
    refused(pseudonym=id)


@pytest.mark.parametrize(("count", "read"), [(3, 3), (3.0, 3)])
def test_a_whole_number_however_it_is_written(count: float, read: int) -> None:
    assert taken(count=count).count == read


@pytest.mark.parametrize("count", [0, 10, 3.5, "3", True, None, 1e300])
def test_no_whole_number(count: Any) -> None:
    refused(count=count)


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"pseudonym": None},
        {"identity_code": None},
        {"pseudonym": "0" * 32, "identity_code": None},
        {"pseudonym": "0" * 32, "identity_code": "131052-308T"},
        {"pseudonym": "0" * 32, "name": "x"},
        {"identity_code": "x" * 21},
    ],
)
def test_a_client_is_named_in_one_way(named: Any) -> None:
    with pytest.raises(ValidationError):
        ClientName.model_validate_json(json.dumps(named))


def test_the_schema_of_a_clients_name_has_one_of_two_shapes() -> None:
    shapes = ClientName.model_json_schema()["oneOf"]
    assert [(each["required"], each["additionalProperties"]) for each in shapes] == [
        (["pseudonym"], False), (["identity_code"], False),
    ]  # fmt: skip
