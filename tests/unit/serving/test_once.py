"""The digest of a question under its Idempotency-Key."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from serving.http.once import Once, key_of
from serving.identity.identity import Identity
from serving.identity.roles import Role

ADA = Identity("ada", "Ada", frozenset({Role.CASEWORKER}), None, datetime(2030, 1, 1, tzinfo=UTC))
SECRET = b"s" * 32


def asked(key: str | None, method: str = "POST", path: str = "/v1/judgements") -> Request:
    headers = [] if key is None else [(b"idempotency-key", key.encode())]
    return Request({"type": "http", "method": method, "path": path, "headers": headers, "query_string": b"",
                    "scheme": "http", "server": ("127.0.0.1", 80)})  # fmt: skip


def question(body: bytes = b"{}", secret: bytes = SECRET, **other: str) -> bytes:
    found = key_of(asked("k", **other), ADA, body, secret)
    assert isinstance(found, Once)
    assert (found.who, found.key) == ("ada", "k")
    return found.question


def test_the_same_question_has_the_same_digest_and_no_other_has() -> None:
    digests = [
        question(),
        question(b"{ }"),
        question(path="/v1/advice"),
        question(method="PUT"),
        question(secret=b"t" * 32),
        question(b"\n{}"),
    ]
    assert question() == digests[0]
    assert len(set(digests)) == len(digests)
    assert {len(each) for each in digests} == {32}


def test_without_the_header_nothing_is_kept() -> None:
    assert key_of(asked(None), ADA, b"{}", SECRET) is None


@pytest.mark.parametrize("key", ["", " ", "x" * 101, "a b", "a\tb", "131052-308T", "order-131052-308T"])
def test_keys_that_are_none(key: str) -> None:
    with pytest.raises(HTTPException) as refused:
        key_of(asked(key), ADA, b"{}", SECRET)
    assert refused.value.status_code == 422
    assert not key.strip() or key not in str(refused.value.detail)
