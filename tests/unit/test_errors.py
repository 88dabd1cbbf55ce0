"""The error tree: exit codes, HTTP statuses, one line each, no identity code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml import errors
from ml.errors import (
    AccessError,
    ApualyError,
    ConflictError,
    ContractError,
    DataError,
    ForbiddenError,
    GateError,
    InputError,
    NotFoundError,
    TooManyError,
    UnavailableError,
    UsageError,
    without_identity_codes,
)

TREE = [
    (ApualyError, 1, 500),
    (UsageError, 2, 400),
    (InputError, 3, 422),
    (ContractError, 3, 422),
    (DataError, 3, 422),
    (GateError, 4, 503),
    (AccessError, 1, 401),
    (ForbiddenError, 1, 403),
    (UnavailableError, 1, 503),
    (NotFoundError, 1, 404),
    (ConflictError, 1, 409),
    (TooManyError, 1, 429),
]


def all_of(kind: type[ApualyError]) -> Iterator[type[ApualyError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from all_of(child)


@pytest.mark.parametrize(("kind", "exit_code", "status"), TREE)
def test_each_class_knows_its_exit_code_and_status(kind: type[ApualyError], exit_code: int, status: int) -> None:
    assert (kind.exit_code, kind.status) == (exit_code, status)
    assert isinstance(kind("x"), ApualyError)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    ours = {kind for kind in all_of(ApualyError) if kind.__module__ == errors.__name__}  # rooms have more of their own
    assert ours == {kind for kind, *_ in TREE}
    lines = [line.split() for line in (errors.__doc__ or "").splitlines() if "Error " in line]
    drawn = {next(word for word in line if word.endswith("Error")): line for line in lines}
    assert {
        name: tuple(int(word) for word in line if word.isdecimal())[:2] for name, line in drawn.items()
    } == {kind.__name__: (exit_code, status) for kind, exit_code, status in TREE}  # fmt: skip


def test_a_message_is_one_line() -> None:
    assert str(DataError("a\n  b\tc\r\n\nd ")) == "a b c d"


CODES = [
    "131052-308T",
    "131052+308T",
    "131052A308T",
    "131052B308T",
    "131052Y308T",
    "131052X308T",
    "131052f308t",
    "010100A9005",
]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    "text",
    ["{}", "row 3: {} is no number", "'{}'", "a={};b", "id_{}", "{}_2", "spells_{}.csv", "\u201c{}\u201d,", "x\n{}\ny"],
)
def test_identity_codes_are_struck_out(code: str, text: str) -> None:
    told = str(DataError(text.format(code)))
    assert code not in told
    assert "[identity code]" in told


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "131052-308",
        "sha256:131052a308tf0",
        "13105-308T",
        "row 131052, column 3",
        "1310523087",
        "9f131052-3084-4c1e-9d2b-5a1f0c7e2b11",
        "5f3c131052a3081b",
        "5F3C131052A3081B",
        "999999-9999",
    ],
)
def test_what_has_not_that_form_stays(text: str) -> None:
    assert without_identity_codes(text) == text


@pytest.mark.parametrize("glued", ["A131052-308T", "x131052-308Tx", "Ä131052-308T"])
def test_a_letter_glued_to_a_code_does_not_hide_it(glued: str) -> None:
    assert "131052-308T" not in without_identity_codes(glued)


@settings(deadline=None)
@given(
    st.from_regex(r"(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])[0-9]{2}[-+A-FU-Y][0-9]{3}[0-9A-Y]", fullmatch=True),
    st.text(),
)
def test_no_message_holds_a_code_between_spaces(code: str, text: str) -> None:
    assert f" {code} " not in str(ApualyError(f"{text} {code} {text}"))
