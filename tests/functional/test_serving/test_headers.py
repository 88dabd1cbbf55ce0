"""Headers on every answer, whoever gives it, and addresses that hold an identity code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .servers import CASEWORKER, Server, problem, running
from .test_logs import raw

CODE = "131052-308T"


@pytest.fixture
def over_tls(own_home: Path) -> Iterator[Server]:
    with running(own_home, APUALY_PUBLIC_URL="https://apualy.example.fi") as server:
        yield server


def headers_of(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_every_answer_carries_them(shared: Server) -> None:
    answers = [
        dict(shared.ask(CASEWORKER, "GET", path).headers)
        for path in ("/healthz", "/readyz", "/v1/models", "/v1/nowhere", f"/{CODE}", "/openapi.json", "/metrics")
    ]
    answers.append(headers_of(raw(shared, b"GET / HTP/1.1\r\n\r\n")))
    for found in answers:
        policy = found["content-security-policy"]
        assert policy == "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        assert found["cache-control"] == "no-store"
        assert found["x-content-type-options"] == "nosniff"
        assert found["referrer-policy"] == "no-referrer"
        assert found["cross-origin-opener-policy"] == found["cross-origin-resource-policy"] == "same-origin"
        assert "geolocation=()" in found["permissions-policy"]
        assert "strict-transport-security" not in found  # nobody said that it is reached by https
        assert "server" not in found


def test_over_tls_browsers_are_told_to_stay_there(over_tls: Server) -> None:
    found = over_tls.ask(None, "GET", "/healthz").headers["strict-transport-security"]
    assert int(found.partition(";")[0].removeprefix("max-age=")) >= 365 * 24 * 3600


@pytest.mark.parametrize(
    "address",
    [
        f"/v1/clients/{CODE}",
        f"/{CODE}/x",
        f"/v1/clients?code={CODE}",
        "/v1/clients?code=131052%2D308T",
        "/v1/clients?code=131052%252D308T",
        "/v1/clients?code=131052%2B308T",
        "/v1/clients?code=131052+308T",
        "/v1/clients?131052A308T",
        "/v1/models/131052-308t/cards/1.md",
        "/v1/%31%33%31%30%35%32-308T",
    ],
)
def test_an_identity_code_in_an_address(shared: Server, address: str) -> None:
    found = problem(shared.ask(CASEWORKER, "GET", address), 400)
    assert found["type"] == "urn:apualy:identity-code-in-address"
    assert "308" not in found["detail"]
    text = shared.err.read_text()
    assert "308T" not in text.upper()


@pytest.mark.parametrize("address", ["/v1/models/ltu-2024-310", "/v1/nowhere?x=131052-3", f"/v1/{'13105' * 6}2f"])
def test_what_only_looks_a_little_like_one(shared: Server, address: str) -> None:
    problem(shared.ask(CASEWORKER, "GET", address), 404)
