"""A caseworker sees their own clients; others for a reason that is logged, and nobody can try out who is known."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from .house import ANNA, BEN, CASEWORKER, CODE, COLLEAGUE, KEY, NOBODY, House, Json, done, judgement, kind_of

Another = Callable[[House], House]
WHY = "Covers for a colleague who is ill."


def open_glass(house: House, client: Json = ANNA, who: str = COLLEAGUE) -> Json:
    answer = house.post(who, "/v1/accesses", {"client": client, "ground": "absent_colleague", "why": WHY})
    opened: Json = done(answer, 201)
    return opened


def look(house: House, client: Json = ANNA, who: str = COLLEAGUE) -> tuple[int, Any]:
    answer = house.post(who, "/v1/clients/look-up", {"client": client})
    return (200, answer.json()) if answer.status_code == 200 else kind_of(answer)


QUESTIONS: list[tuple[str, Callable[[Json], Json]]] = [
    ("/v1/clients/look-up", lambda client: {"client": client}),
    ("/v1/clients/export", lambda client: {"client": client}),
    ("/v1/judgements", judgement),
    ("/v1/rights", lambda client: {"client": client, "right": "consent", "in_force": True, "since": "2026-11-02"}),
]


@pytest.mark.parametrize(("path", "body"), QUESTIONS)
def test_anothers_client_reads_as_one_whom_nobody_knows(
    path: str, body: Callable[[Json], Json], each_house: House
) -> None:
    each_house.ready(ANNA)
    answers = [each_house.post(COLLEAGUE, path, body(client)) for client in (ANNA, NOBODY)]
    assert [kind_of(each) for each in answers] == [(403, "not-your-client")] * 2
    assert answers[0].content == answers[1].content
    headers = [{name: value for name, value in each.headers.items() if name != "x-request-id"} for each in answers]
    assert headers[0] == headers[1]


@pytest.mark.parametrize(("path", "body"), QUESTIONS)
def test_nor_does_the_time_tell(path: str, body: Callable[[Json], Json], house: House) -> None:
    """Medians of fifty in turn; a fifth apart would show over any network only after very many."""
    house.ready(ANNA)
    seconds: dict[str, list[float]] = {"a": [], "c": []}
    for _ in range(50):
        for client in (ANNA, NOBODY):
            began = time.perf_counter()
            house.post(COLLEAGUE, path, body(client))
            seconds[client["pseudonym"][0]].append(time.perf_counter() - began)
    known, unknown = (statistics.median(each) for each in seconds.values())
    assert 0.67 < known / unknown < 1.5


def test_the_glass_is_open_for_eight_hours(each_house: House) -> None:
    each_house.ready()
    assert look(each_house) == (403, "not-your-client")
    assert open_glass(each_house)["until"] == "2026-11-28T20:00:00.000000Z"
    assert look(each_house)[1]["yours"] is False
    each_house.clock.pass_by(hours=8, seconds=-1)
    judged = each_house.judge(who=COLLEAGUE)
    each_house.advise(judged, COLLEAGUE)
    each_house.clock.pass_by(seconds=1)
    assert look(each_house) == (403, "not-your-client")
    assert each_house.refused(judged, COLLEAGUE) == (403, "not-your-client")
    assert kind_of(each_house.post(COLLEAGUE, "/v1/judgements", judgement())) == (403, "not-your-client")


def test_it_is_open_for_that_client_and_that_caseworker_alone(house: House, another_worker: Another) -> None:
    house.assign(ANNA, "somebody-else")
    house.assign(BEN, "somebody-else")
    open_glass(house, ANNA, COLLEAGUE)
    seen = [look(another_worker(house), client, who)[0] for client in (ANNA, BEN) for who in (COLLEAGUE, CASEWORKER)]
    assert seen == [200, 403, 403, 403]


def test_the_reason_is_kept_and_the_log_says_that_there_was_one(house: House) -> None:
    house.assign()
    id = open_glass(house)["id"]
    assert house.rows("SELECT id, staff, client, ground, why, office FROM accesses") == [
        (id, COLLEAGUE, ANNA["pseudonym"], "absent_colleague", WHY, "demo-office")
    ]
    ((who, client, content),) = house.rows("SELECT who, client, content FROM log WHERE action = 'break-glass'")
    assert (who, client) == (COLLEAGUE, ANNA["pseudonym"])
    assert id in content
    assert WHY not in content


def test_the_answer_is_the_same_whether_or_not_somebody_is_known(house: House) -> None:
    house.assign()
    known, unknown = open_glass(house, ANNA), open_glass(house, NOBODY)
    assert known.keys() == unknown.keys()
    assert known["until"] == unknown["until"]


@pytest.mark.parametrize("changed", [{"why": ""}, {"why": "   "}, {"ground": "curiosity"}, {"ground": None}])
def test_no_glass_is_broken_without_a_reason(changed: Json, house: House) -> None:
    body = {"client": ANNA, "ground": "other", "why": WHY, **changed}
    assert kind_of(house.post(COLLEAGUE, "/v1/accesses", body))[0] == 422
    assert look(house) == (403, "not-your-client")


def test_an_assignment_that_ends_closes(each_house: House, another_worker: Another) -> None:
    judged = each_house.ready()
    other = another_worker(each_house)
    for now in (COLLEAGUE, None):
        each_house.assign(ANNA, now)
        assert other.refused(judged) == (403, "not-your-client")
        assert look(other, ANNA, CASEWORKER) == (403, "not-your-client")
        assert done(other.get(CASEWORKER, "/v1/clients"))["clients"] == []
    each_house.assign()
    other.advise(judged)


def test_assignments_are_taken_whole_or_not_at_all(each_house: House) -> None:
    good = {"client": ANNA, "caseworker": CASEWORKER, "since": "2026-11-02"}
    bad = {"client": {"identity_code": "131052-308X"}, "caseworker": CASEWORKER, "since": "2026-11-02"}
    answer = each_house.post("demo-integration", "/v1/assignments", {"assignments": [good, bad]})
    assert kind_of(answer)[0] == 422
    assert "131052" not in answer.text
    assert each_house.rows("SELECT count(*) FROM clients") == [(0,)]
    assert each_house.rows("SELECT count(*) FROM log") == [(0,)]


def test_a_client_twice_in_one_list_is_as_the_later_one_says(each_house: House) -> None:
    each = [{"client": ANNA, "caseworker": who, "since": "2026-11-02"} for who in (COLLEAGUE, CASEWORKER)]
    answer = each_house.post("demo-integration", "/v1/assignments", {"assignments": each})
    if answer.status_code == 200:
        assert each_house.rows("SELECT caseworker FROM clients") == [(CASEWORKER,)]
    else:
        assert kind_of(answer)[0] == 422


def test_an_identity_code_and_its_pseudonym_are_one_client(house: House) -> None:
    house.assign({"identity_code": CODE})
    pseudonym = KEY.for_purpose("advice").pseudonym(CODE)
    for named in ({"identity_code": CODE}, {"identity_code": f" {CODE.lower()} "}, {"pseudonym": pseudonym}):
        assert look(house, named, CASEWORKER)[1]["client"] == pseudonym
    held = [str(row) for (table,) in house.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            for row in house.rows(f"SELECT * FROM {table}")]  # fmt: skip
    assert held
    assert not any("131052" in row or "308T" in row for row in held)


@pytest.mark.parametrize("named", [{}, {"pseudonym": "a" * 32, "identity_code": CODE}, {"identity_code": None}])
def test_a_client_is_named_in_one_way(named: Json, house: House) -> None:
    assert look(house, named, CASEWORKER)[0] == 422


def test_a_look_is_logged(house: House) -> None:
    house.assign()
    look(house, ANNA, CASEWORKER)
    assert house.rows("SELECT who, client FROM log WHERE action = 'client.look'") == [(CASEWORKER, ANNA["pseudonym"])]
