"""Role × address, as a table that owes nothing to the code: who gets past the door."""

from __future__ import annotations

from typing import Any

import pytest

from .house import House, problem

COLUMNS = ["caseworker", "integration", "officer", "manager", "reviewer", "scientist", "operator"]
TABLE = """
address                                  caseworker integration officer manager reviewer scientist operator
POST /v1/judgements                          x          x          -       -       -        -         -
POST /v1/advice                              x          x          -       -       -        -         -
POST /v1/what-if                             x          -          -       -       -        -         -
POST /v1/hints                               -          x          -       -       -        -         -
POST /v1/feedback                            x          x          -       -       -        -         -
GET  /v1/clients                             x          -          x       -       -        -         -
POST /v1/clients/look-up                     x          -          x       -       -        -         -
POST /v1/clients/export                      x          -          x       -       -        -         -
POST /v1/clients/erase                       -          -          x       -       -        -         -
POST /v1/assignments                         -          x          -       -       -        -         -
POST /v1/accesses                            x          -          -       -       -        -         -
GET  /v1/accesses                            -          -          x       -       -        -         -
GET  /v1/counts                              -          -          -       x       -        -         -
GET  /v1/counts/months                       -          -          -       x       -        -         -
GET  /v1/counts/fractions                    -          -          -       x       -        -         -
GET  /v1/counts/accesses                     -          -          x       x       -        -         -
GET  /v1/log                                 -          -          x       -       -        -         -
POST /v1/log/search                          -          -          x       -       -        -         -
POST /v1/rights                              x          x          x       -       -        -         -
GET  /v1/models                              x          x          x       x       x        x         x
GET  /v1/models/{name}                       x          x          x       x       x        x         x
GET  /v1/models/{name}/cards/{file}          x          x          x       x       x        x         x
GET  /v1/me                                  x          x          x       x       x        x         x
GET  /v1/stops                               x          x          x       x       x        x         x
POST /v1/stops                               -          -          -       -       x        -         x
POST /v1/stops/lift                          -          -          -       -       x        -         x
"""
OPEN = {"/healthz", "/readyz", "/metrics"}  # asked by machines; they say nothing about anybody
PLACES = {"{name}": "ltu-small", "{file}": "3.md"}


def cells() -> list[tuple[str, str, str, bool]]:
    """Return method, path, person, and whether they may."""
    head, *rows = TABLE.strip().splitlines()
    assert head.split()[1:] == COLUMNS
    return [
        (method, path, f"demo-{column}", mark == "x")
        for method, path, *marks in map(str.split, rows)
        for column, mark in zip(COLUMNS, marks, strict=True)
    ]


@pytest.mark.parametrize(("method", "path", "who", "may"), cells())
def test_who_may_ask_what(method: str, path: str, who: str, may: bool, house: House) -> None:
    """Nobody who may not learns whether what they post would have done."""
    for place, name in PLACES.items():
        path = path.replace(place, name)
    for body in (b"{}", b"no JSON"):
        headers = {"Authorization": f"Bearer {house.tokens[who]}", "Content-Type": "application/json"}
        answer = house.client.request(method, path, content=body if method == "POST" else None, headers=headers)
        if may:
            assert answer.status_code in ({400, 422} if method == "POST" else {200, 422}), answer.text
        else:
            refused = problem(answer, 403)
            assert refused["detail"].startswith("only ")
            assert "; you are signed in as a" in refused["detail"]


@pytest.mark.parametrize(("method", "path"), sorted({(method, path) for method, path, _, _ in cells()}))
def test_nobody_unknown_may_ask_anything(method: str, path: str, house: House) -> None:
    for place, name in PLACES.items():
        path = path.replace(place, name)
    for headers in ({}, {"Authorization": "Bearer " + "x" * 43}):
        answer = house.client.request(method, path, content=b"no JSON" if method == "POST" else None, headers=headers)
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_table_is_whole(house: House) -> None:
    """An address that is not in the table above belongs there."""
    document: dict[str, Any] = house.client.get("/openapi.json").json()
    told = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert {path for _, path in told} >= OPEN
    assert {each for each in told if each[1] not in OPEN} == {(method, path) for method, path, _, _ in cells()}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_open_to_all(path: str, house: House) -> None:
    assert house.get(None, path).status_code == 200
