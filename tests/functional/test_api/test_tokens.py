"""Tokens of a real OpenID provider, and forged ones, at the door of the whole application."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from serving.identity.provider import Provider
from serving.identity.settings import provider_settings

from .house import DAY, House, Json, Parts, done, house_on, judgement, kind_of, problem
from .provider import RealProvider

ROLES = {"cw-17": "caseworker", "ds-4": "data_scientist", "dpo-1": "data_protection_officer"}


@pytest.fixture(scope="module")
def real() -> Iterator[RealProvider]:
    provider = RealProvider()
    provider.start()
    for subject, role in ROLES.items():
        provider.add_user(subject, name="Matti Meikäläinen", roles=[role])
    provider.add_user("guest", name="Nobody Known")
    yield provider
    provider.stop()


class Later:
    """The time of day as the door sees it, moved by hand."""

    passed = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.passed


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def door(real: RealProvider, later: Later, parts: Parts, sqlite_url: str) -> Iterator[House]:
    settings = provider_settings({"APUALY_OIDC_ISSUER": real.issuer, "APUALY_OIDC_AUDIENCE": "apualy-api"})
    assert settings is not None
    provider = Provider(settings, later)

    def identify(request: Request) -> Any:
        return provider.identify(request.headers.get("authorization"))

    with house_on(parts, sqlite_url, identify=identify, remembered=lambda _: None) as house:
        yield house


def ask(door: House, token: str | bytes, method: str = "GET", path: str = "/v1/models", body: Any = None) -> Any:
    shown = token if isinstance(token, bytes) else token.encode()
    headers = {b"Authorization": b"Bearer " + shown}
    return door.client.request(method, path, json=body, headers=headers)  # type: ignore[arg-type]


def test_who_the_provider_names_may_do_what_their_role_may(door: House, real: RealProvider) -> None:
    tokens = {subject: real.token(subject) for subject in ROLES}
    assert [ask(door, token).status_code for token in tokens.values()] == [200, 200, 200]
    right = {"client": {"pseudonym": "a" * 32}, "right": "consent", "in_force": True, "since": DAY}
    asked = {subject: ask(door, token, "POST", "/v1/rights", right) for subject, token in tokens.items()}
    assert {subject: answer.status_code for subject, answer in asked.items()} == {
        "cw-17": 403, "ds-4": 403, "dpo-1": 200
    }  # fmt: skip
    assert kind_of(asked["cw-17"]) == (403, "not-your-client")
    assert asked["ds-4"].json()["detail"].endswith("you are signed in as a data scientist")
    assert ("right", "dpo-1", "data_protection_officer") in door.rows("SELECT action, who, role FROM log")
    assert "Meik" not in str(door.rows("SELECT * FROM log"))


def test_who_has_no_role_here_is_known_and_not_let_in(door: House, real: RealProvider) -> None:
    refused = problem(ask(door, real.token("guest")), 403)
    assert "gives you no role in this service" in refused["detail"]


# ---------------------------------------------------------------- forged


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def signed(head: Json, claims: Json, key: bytes) -> str:
    text = f"{part(head)}.{part(claims)}"
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def forgeries(real: RealProvider) -> dict[str, str]:
    good = real.token("cw-17")
    header, payload, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    officer = {**claims, "sub": "dpo-1", "roles": ["data_protection_officer"]}
    published = json.dumps(real.public_key()).encode()
    kid = real.public_key().get("kid")
    return {
        "alg none": f"{part({'alg': 'none'})}.{part(officer)}.",
        "alg None with the signature": f"{part({'alg': 'None', 'kid': kid})}.{payload}.{signature}",
        "other claims under the signature": f"{header}.{part(officer)}.{signature}",
        "no signature": f"{header}.{payload}.",
        "signature of another": f"{header}.{payload}.{real.token('ds-4').split('.')[2]}",
        "HS256 with the public key": signed({"alg": "HS256", "kid": kid}, officer, published),
        "HS256 with nothing": signed({"alg": "HS256", "kid": kid}, officer, b""),
        "a key of its own": signed({"alg": "RS256", "jwk": real.public_key()}, officer, b"x"),
        "a key from elsewhere": signed({"alg": "RS256", "jku": "http://127.0.0.1:1/jwks"}, officer, b"x"),
        "a key from a file": signed({"alg": "RS256", "kid": "../../../../dev/null"}, officer, b""),
        "an SQL kid": signed({"alg": "RS256", "kid": "x' UNION SELECT 'key"}, officer, b"key"),
        "for another service": real.token("cw-17", client_id="another-service"),
        "by another name of the provider": real.token("cw-17", host="localhost"),
        "two parts": f"{header}.{payload}",
        "five parts": f"{good}.x.y",
        "twice": f"{good} {good}",
        "not base64": f"{header}.{payload}!.{signature}",
        "cut": good[:-10],
        "too long": good + "x" * 10_000,
        "empty": "",
    }


def test_forged_tokens_show_nobody(door: House, real: RealProvider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for what, token in forgeries(real).items():
            for method, path, body in (
                ("GET", "/v1/models", None),
                ("POST", "/v1/judgements", judgement()),
                ("POST", "/v1/clients/erase", {"client": {"pseudonym": "a" * 32}, "why": "x"}),
            ):
                answer = ask(door, token, method, path, body)
                assert answer.status_code == 401, what
                problem(answer)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
                if token:
                    assert token[:40] not in answer.text + caplog.text
    assert door.rows("SELECT count(*) FROM log") == [(0,)]


def test_a_token_that_is_over(door: House, real: RealProvider, later: Later) -> None:
    token = real.token("cw-17")
    assert ask(door, token).status_code == 200
    later.passed = timedelta(hours=2)
    assert problem(ask(door, token), 401)["detail"]
    later.passed = timedelta(hours=-2)  # not valid yet, as the door sees it
    assert ask(door, real.token("ds-4")).status_code == 401
    later.passed = timedelta()
    done(ask(door, token))


def test_a_provider_that_is_gone_is_nobodys_way_in(parts: Parts, sqlite_url: str) -> None:
    settings = provider_settings({"APUALY_OIDC_ISSUER": "http://127.0.0.1:9", "APUALY_OIDC_AUDIENCE": "apualy-api"})
    assert settings is not None
    provider = Provider(settings)

    def identify(request: Request) -> Any:
        return provider.identify(request.headers.get("authorization"))

    with house_on(parts, sqlite_url, identify=identify, remembered=lambda _: None) as house:
        token = f"{part({'alg': 'RS256', 'kid': 'x'})}.{part({'sub': 'cw-17'})}.eA"
        assert "identity provider" in problem(ask(house, token), 503)["detail"]
        problem(ask(house, "x"), 401)
        assert house.get(None, "/healthz").status_code == 200
