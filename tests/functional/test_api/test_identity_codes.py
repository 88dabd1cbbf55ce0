"""An identity code is read in one field of a body and nowhere else: not answered, not kept, not logged."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from serving.logs import JsonLines

from .house import ANNA, CASEWORKER, CODE, NEEDS, RISK, House, Json, judgement

OTHER = "010190-123A"  # in the form of a code; nobody's, for its check character is wrong
FIELD = {"identity_code": CODE}
Everything = Callable[..., str]


@pytest.fixture
def everything(house: House, caplog: pytest.LogCaptureFixture) -> Iterator[Everything]:
    """Return what returns all that the service answered, wrote and logged."""
    formatter = JsonLines()

    def gathered(*answers: Any) -> str:
        tables = house.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        held = [str(house.rows(f"SELECT * FROM {name}")) for (name,) in tables]
        ours = [record for record in caplog.records if not record.name.startswith("httpx")]
        logged = [
            part for record in ours for part in (formatter.format(record), record.getMessage(), str(vars(record)))
        ]
        return "".join([*held, *logged, *(each.text + str(each.headers) for each in answers)])

    with caplog.at_level(logging.DEBUG):
        yield gathered


def none_of_it(text: str) -> None:
    for part in (CODE, OTHER, CODE[:6], OTHER[:6], CODE.lower(), CODE[7:]):
        assert part not in text, text[max(0, text.find(part) - 80) :][:200]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/clients/{CODE}",
        f"/v1/clients?after={CODE}",
        f"/v1/clients?identity_code={CODE}",
        f"/v1/models/{CODE}",
        f"/v1/models/ltu-small/cards/{CODE}.md",
        "/v1/clients/131052%2D308T",
        "/v1/clients/131052%252D308T",
        f"/{CODE}",
        f"/v1/stops?x=1&{CODE}=2",
        f"/healthz?{CODE}",
        f"/openapi.json?{CODE}",
    ],
)
def test_in_an_address(path: str, house: House, everything: Everything) -> None:
    answers = [house.get(CASEWORKER, path), house.post(CASEWORKER, path, {}), house.get(None, path)]
    assert all(400 <= each.status_code < 500 for each in answers)
    none_of_it(everything(*answers))


@pytest.mark.parametrize(
    "name", ["Accept-Language", "Idempotency-Key", "X-Request-ID", "If-None-Match", "Accept", "User-Agent", "Cookie",
             "Referer", "Origin", "X-Forwarded-For", "traceparent"],
)  # fmt: skip
@pytest.mark.parametrize("code", [CODE, OTHER])
def test_in_a_header(name: str, code: str, house: House, everything: Everything) -> None:
    house.assign()
    headers = {name.replace("-", "_"): code}
    answers = [
        house.post(CASEWORKER, "/v1/judgements", judgement(), **headers),
        house.get(CASEWORKER, "/v1/models/ltu-small/cards/3.md", **headers),
        house.get(None, "/healthz", **headers),
    ]
    assert all(each.status_code < 500 for each in answers)
    none_of_it(everything(*answers))


def test_as_a_token(house: House, everything: Everything) -> None:
    answer = house.client.get("/v1/models", headers={"Authorization": f"Bearer {CODE}"})
    assert answer.status_code == 401
    none_of_it(everything(answer))


TEXTS: list[tuple[str, str, Json, str]] = [
    ("/v1/judgements", CASEWORKER, judgement(), "why"),
    ("/v1/judgements", "demo-integration", judgement(), "caseworker"),
    ("/v1/accesses", CASEWORKER, {"client": ANNA, "ground": "other"}, "why"),
    ("/v1/feedback", CASEWORKER, {"advice": "0" * 32, "agrees": "agree", "done": ["skills"]}, "why"),
    ("/v1/clients/erase", "demo-officer", {"client": ANNA}, "why"),
    ("/v1/stops", "demo-operator", {}, "why"),
    ("/v1/stops/lift", "demo-operator", {"stop": "0" * 32}, "why"),
]


@pytest.mark.parametrize(("path", "who", "body", "field"), TEXTS)
@pytest.mark.parametrize("text", ["{}", "Asked about {} today.", "x{}", "{}x", "({})", "\n{}\n"])
def test_in_a_text(
    text: str, path: str, who: str, body: Json, field: str, house: House, everything: Everything
) -> None:
    house.assign()
    said = text.format(CODE)
    if field == "caseworker" and said != said.strip():
        return  # no name of staff holds blanks
    answer = house.post(who, path, {**body, field: said})
    assert 400 <= answer.status_code < 500, answer.text
    none_of_it(everything(answer))


def test_in_a_list_of_assignments(house: House, everything: Everything) -> None:
    each = {"client": ANNA, "caseworker": CASEWORKER, "since": "2026-11-02"}
    answers = [
        house.post("demo-integration", "/v1/assignments", {"assignments": [each | changed]})
        for changed in ({"office": CODE}, {"caseworker": CODE}, {"since": CODE}, {"client": CODE}, {CODE: 1})
    ]
    assert all(answer.status_code == 422 for answer in answers)
    none_of_it(everything(*answers))


def test_in_inputs(house: House, everything: Everything) -> None:
    judged = house.ready()
    answers = [
        house.post(CASEWORKER, "/v1/advice", {"judgement": judged, "risk": RISK | changed, "needs": NEEDS})
        for changed in (
            {"trade": CODE},
            {"tenure": CODE, "area": CODE, "course": [CODE]},
            {CODE: 1, f"x{CODE}": 2},
        )
    ]
    assert all(answer.status_code < 500 for answer in answers)
    none_of_it(everything(*answers))


@pytest.mark.parametrize("body", [f'{{"client": {{"identity_code": "{CODE}" {CODE}', f'"{CODE}"', f"[{CODE!r}]", CODE])
def test_in_a_body_that_is_none(body: str, house: House, everything: Everything) -> None:
    headers = {"Authorization": f"Bearer {house.tokens[CASEWORKER]}", "Content-Type": "application/json"}
    answer = house.client.post("/v1/clients/look-up", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    none_of_it(everything(answer))


@pytest.mark.parametrize(
    "code",
    [
        OTHER, "131052-308U", "131052-308", f"{CODE} x", "131052308T", "", "x" * 20, "x" * 21, f"{CODE}\n{CODE}",
        "٣١١٠٥٢-308T", 131052, None, [CODE], {"code": CODE},
    ],
)  # fmt: skip
def test_a_code_that_is_none_is_not_told(code: Any, house: House, everything: Everything) -> None:
    for path, more in (("/v1/clients/look-up", {}), ("/v1/judgements", judgement())):
        answer = house.post(CASEWORKER, path, {**more, "client": {"identity_code": code}})
        assert answer.status_code == 422, answer.text
        none_of_it(everything(answer))


def test_where_it_belongs_it_is_forgotten(house: House, everything: Everything) -> None:
    """The whole way with a client who is named by code alone, keys and all."""
    house.assign(FIELD)
    house.right("consent", FIELD, CASEWORKER)
    judged = house.post(CASEWORKER, "/v1/judgements", judgement(FIELD), Idempotency_Key="k")
    again = house.post(CASEWORKER, "/v1/judgements", judgement(FIELD), Idempotency_Key="k")
    assert judged.content == again.content
    answers = [
        judged,
        house.post(CASEWORKER, "/v1/advice", {"judgement": judged.json()["judgement"], "risk": RISK, "needs": NEEDS}),
        house.post(CASEWORKER, "/v1/clients/look-up", {"client": FIELD}),
        house.post(CASEWORKER, "/v1/accesses", {"client": FIELD, "ground": "other", "why": "Asked."}),
        house.post(CASEWORKER, "/v1/clients/export", {"client": FIELD}),
        house.post("demo-officer", "/v1/clients/erase", {"client": FIELD, "why": "Asked for."}),
    ]
    assert all(answer.is_success for answer in answers), [answer.text[:200] for answer in answers]
    none_of_it(everything(*answers))


def test_nor_does_the_document_hold_one(house: House) -> None:
    none_of_it(json.dumps(house.get(None, "/openapi.json").json()))
