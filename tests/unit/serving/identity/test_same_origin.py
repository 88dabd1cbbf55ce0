"""Writes that a cookie speaks for: from our own pages, with the session's token, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.datastructures import Headers

from ml.errors import ForbiddenError
from serving.identity.identity import Identity
from serving.identity.roles import Role
from serving.identity.same_origin import check_same_origin
from serving.identity.sessions import Session

TOKEN = "a-token-of-the-session"
SESSION = Session(Identity("ada", "Ada", frozenset({Role.CASEWORKER}), None, datetime(2026, 12, 1, tzinfo=UTC)), TOKEN)
PAGES = "https://apualy.example.fi"
OWN = {"sec-fetch-site": "same-origin", "origin": PAGES, "x-csrf-token": TOKEN}


@pytest.mark.parametrize(
    ("method", "changed"),
    [
        ("POST", {}),
        ("DELETE", {"sec-fetch-site": None}),
        ("PUT", {"origin": None}),
        ("GET", {"sec-fetch-site": "cross-site", "origin": "https://evil.example", "x-csrf-token": None}),
        ("HEAD", {"sec-fetch-site": None, "origin": None, "x-csrf-token": None}),
    ],
)
def test_what_may_pass(method: str, changed: dict[str, str | None]) -> None:
    check_same_origin(method, sent(changed), SESSION, PAGES)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "BREW", "TRACE"])
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sec-fetch-site": None, "origin": None}, "page of another site"),
        ({"sec-fetch-site": "cross-site"}, "page of another site"),
        ({"sec-fetch-site": "same-site"}, "page of another site"),
        ({"sec-fetch-site": "none"}, "page of another site"),
        ({"sec-fetch-site": ""}, "page of another site"),
        ({"origin": "null"}, "page of another site"),
        ({"origin": "https://evil.example"}, "page of another site"),
        ({"origin": "http://apualy.example.fi"}, "page of another site"),
        ({"origin": "https://apualy.example.fi:8443"}, "page of another site"),
        ({"origin": "https://apualy.example.fi.evil.example", "sec-fetch-site": None}, "page of another site"),
        ({"x-csrf-token": None}, "header X-CSRF-Token"),
        ({"x-csrf-token": ""}, "header X-CSRF-Token"),
        ({"x-csrf-token": TOKEN[:-1]}, "header X-CSRF-Token"),
        ({"x-csrf-token": "ä"}, "header X-CSRF-Token"),
    ],
)
def test_what_may_not(method: str, changed: dict[str, str | None], words: str) -> None:
    with pytest.raises(ForbiddenError, match=words) as refused:
        check_same_origin(method, sent(changed), SESSION, PAGES)
    assert refused.value.status == 403
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("public_url", "sender"),
    [
        ("https://Apualy.Example.FI:443/app", "https://apualy.example.fi"),
        ("https://apualy.example.fi:8443", "https://apualy.example.fi:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_origins_as_browsers_write_them(public_url: str, sender: str) -> None:
    check_same_origin("POST", sent({"origin": sender}), SESSION, public_url)


def sent(changed: dict[str, str | None]) -> Headers:
    """Return headers as a request holds them."""
    return Headers({name: value for name, value in {**OWN, **changed}.items() if value is not None})
