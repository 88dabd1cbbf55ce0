"""The same question twice, by its Idempotency-Key, has one effect and one answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .house import ANNA, BEN, CASEWORKER, COLLEAGUE, DAY, NEEDS, RISK, House, Json, done, judgement, kind_of, problem

Another = Callable[[House], House]
Question = tuple[str, str, Json, str]  # who asks, path, body, and a query that counts its effect


def once(house: House, who: str, path: str, body: Json, key: str = "k") -> Any:
    return house.post(who, path, body, Idempotency_Key=key)


def judge(house: House) -> Question:
    house.assign()
    return CASEWORKER, "/v1/judgements", judgement(), "SELECT count(*) FROM judgements"


def advise(house: House) -> Question:
    body = {"judgement": house.ready(), "risk": RISK, "needs": NEEDS}
    return CASEWORKER, "/v1/advice", body, "SELECT count(*) FROM advices"


def feed_back(house: House) -> Question:
    advice = house.advise(house.ready())["advice"]
    body = {"advice": advice, "agrees": "agree", "done": ["skills"]}
    return CASEWORKER, "/v1/feedback", body, "SELECT count(*) FROM feedback"


def break_glass(house: House) -> Question:
    body = {"client": ANNA, "ground": "other", "why": "Asked."}
    return CASEWORKER, "/v1/accesses", body, "SELECT count(*) FROM accesses"


def consent(house: House) -> Question:
    body = {"client": ANNA, "right": "consent", "in_force": True, "since": DAY}
    return "demo-officer", "/v1/rights", body, "SELECT count(*) FROM rights"


def erase(house: House) -> Question:
    house.assign()
    body = {"client": ANNA, "why": "Asked for in writing."}
    return "demo-officer", "/v1/clients/erase", body, "SELECT count(*) FROM log WHERE action = 'erase'"


def assign(house: House) -> Question:
    body = {"assignments": [{"client": ANNA, "caseworker": CASEWORKER, "since": DAY}]}
    return "demo-integration", "/v1/assignments", body, "SELECT count(*) FROM log WHERE action = 'assign'"


def stop(house: House) -> Question:
    return "demo-operator", "/v1/stops", {"why": "A fault."}, "SELECT count(*) FROM stops"


def lift(house: House) -> Question:
    id = done(house.post("demo-operator", "/v1/stops", {"why": "A fault."}), 201)["id"]
    body = {"stop": id, "why": "It was none."}
    return "demo-operator", "/v1/stops/lift", body, "SELECT count(*) FROM log WHERE action = 'stop.lift'"


WRITES = [judge, advise, feed_back, break_glass, consent, erase, assign, stop, lift]
each_write = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)


@each_write
def test_asked_again_it_is_answered_as_before(write: Callable[[House], Question], each_house: House) -> None:
    who, path, body, effect = write(each_house)
    first = once(each_house, who, path, body)
    assert first.is_success, first.text
    assert "Idempotent-Replay" not in first.headers
    each_house.clock.pass_by(minutes=5)
    again = once(each_house, who, path, body)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.headers.get("content-type") == first.headers.get("content-type")
    assert again.headers["cache-control"] == "no-store"
    assert each_house.rows(effect) == [(1,)]


@each_write
def test_eight_at_once_have_one_effect(
    write: Callable[[House], Question], each_house: House, another_worker: Another
) -> None:
    workers = [each_house, another_worker(each_house)]
    who, path, body, effect = write(each_house)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: once(workers[number % 2], who, path, body), range(8)))
    assert len({(each.status_code, each.content) for each in answers}) == 1, [each.text for each in answers]
    assert answers[0].is_success
    assert each_house.rows(effect) == [(1,)]


def test_another_question_with_the_same_key(each_house: House) -> None:
    each_house.assign()
    done(once(each_house, CASEWORKER, "/v1/judgements", judgement()), 201)
    other = once(each_house, CASEWORKER, "/v1/judgements", judgement(why="Other words."))
    assert problem(other, 409)["detail"].startswith("this Idempotency-Key was sent with another question")
    access = {"client": ANNA, "ground": "other", "why": "x"}
    assert kind_of(once(each_house, CASEWORKER, "/v1/accesses", access))[0] == 409
    assert each_house.rows("SELECT count(*) FROM judgements") == [(1,)]
    assert each_house.rows("SELECT count(*) FROM accesses") == [(0,)]


def test_another_persons_key_is_another_key(house: House) -> None:
    house.assign(ANNA, CASEWORKER)
    house.assign(BEN, COLLEAGUE)
    done(once(house, CASEWORKER, "/v1/judgements", judgement(ANNA)), 201)
    done(once(house, COLLEAGUE, "/v1/judgements", judgement(BEN)), 201)


def test_what_was_refused_is_asked_anew(house: House) -> None:
    house.assign()
    body = {"judgement": house.judge(), "risk": RISK, "needs": NEEDS}
    assert kind_of(once(house, CASEWORKER, "/v1/advice", body)) == (403, "consent-missing")
    house.right("consent")
    done(once(house, CASEWORKER, "/v1/advice", body))


@pytest.mark.parametrize("right", ["objection", "restriction", "erasure"])
def test_a_kept_hint_goes_with_the_right_to_show_it(right: str, each_house: House) -> None:
    who, path, body, _ = advise(each_house)
    shown = done(once(each_house, who, path, body))
    if right == "erasure":
        each_house.erase()
        assert kind_of(once(each_house, who, path, body)) == (404, "judgement-first")
    else:
        each_house.right(right)
        assert kind_of(once(each_house, who, path, body)) == (403, right)
    assert shown["advice"] not in str(each_house.rows("SELECT answer FROM idempotency"))


def test_a_kept_hint_is_not_shown_again_while_advice_is_stopped(each_house: House) -> None:
    who, path, body, _ = advise(each_house)
    shown = once(each_house, who, path, body)
    id = done(each_house.post("demo-operator", "/v1/stops", {"why": "A fault."}), 201)["id"]
    assert kind_of(once(each_house, who, path, body)) == (503, "stopped")
    done(each_house.post("demo-operator", "/v1/stops/lift", {"stop": id, "why": "It was none."}))
    assert once(each_house, who, path, body).content == shown.content


def test_nor_to_who_lost_the_client(each_house: House) -> None:
    who, path, body, _ = advise(each_house)
    done(once(each_house, who, path, body))
    each_house.assign(ANNA, COLLEAGUE)
    assert kind_of(once(each_house, who, path, body)) == (403, "not-your-client")


def test_nor_of_a_model_that_may_not_be_used(house: House) -> None:
    who, path, body, _ = advise(house)
    done(once(house, who, path, body))
    house.gates["ltu-small"].refusal = "ltu-small version 3 was revoked by Grace"
    assert kind_of(once(house, who, path, body))[0] == 503


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 101, "ä", "a\tb"])
def test_a_key_that_is_none(key: str, house: House) -> None:
    headers = {"Authorization": f"Bearer {house.tokens[CASEWORKER]}", "Idempotency-Key": key.encode()}
    answer = house.client.post("/v1/judgements", json=judgement(), headers=headers)  # type: ignore[arg-type]
    assert kind_of(answer)[0] == 422


@pytest.mark.parametrize("key", ["x", "x" * 100, "!~", "5d8f0c52-3b0b-4f5e-9d51-7b8f2f0a2f11", "' OR 1=1--", '"k"'])
def test_a_key_may_be_anything_visible(key: str, house: House) -> None:
    house.assign()
    answer = once(house, CASEWORKER, "/v1/judgements", judgement(), key)
    assert answer.status_code == (422 if " " in key else 201), answer.text


def test_what_is_kept_of_a_question_can_be_tried_out_by_nobody(house: House) -> None:
    """Of two services with other secrets the same question is kept as another digest."""
    house.assign()
    once(house, CASEWORKER, "/v1/judgements", judgement())
    ((question,),) = house.rows("SELECT question FROM idempotency")
    assert len(bytes(question)) == 32
    from hashlib import sha256

    for plain in (b"", b"POST /v1/judgements\n"):
        assert bytes(question) != sha256(plain + str(judgement()).encode()).digest()


def test_a_consent_taken_back_does_not_come_back_with_a_retry(each_house: House) -> None:
    each_house.assign()
    consent = {"client": ANNA, "right": "consent", "in_force": True, "since": DAY}
    done(once(each_house, CASEWORKER, "/v1/rights", consent))
    assert once(each_house, CASEWORKER, "/v1/rights", consent).headers["idempotent-replay"] == "true"
    each_house.right("consent", in_force=False)
    assert kind_of(once(each_house, CASEWORKER, "/v1/rights", consent)) == (409, "answer-gone")
    assert each_house.rows("SELECT consent_on FROM clients") == [(None,)]


def test_a_judgement_is_not_doubled_by_a_retry_after_an_objection(each_house: House) -> None:
    each_house.assign()
    done(once(each_house, CASEWORKER, "/v1/judgements", judgement(ANNA)), 201)
    each_house.right("objection")
    assert kind_of(once(each_house, CASEWORKER, "/v1/judgements", judgement(ANNA))) == (409, "answer-gone")
    assert each_house.rows("SELECT count(*) FROM judgements") == [(1,)]
