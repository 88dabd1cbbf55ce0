"""A posted body: each key once, however it is written; read whole, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import RootModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from serving.http.body import parse, read_body

WORDS = st.text(alphabet='ab:"\\{}[],\u00e4\U0001f600 ', max_size=4)
LEAVES = st.none() | st.booleans() | st.integers(-99, 99) | WORDS
# An object is a tuple of pairs, so that a key can come twice.
BODIES = st.recursive(
    LEAVES, lambda within: st.lists(within, max_size=3) | st.lists(st.tuples(WORDS, within), max_size=4).map(tuple)
)


def written(value: Any, *, ascii_only: bool) -> str:
    if isinstance(value, tuple):
        pairs = (f"{json.dumps(key, ensure_ascii=ascii_only)}: {written(each, ascii_only=ascii_only)}"
                 for key, each in value)  # fmt: skip
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(each, ascii_only=ascii_only) for each in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def each_key_once(text: str) -> bool:
    """Return what Python's own reader says, pair by pair."""
    twice = []

    def look(pairs: Sequence[tuple[str, Any]]) -> None:
        twice.append(len({key for key, _ in pairs}) < len(pairs))

    json.loads(text, object_pairs_hook=look)
    return not any(twice)


def taken(text: str) -> bool:
    """Return whether a body is taken, where no key comes twice."""
    try:
        parse(text.encode(), RootModel[Any])
    except HTTPException as refused:
        if "twice" not in refused.detail:
            raise
        return False
    return True


@given(body=BODIES, ascii_only=st.booleans())
@example(body=(("a", (("b", 1),)), ("a", (("c", 2),))), ascii_only=True)  # what is within the first is lost with it
@example(body=(("a:", ":"), ("b", ":")), ascii_only=True)
@example(body=(("\u00e4", 1), ("\u00e4", 2)), ascii_only=True)
def test_a_key_that_comes_twice_is_refused_and_nothing_else(body: Any, ascii_only: bool) -> None:
    text = written(body, ascii_only=ascii_only)
    assert taken(text) == each_key_once(text)


@pytest.mark.parametrize("first", ['{"a": 1, "\\u0061": 2}', '{"a": 1, "b": 2, "a": 3}', '[{"x": {"y": 1, "y": 1}}]'])
def test_a_key_twice(first: str) -> None:
    with pytest.raises(HTTPException, match="twice"):
        parse(first.encode(), RootModel[Any])


def test_who_leaves_in_the_middle_of_a_body_has_posted_nothing() -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"a": ', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    request = Request({"type": "http", "headers": [(b"content-type", b"application/json")]}, receive)
    with pytest.raises(ClientDisconnect):
        asyncio.run(read_body(request, 100))
