"""Whatever is sent, the answer is a problem of the 400s: RFC 9457, and no 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from serving.http.limits import Limiter, Rate

from .house import ANNA, CASEWORKER, NEEDS, RISK, House, Json, Parts, done, house_on, judgement, problem

GOOD = '"tenure": 12, "course": false, "area": "North", "trade": "cook"'
POSTS = ["/v1/judgements", "/v1/advice", "/v1/feedback", "/v1/clients/look-up", "/v1/accesses", "/v1/rights"]


@pytest.fixture
def judged(house: House) -> str:
    return house.ready()


def send(house: House, content: Any, path: str = "/v1/advice", who: str = CASEWORKER, **headers: str) -> Any:
    said = {"Authorization": f"Bearer {house.tokens[who]}", "Content-Type": "application/json", "Accept-Language": "en"}
    return house.client.post(path, content=content, headers=said | headers)


# ---------------------------------------------------------------- inputs


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"tenure": "12"}, ["risk", "tenure"]),
        ({"tenure": None}, ["risk", "tenure"]),
        ({"tenure": True}, ["risk", "tenure"]),
        ({"tenure": -1}, ["risk", "tenure"]),
        ({"tenure": 51}, ["risk", "tenure"]),
        ({"wage": 1e300}, ["risk", "wage"]),
        ({"course": 1}, ["risk", "course"]),
        ({"course": "true"}, ["risk", "course"]),
        ({"area": "1"}, ["risk", "area"]),
        ({"area": "Mars"}, ["risk", "area"]),
        ({"trade": "x" * 201}, ["risk", "trade"]),
        ({"age": 50}, ["risk"]),
    ],
)
def test_wrong_values(changed: Json, where: list[str], house: House, judged: str) -> None:
    answer = send(house, json.dumps({"judgement": judged, "risk": RISK | changed}))
    (fault,) = problem(answer, 422)["errors"]
    assert fault["loc"] == where
    assert set(fault) == {"loc", "msg"}


@pytest.mark.parametrize("value", [[1], {"a": 1}, 10**500])
def test_values_that_no_input_takes(value: object, house: House, judged: str) -> None:
    answer = send(house, json.dumps({"judgement": judged, "risk": RISK | {"wage": value}}))
    faults = problem(answer, 422)["errors"]
    assert all(each["loc"][:1] == ["risk"] for each in faults)


@pytest.mark.parametrize("name", ["tenure", "course", "area", "trade"])
def test_a_missing_input(name: str, house: House, judged: str) -> None:
    given = {each: value for each, value in RISK.items() if each != name}
    answer = send(house, json.dumps({"judgement": judged, "risk": given}))
    assert problem(answer, 422)["errors"] == [{"loc": ["risk", name], "msg": "Field required"}]


def test_values_are_not_echoed(house: House, judged: str) -> None:
    given = RISK | {"area": "Mallorca", "tenure": 987.25, "Torremolinos": 1}
    text = send(house, json.dumps({"judgement": judged, "risk": given})).text
    for posted in ("Mallorca", "987", "Torremolinos"):
        assert posted not in text


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param("", 400, id="empty"),
        pytest.param("{", 400, id="cut off"),
        pytest.param("null", 422, id="null"),
        pytest.param("[]", 422, id="list"),
        pytest.param('"judgement"', 422, id="text"),
        pytest.param('{"judgement": J, "risk": []}', 422, id="inputs as list"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}}}, "extra": 1}}', 422, id="extra beside inputs"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}, "wage": NaN}}}}', 422, id="NaN"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}, "wage": -Infinity}}}}', 422, id="infinity"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}, "wage": 1e999}}}}', 422, id="too large for a double"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}, "wage": {"9" * 5000}}}}}', 400, id="5000 digits"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}, "tenure": 13}}}}', 400, id="an input twice"),
        pytest.param(f'{{"judgement": J, "judgement": J, "risk": {{{GOOD}}}}}', 400, id="a key twice"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}}}, "\\u006audgement": J}}', 400, id="twice, spelt otherwise"),
        pytest.param(b'{"judgement": J, "risk": {"trade": "\xff\xfe"}}', 400, id="invalid UTF-8"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}}}}}'.encode("utf-16"), 400, id="UTF-16"),
        pytest.param(f'\ufeff{{"judgement": J, "risk": {{{GOOD}}}}}', 400, id="byte-order mark"),
        pytest.param('{"judgement": J, "risk": {"trade": "\\ud800"}}', 400, id="half a surrogate pair"),
        pytest.param("[" * 60_000, 400, id="deep list"),
        pytest.param('{"risk":' * 6_000 + "1" + "}" * 5_000, 400, id="deep object"),
        pytest.param('{"risk":' * 6_000 + "1" + "}" * 6_000, 400, id="deep and closed"),
        pytest.param(b"\x00\x01\x02", 400, id="bytes"),
        pytest.param("judgement=1", 400, id="a form"),
        pytest.param(f'{{"judgement": J, "risk": {{{GOOD}}}}} {{}}', 400, id="two bodies"),
        pytest.param(f'{{"judgement": J, /* x */ "risk": {{{GOOD}}}}}', 400, id="a comment"),
    ],
)
def test_bodies_that_are_not_it(body: str | bytes, status: int, house: House, judged: str) -> None:
    raw = body.encode() if isinstance(body, str) else body
    problem(send(house, raw.replace(b"J", f'"{judged}"'.encode())), status)
    assert house.rows("SELECT count(*) FROM advices") == [(0,)]


def test_the_good_body_of_these_tests_is_good(house: House, judged: str) -> None:
    done(send(house, f'{{"judgement": "{judged}", "risk": {{{GOOD}}}}}'))


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"1", b'"x"', b'{"\x00": 1}', b"{}"])
def test_bodies_that_nothing_takes(body: bytes, path: str, house: House) -> None:
    answer = send(house, body, path)
    assert answer.status_code in {400, 422}
    problem(answer)


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json",
        "", "application/json5", "application/jsonx", "text/json", "application/vnd.api+json", "*/*",
        "text/plain; application/json",
    ],
)  # fmt: skip
def test_another_content_type(kind: str, house: House, judged: str) -> None:
    problem(send(house, json.dumps({"judgement": judged, "needs": NEEDS}), **{"Content-Type": kind}), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json;x=y"])
def test_json_by_any_of_its_spellings(kind: str, house: House, judged: str) -> None:
    done(send(house, json.dumps({"judgement": judged, "needs": NEEDS}), **{"Content-Type": kind}))


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("size", [65_537, 10_000_000])
def test_a_body_that_is_too_large(size: int, streamed: bool, house: House) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(size // 1000 + 1):
            yield b"x" * 1000

    problem(send(house, chunks() if streamed else b"x" * size), 413)


def test_long_lists_have_a_limit_of_their_own(house: House) -> None:
    each = {"client": ANNA, "caseworker": CASEWORKER, "since": "2026-11-02"}
    for count, status in ((1000, 200), (1001, 422)):
        answer = house.post("demo-integration", "/v1/assignments", {"assignments": [each] * count})
        assert answer.status_code == status, answer.text
    problem(send(house, b" " * (512 * 1024 + 1), "/v1/assignments", "demo-integration"), 413)


# ---------------------------------------------------------------- mass assignment


@pytest.mark.parametrize(
    "extra",
    [
        {"caseworker_role": "operator"},
        {"role": "operator"},
        {"roles": ["operator"]},
        {"id": "0" * 32},
        {"seq": 1},
        {"at": "2020-01-01T00:00:00.000000Z"},
        {"office": "HQ"},
        {"consent": True},
        {"subject": "demo-officer"},
        {"__proto__": {"admin": True}},
        {"constructor": {}},
        {"model_config": {}},
        {"Why": "x"},
    ],
)
def test_no_field_is_taken_that_is_not_declared(extra: Json, house: House) -> None:
    house.assign()
    access = {"client": ANNA, "ground": "other", "why": "x"}
    right = {"client": ANNA, "right": "consent", "in_force": True, "since": "2026-11-02"}
    for path, body in (("/v1/judgements", judgement()), ("/v1/accesses", access), ("/v1/rights", right)):
        problem(house.post(CASEWORKER, path, body | extra), 422)
        problem(house.post(CASEWORKER, path, body | {"client": {**ANNA, **extra}}), 422)
    assert house.rows("SELECT count(*) FROM log WHERE action <> 'assign'") == [(0,)]


# ---------------------------------------------------------------- who asks


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic d3Jvbmc6", "bearer\tx", "Bearer äö".encode(),
     "Bearer " + "x" * 60_000, "Token x", "Bearer null", "Bearer undefined",
     "Bearer [object Object]", "Bearer ' OR '1'='1"],
)  # fmt: skip
def test_nobody_is_let_in_without_a_token(authorization: str | bytes, house: House) -> None:
    headers = {"Authorization": authorization}
    for method, path in (("POST", "/v1/advice"), ("GET", "/v1/models"), ("GET", "/v1/clients")):
        answer = house.client.request(method, path, headers=headers)  # type: ignore[arg-type]
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert house.rows("SELECT count(*) FROM log") == [(0,)]


def test_a_token_counts_in_its_header_alone(house: House) -> None:
    token = house.tokens[CASEWORKER]
    for answer in (
        house.client.get(f"/v1/clients?access_token={token}"),
        house.client.get("/v1/clients", headers={"X-Authorization": f"Bearer {token}"}),
        house.client.get("/v1/clients", headers={"Cookie": f"Authorization=Bearer {token}; access_token={token}"}),
        house.client.post("/v1/judgements", json={**judgement(), "access_token": token}),
    ):
        problem(answer, 401)
        assert token not in answer.text


def test_who_asks_comes_before_what_is_asked(house: House) -> None:
    problem(house.client.post("/v1/advice", content="{"), 401)
    problem(house.client.post("/v1/advice", content=b"x" * 10_000_000), 401)


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "_method"])
def test_a_header_does_not_change_the_method(name: str, house: House) -> None:
    headers = {"Authorization": f"Bearer {house.tokens['demo-operator']}", name: "POST"}
    assert house.client.get("/v1/stops", headers=headers).json() == {"stops": []}
    problem(house.client.get("/v1/advice", headers=headers), 405)


@pytest.mark.parametrize("name", ["X-Forwarded-User", "X-Remote-User", "X-User", "X-Original-URL", "X-Rewrite-URL",
                                  "X-Forwarded-For", "X-Role", "Forwarded", "Remote-User"])  # fmt: skip
def test_a_header_makes_nobody_of_anybody(name: str, house: House) -> None:
    problem(house.client.get("/v1/clients", headers={name: "demo-officer"}), 401)
    refused = house.get("demo-manager", "/v1/clients", **{name.replace("-", "_"): "demo-officer"})
    problem(refused, 403)


def test_who_asks_too_often_is_told_when_to_come_back(parts: Parts, sqlite_url: str) -> None:
    with house_on(parts, sqlite_url, limits=Limiter(Rate(per_second=0.1, burst=3), lambda: 0.0)) as house:
        answers = [house.get(CASEWORKER, "/v1/models") for _ in range(4)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        problem(answers[-1], 429)
        assert answers[-1].headers["Retry-After"] == "10"
        assert house.get("demo-officer", "/v1/models").status_code == 200  # each has their own
        assert house.get(None, "/healthz").status_code == 200


# ---------------------------------------------------------------- addresses and methods


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/advice/", "/healthz/", "/docs", "/redoc", "/%00", "/v1//advice", "/V1/advice",
     "/v1/advice;x=y", "/v1/advice%20", "/v2/advice", "/.env", "/.git/config", "/metrics/x"],
)  # fmt: skip
def test_addresses_that_are_not_there(path: str, house: House) -> None:
    headers = {"Authorization": f"Bearer {house.tokens[CASEWORKER]}"}
    problem(house.client.get(path, headers=headers, follow_redirects=False), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/advice", "POST"),
        ("PUT", "/v1/advice", "POST"),
        ("DELETE", "/v1/models", "GET"),
        ("POST", "/healthz", "GET"),
        ("TRACE", "/v1/models/ltu-small", "GET"),
        ("OPTIONS", "/v1/advice", "POST"),
        ("CONNECT", "/v1/advice", "POST"),
        ("PATCH", "/v1/clients/erase", "POST"),
        ("DELETE", "/v1/clients", "GET"),
        ("PUT", "/v1/stops", "GET, POST"),
    ],
)
def test_methods_that_are_not_there(method: str, path: str, allowed: str, house: House) -> None:
    answer = house.ask(CASEWORKER, method, path)
    problem(answer, 405)
    assert sorted(answer.headers["Allow"].split(", ")) == sorted(allowed.split(", "))


# ---------------------------------------------------------------- faults of ours


def test_a_fault_of_ours_is_a_problem_without_details(
    parts: Parts, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Any) -> Any:
        raise ZeroDivisionError("about Matti Meikäläinen")

    with house_on(parts, sqlite_url, identify=broken, remembered=broken) as house:
        answer = house.get(CASEWORKER, "/v1/models")
    found = problem(answer, 500)
    logged = caplog.text + str([vars(record) for record in caplog.records])
    assert "Meikäläinen" not in str(found) + logged
    assert "'error': 'ZeroDivisionError', 'at': 'test_bad_requests.py:" in logged
    assert "ZeroDivisionError" not in answer.text
