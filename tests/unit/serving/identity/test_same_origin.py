"""Writes that a cookie speaks for: from our own pages, with the session's token, or not at all."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from ml.errors import ForbiddenError
from serving.identity.same_origin import check_origin, check_token

TOKEN = "a-token-of-the-session"
PAGES = "https://apualy.example.fi"
OWN = {"sec-fetch-site": "same-origin", "origin": PAGES}


@pytest.mark.parametrize(
    ("method", "changed"),
    [
        ("POST", {}),
        ("DELETE", {"sec-fetch-site": None}),
        ("PUT", {"origin": None}),
        ("GET", {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}),
        ("HEAD", {"sec-fetch-site": None, "origin": None}),
    ],
)
def test_what_may_pass(method: str, changed: dict[str, str | None]) -> None:
    check_origin(method, sent(changed), PAGES)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "BREW", "TRACE"])
@pytest.mark.parametrize(
    "changed",
    [
        {"sec-fetch-site": None, "origin": None},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": ""},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://apualy.example.fi"},
        {"origin": "https://apualy.example.fi:8443"},
        {"origin": "https://apualy.example.fi.evil.example", "sec-fetch-site": None},
    ],
)
def test_what_may_not(method: str, changed: dict[str, str | None]) -> None:
    with pytest.raises(ForbiddenError, match="page of another site") as refused:
        check_origin(method, sent(changed), PAGES)
    assert refused.value.status == 403


@pytest.mark.parametrize("shown", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ä", "\udc80"])
def test_another_token(shown: str) -> None:
    with pytest.raises(ForbiddenError, match="header X-CSRF-Token") as refused:
        check_token(shown, TOKEN)
    assert refused.value.status == 403
    assert TOKEN not in str(refused.value)
    assert not shown or shown not in str(refused.value)


def test_the_token_of_the_session() -> None:
    check_token(TOKEN, TOKEN)


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
    check_origin("POST", sent({"origin": sender}), public_url)


def sent(changed: dict[str, str | None]) -> Headers:
    """Return headers as a request holds them."""
    return Headers({name: value for name, value in {**OWN, **changed}.items() if value is not None})
