"""Whatever is sent, the answer is a problem of the 400s: RFC 9457, and no 500."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

Inputs = dict[str, Any]
JSON = {"Content-Type": "application/json"}
GOOD = '"tenure": 12, "course": false, "area": "North", "trade": "cook"'


def require_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"tenure": "12"}, ["inputs", "tenure"]),
        ({"tenure": None}, ["inputs", "tenure"]),
        ({"tenure": True}, ["inputs", "tenure"]),
        ({"tenure": -1}, ["inputs", "tenure"]),
        ({"tenure": 51}, ["inputs", "tenure"]),
        ({"tenure": [1]}, ["inputs", "tenure"]),
        ({"wage": 1e300}, ["inputs", "wage"]),
        ({"wage": 10**500}, ["inputs", "wage"]),
        ({"course": 1}, ["inputs", "course"]),
        ({"course": "true"}, ["inputs", "course"]),
        ({"area": "1"}, ["inputs", "area"]),
        ({"area": "Mars"}, ["inputs", "area"]),
        ({"trade": "x" * 201}, ["inputs", "trade"]),
        ({"trade": {"a": 1}}, ["inputs", "trade"]),
        ({"age": 50}, ["inputs"]),
    ],
)
def test_wrong_values(changed: Inputs, where: list[str], client: TestClient, inputs: Inputs) -> None:
    answer = client.post("/v1/advice", content=json.dumps({"inputs": inputs | changed}), headers=JSON)
    (fault,) = require_problem(answer, 422)["errors"]
    assert fault["loc"] == where
    assert set(fault) == {"loc", "msg"}


@pytest.mark.parametrize("name", ["tenure", "course", "area", "trade"])
def test_a_missing_input(name: str, client: TestClient, inputs: Inputs) -> None:
    del inputs[name]
    problem = require_problem(client.post("/v1/advice", json={"inputs": inputs}), 422)
    assert problem["errors"] == [{"loc": ["inputs", name], "msg": "Field required"}]


def test_values_are_not_echoed(client: TestClient, inputs: Inputs) -> None:
    posted = inputs | {"area": "Mallorca", "tenure": 987.25}
    text = client.post("/v1/advice", json={"inputs": posted}).text
    assert "Mallorca" not in text
    assert "987" not in text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="empty"),
        pytest.param(b"{", 400, id="cut off"),
        pytest.param(b"null", 422, id="null"),
        pytest.param(b"[]", 422, id="list"),
        pytest.param(b'"inputs"', 422, id="text"),
        pytest.param(b'{"inputs": null}', 422, id="no inputs"),
        pytest.param(b'{"inputs": []}', 422, id="inputs as list"),
        pytest.param(f'{{"inputs": {{{GOOD}}}, "extra": 1}}'.encode(), 422, id="extra beside inputs"),
        pytest.param(f'{{"inputs": {{{GOOD}, "wage": NaN}}}}'.encode(), 422, id="NaN"),
        pytest.param(f'{{"inputs": {{{GOOD}, "wage": -Infinity}}}}'.encode(), 422, id="infinity"),
        pytest.param(f'{{"inputs": {{{GOOD}, "wage": 1e999}}}}'.encode(), 422, id="too large for a double"),
        pytest.param(f'{{"inputs": {{{GOOD}, "wage": {"9" * 5000}}}}}'.encode(), 400, id="5000 digits"),
        pytest.param(f'{{"inputs": {{{GOOD}, "tenure": 13}}}}'.encode(), 400, id="an input twice"),
        pytest.param(f'{{"inputs": {{}}, "inputs": {{{GOOD}}}}}'.encode(), 400, id="inputs twice"),
        pytest.param(b'{"inputs": {"trade": "\xff\xfe"}}', 400, id="invalid UTF-8"),
        pytest.param(f'{{"inputs": {{{GOOD}}}}}'.encode("utf-16"), 400, id="UTF-16"),
        pytest.param(f'\ufeff{{"inputs": {{{GOOD}}}}}'.encode(), 400, id="byte-order mark"),
        pytest.param(b'{"inputs": {"trade": "\\ud800"}}', 400, id="half a surrogate pair"),
        pytest.param(b"[" * 60_000, 400, id="deep list"),
        pytest.param(b'{"inputs":' * 6_000 + b"1" + b"}" * 5_000, 400, id="deep object"),
        pytest.param(b"\x00\x01\x02", 400, id="bytes"),
        pytest.param(b"inputs=1", 400, id="a form"),
    ],
)
def test_bodies_that_are_not_it(body: bytes, status: int, client: TestClient) -> None:
    require_problem(client.post("/v1/advice", content=body, headers=JSON), status)


def test_the_good_body_of_these_tests_is_good(client: TestClient) -> None:
    assert client.post("/v1/advice", content=f'{{"inputs": {{{GOOD}}}}}', headers=JSON).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json", ""])
def test_another_content_type(kind: str, client: TestClient, inputs: Inputs) -> None:
    answer = client.post("/v1/advice", content=json.dumps({"inputs": inputs}), headers={"Content-Type": kind})
    require_problem(answer, 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_any_of_its_spellings(kind: str, client: TestClient, inputs: Inputs) -> None:
    answer = client.post("/v1/advice", content=json.dumps({"inputs": inputs}), headers={"Content-Type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("size", [65_537, 10_000_000])
def test_a_body_that_is_too_large(size: int, streamed: bool, client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(size // 1000 + 1):
            yield b"x" * 1000

    answer = client.post("/v1/advice", content=chunks() if streamed else b"x" * size, headers=JSON)
    require_problem(answer, 413)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic d3Jvbmc6", "bearer\tx", "Bearer äö".encode()]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/advice"), ("GET", "/v1/model"), ("GET", "/v1/model/card")])
def test_nobody_is_let_in_without_a_token(
    method: str, path: str, authorization: str | bytes, client: TestClient, inputs: Inputs, gate: Any
) -> None:
    headers = {"Authorization": authorization}
    answer = client.request(method, path, json={"inputs": inputs}, headers=headers)  # type: ignore[arg-type]
    require_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert not gate.calls


def test_who_asks_comes_before_what_is_asked(client: TestClient) -> None:
    require_problem(client.post("/v1/advice", content="{", headers={"Authorization": ""}), 401)


@pytest.mark.parametrize("name", ["demo-reviewer", "demo-scientist"])
def test_only_caseworkers_get_hints(
    name: str, client: TestClient, inputs: Inputs, bearer: Callable[[str], dict[str, str]], gate: Any
) -> None:
    problem = require_problem(client.post("/v1/advice", json={"inputs": inputs}, headers=bearer(name)), 403)
    assert problem["detail"].startswith("only a caseworker can ask for a hint")
    assert not gate.calls
    for path in ("/v1/model", "/v1/model/card"):
        assert client.get(path, headers=bearer(name)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/advice/", "/healthz/", "/docs", "/redoc", "/%00", "//evil.example/"])
def test_addresses_that_are_not_there(path: str, client: TestClient) -> None:
    require_problem(client.get(path, follow_redirects=False), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/advice", "POST"),
        ("PUT", "/v1/advice", "POST"),
        ("DELETE", "/v1/model", "GET"),
        ("POST", "/healthz", "GET"),
        ("TRACE", "/v1/model/card", "GET"),
        ("OPTIONS", "/v1/advice", "POST"),
    ],
)
def test_methods_that_are_not_there(method: str, path: str, allowed: str, client: TestClient) -> None:
    answer = client.request(method, path)
    require_problem(answer, 405)
    assert answer.headers["Allow"] == allowed


def test_a_fault_of_ours_is_a_problem_without_details(
    make_app: Callable[..., FastAPI], bearer: Callable[[str], dict[str, str]], inputs: Inputs,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken() -> None:
        raise ZeroDivisionError("about Matti Meikäläinen")

    with TestClient(make_app(broken)) as client:  # the client would raise what is not handled
        answer = client.post("/v1/advice", json={"inputs": inputs}, headers=bearer("demo-caseworker"))
    problem = require_problem(answer, 500)
    assert "Meikäläinen" not in str(problem) + caplog.text
    assert "type=ZeroDivisionError at=test_bad_requests.py:" in caplog.text
