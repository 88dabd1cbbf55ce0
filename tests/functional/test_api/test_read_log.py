"""The log as the data-protection officer reads it: page by page, about one client, and each reading is logged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .house import ANNA, BEN, CODE, House, done, kind_of

OFFICER = "demo-officer"


def read(house: House, **query: Any) -> Any:
    return done(house.get(OFFICER, "/v1/log?" + "&".join(f"{name}={value}" for name, value in query.items())))


def search(house: House, **body: Any) -> Any:
    return done(house.post(OFFICER, "/v1/log/search", {"client": ANNA, **body}))


def test_the_newest_entries_come_first(each_house: House) -> None:
    each_house.ready()
    told = read(each_house)
    assert [(each["seq"], each["action"]) for each in told["entries"]] == [
        (3, "judgement"), (2, "right"), (1, "assign"),
    ]  # fmt: skip
    assert told["before"] is None
    newest = told["entries"][0]
    assert (newest["role"], newest["client"]) == ("caseworker", ANNA["pseudonym"])
    assert newest["content"].keys() == {"id", "caseworker"}
    assert [newest["digest"]] == [digest for (digest,) in each_house.rows("SELECT digest FROM log WHERE seq = 3")]


def test_pages_together_are_the_whole_log(each_house: House) -> None:
    for _ in range(7):
        each_house.assign()
    found, before = [], {}
    while True:
        page = read(each_house, limit=2, **before)
        found += [each["seq"] for each in page["entries"]]
        if page["before"] is None:
            break
        before = {"before": page["before"]}
    # What was written meanwhile, by the reading itself, comes before the first page and moves none.
    assert found == [7, 6, 5, 4, 3, 2, 1]


def test_entries_of_one_action(house: House) -> None:
    house.ready()
    assert [each["action"] for each in read(house, action="right")["entries"]] == ["right"]
    assert read(house, action="never.done")["entries"] == []


def test_what_is_told_of_one_client(house: House) -> None:
    house.ready()
    house.ready(BEN)
    found = search(house)["entries"]
    assert [each["action"] for each in found] == ["judgement", "right"]
    assert {each["client"] for each in found} == {ANNA["pseudonym"]}
    assert [each["action"] for each in search(house, action="right", limit=1)["entries"]] == ["right"]


def test_a_client_may_be_named_by_identity_code(house: House) -> None:
    client = {"identity_code": CODE}
    house.ready(client)
    answer = house.post(OFFICER, "/v1/log/search", {"client": client})
    assert [each["action"] for each in done(answer)["entries"]] == ["judgement", "right"]
    assert CODE not in answer.text
    assert CODE not in str(house.rows("SELECT * FROM log"))


def test_each_reading_is_logged(house: House) -> None:
    house.ready()
    read(house, action="right")
    search(house)
    told = house.rows("SELECT action, role, client, content FROM log WHERE seq > 3 ORDER BY seq")
    assert [(*entry, json.loads(content)) for *entry, content in told] == [
        ("log.read", "data_protection_officer", None, {"only": "right", "before": None}),
        ("log.search", "data_protection_officer", ANNA["pseudonym"], {"only": None, "before": None}),
    ]


def test_nobody_else_reads_it(house: House) -> None:
    for who in house.tokens:
        if who != OFFICER:
            assert house.get(who, "/v1/log").status_code == 403, who
            assert house.post(who, "/v1/log/search", {"client": ANNA}).status_code == 403, who
    assert kind_of(house.get(None, "/v1/log"))[0] == 401
    assert house.rows("SELECT count(*) FROM log") == [(0,)]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "before=0", "before=9223372036854775808", "action=A", "action=a'--", "client=a"]
)
def test_odd_questions_are_refused(house: House, query: str) -> None:
    assert house.get(OFFICER, f"/v1/log?{query}").status_code == 422


def test_the_largest_number_is_no_fault(each_house: House) -> None:
    each_house.assign()
    assert len(read(each_house, before=2**63 - 1)["entries"]) == 1
