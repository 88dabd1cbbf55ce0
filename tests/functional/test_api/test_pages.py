"""A caseworker's list, page by page: all of it, nobody twice."""

from __future__ import annotations

from typing import Any

import pytest

from .house import CASEWORKER, COLLEAGUE, DAY, House, done, kind_of, problem


def assign(house: House, count: int, caseworker: str = CASEWORKER) -> list[str]:
    names = [f"{number * 2654435761 % 2**32:08x}" * 4 for number in range(1, count + 1)]
    each = [{"client": {"pseudonym": name}, "caseworker": caseworker, "since": DAY} for name in names]
    done(house.post("demo-integration", "/v1/assignments", {"assignments": each}))
    return names


def pages(house: House, limit: int, who: str = CASEWORKER) -> list[list[str]]:
    read: list[list[str]] = []
    after = ""
    while True:
        page: dict[str, Any] = done(house.get(who, f"/v1/clients?limit={limit}{after}"))
        read.append([each["client"] for each in page["clients"]])
        assert len(read) < 300, "the pages have no end"
        if page["after"] is None:
            return read
        after = f"&after={page['after']}"


@pytest.mark.parametrize("count", [0, 1, 12])
def test_all_pages_together_are_all_clients(count: int, each_house: House) -> None:
    names = assign(each_house, count) if count else []
    for limit in range(1, count + 3):
        read = pages(each_house, limit)
        assert [name for page in read for name in page] == sorted(names), limit
        assert all(len(page) == limit for page in read[:-1])


def test_the_most_and_what_is_usual(house: House) -> None:
    names = assign(house, 201)
    assert [len(page) for page in pages(house, 200)] == [200, 1]
    assert len(done(house.get(CASEWORKER, "/v1/clients"))["clients"]) == 50
    assert done(house.get(COLLEAGUE, "/v1/clients")) == {"clients": [], "after": None}
    assert len(names) == 201


def test_somebody_new_between_two_pages_shifts_nobody(house: House) -> None:
    names = assign(house, 10)
    first = done(house.get(CASEWORKER, "/v1/clients?limit=5"))
    house.assign({"pseudonym": "0" * 32})
    second = done(house.get(CASEWORKER, f"/v1/clients?limit=5&after={first['after']}"))
    assert [each["client"] for page in (first, second) for each in page["clients"]] == sorted(names)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "limit=1e2",
        "limit=",
        "limit=5&limit=6",
        "after=",
        "after=%27%20OR%201=1--",
        "after=" + "a" * 33,
        "after=A",
        "after=%00",
        "page=2",
        "caseworker=demo-caseworker-2",
    ],
)
def test_pages_that_are_none(query: str, house: House) -> None:
    answer = house.get(CASEWORKER, f"/v1/clients?{query}")
    assert kind_of(answer)[0] == 422
    assert all(each["loc"][0] == "query" for each in problem(answer)["errors"])
