"""What a client says of their data stands in the way at once, everywhere, and says so by name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread

import pytest

from .house import (
    ANNA,
    BEN,
    CASEWORKER,
    COLLEAGUE,
    DAY,
    NEEDS,
    NOBODY,
    House,
    Parts,
    done,
    house_on,
    kind_of,
    problem,
)

Another = Callable[[House], House]


def test_profiling_needs_consent(each_house: House) -> None:
    each_house.assign()
    judged = each_house.judge()
    assert each_house.refused(judged) == (403, "consent-missing")
    each_house.right("consent")
    each_house.advise(judged)
    each_house.right("consent", in_force=False)
    assert each_house.refused(judged) == (403, "consent-missing")


@pytest.mark.parametrize("right", ["objection", "restriction"])
def test_a_right_in_the_way_and_taken_back(right: str, each_house: House) -> None:
    judged = each_house.ready()
    each_house.right(right)
    answer = each_house.post(CASEWORKER, "/v1/advice", {"judgement": judged})
    assert kind_of(answer) == (403, right)
    assert DAY in problem(answer)["detail"]
    each_house.right("consent")  # a consent does not take it back
    assert each_house.refused(judged) == (403, right)
    each_house.right(right, in_force=False)
    each_house.advise(judged)


def test_the_right_that_says_most_is_named(house: House) -> None:
    judged = house.ready()
    for right in ("restriction", "objection"):
        house.right(right)
        assert house.refused(judged) == (403, right)


def test_erased_until_they_consent_anew(each_house: House) -> None:
    each_house.ready()
    each_house.erase()
    each_house.assign()  # the nightly list does not know; nothing is taken of it
    assert each_house.rows("SELECT caseworker, office FROM clients") == [(None, None)]
    why = {"client": ANNA, "ground": "client_asked", "why": "Came to the desk."}
    done(each_house.post(CASEWORKER, "/v1/accesses", why), 201)
    judged = each_house.judge()
    assert each_house.refused(judged) == (403, "erased")
    each_house.right("objection", in_force=False)
    assert each_house.refused(judged) == (403, "erased")
    consent = {"client": ANNA, "right": "consent", "in_force": True, "since": DAY}
    old = each_house.post("demo-officer", "/v1/rights", consent)
    assert old.status_code == 409
    assert "older than the erasure" in problem(old)["detail"]
    assert each_house.refused(judged) == (403, "erased")
    done(each_house.post("demo-officer", "/v1/rights", {**consent, "since": "2026-11-28"}))
    each_house.advise(judged)


def test_a_right_of_one_client_is_not_anothers(house: House) -> None:
    anna, ben = house.ready(ANNA), house.ready(BEN)
    house.right("objection", ANNA)
    assert house.refused(anna) == (403, "objection")
    house.advise(ben)


@pytest.mark.parametrize(
    ("right", "in_force"), [("objection", True), ("restriction", True), ("consent", False), ("erasure", True)]
)
def test_it_holds_from_the_next_request_with_another_worker(
    right: str, in_force: bool, each_house: House, another_worker: Another
) -> None:
    other, judged = another_worker(each_house), each_house.ready()
    other.advise(judged)
    if right == "erasure":
        each_house.erase()
        assert other.refused(judged) == (404, "judgement-first")
    else:
        each_house.right(right, in_force=in_force)
        assert other.refused(judged) == (403, "consent-missing" if right == "consent" else right)


@pytest.mark.parametrize("right", ["objection", "restriction"])
def test_it_holds_for_a_hint_that_is_being_made(right: str, each_house: House, another_worker: Another) -> None:
    other, judged = another_worker(each_house), each_house.ready()
    each_house.gates["ltu-small"].meanwhile = lambda: other.right(right)
    assert each_house.refused(judged) == (403, right)
    assert each_house.rows("SELECT count(*) FROM advices") == [(0,)]


def test_whose_basis_is_a_law_needs_no_consent_and_heeds_an_objection(parts: Parts, sqlite_url: str) -> None:
    with house_on(parts, sqlite_url, needs_consent=False) as house:
        house.assign()
        judged = house.judge()
        house.advise(judged)
        house.right("objection")
        assert house.refused(judged) == (403, "objection")


def test_a_right_is_recorded_when_it_is_used(house: House) -> None:
    body = {"client": ANNA, "right": "objection", "in_force": True, "since": "2026-11-29"}
    assert kind_of(house.post("demo-officer", "/v1/rights", body))[0] == 409
    done(house.post("demo-officer", "/v1/rights", {**body, "since": "2026-11-28"}))


def test_each_right_has_date_and_recorder(each_house: House) -> None:
    each_house.assign()
    each_house.right("consent", who=CASEWORKER)
    answer = each_house.right("objection")
    assert answer["rights"] == {"consent": DAY, "objection": DAY, "restriction": None, "erased": None}
    query = 'SELECT "right", in_force, since, recorded_by FROM rights ORDER BY seq'
    assert [(name, bool(on), *rest) for name, on, *rest in each_house.rows(query)] == [
        ("consent", True, DAY, CASEWORKER), ("objection", True, DAY, "demo-officer"),
    ]  # fmt: skip


def test_who_records_a_right(house: House) -> None:
    """A caseworker of their own clients; the officer and the customer system of anybody."""
    house.assign()
    body = {"client": ANNA, "right": "restriction", "in_force": True, "since": DAY}
    refused = [house.post(COLLEAGUE, "/v1/rights", {**body, "client": each}) for each in (ANNA, NOBODY)]
    assert [kind_of(each) for each in refused] == [(403, "not-your-client")] * 2
    assert refused[0].content == refused[1].content
    for who in (CASEWORKER, "demo-officer", "demo-integration"):
        done(house.post(who, "/v1/rights", body))
    done(house.post("demo-officer", "/v1/rights", {**body, "client": NOBODY}))


def test_the_look_up_says_what_stands_in_the_way(house: House) -> None:
    house.assign()

    def told() -> tuple[bool, str | None]:
        answer = done(house.post(CASEWORKER, "/v1/clients/look-up", {"client": ANNA}))
        return answer["yours"], answer["refusal"]

    assert told() == (True, "the client has not consented to profiling: no hint may be given before they do")
    house.right("consent")
    assert told() == (True, None)
    house.right("objection")
    assert told() == (True, f"the client has objected since {DAY}: no hint may be given")


def test_nothing_to_erase(house: House) -> None:
    assert kind_of(house.post("demo-officer", "/v1/clients/erase", {"client": NOBODY, "why": "Asked."}))[0] == 404


def test_erasure_leaves_that_they_were_erased(each_house: House) -> None:
    judged = each_house.ready()
    advice = each_house.advise(judged)["advice"]
    said = {"advice": advice, "agrees": "agree", "why": "Agrees wholly.", "done": ["skills"]}
    done(each_house.post(CASEWORKER, "/v1/feedback", said), 201)
    each_house.erase()
    for table in ("judgements", "advices", "feedback", "rights", "accesses", "hints"):
        assert each_house.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    (row,) = each_house.rows("SELECT * FROM clients")
    assert {each for each in row if each is not None} == {ANNA["pseudonym"], "2026-11-28", row[-1]}


def test_two_workers_one_objects_while_the_other_advises(each_house: House, another_worker: Another) -> None:
    """Whatever the order, no hint is logged after the objection."""
    judged, other = each_house.ready(), another_worker(each_house)
    body = {"judgement": judged, "needs": NEEDS}
    with ExitStack() as stack:
        asking = [Thread(target=lambda: other.post(CASEWORKER, "/v1/advice", body)) for _ in range(8)]
        for each in asking:
            each.start()
            stack.callback(each.join)
        each_house.right("objection")
    (objected,) = each_house.rows("SELECT seq FROM rights WHERE \"right\" = 'objection'")
    assert all(seq < objected[0] for (seq,) in each_house.rows("SELECT seq FROM advices"))
