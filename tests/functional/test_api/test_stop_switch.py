"""One call, and no worker gives advice any more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .house import CASEWORKER, NEEDS, House, Json, done, kind_of, problem

Another = Callable[[House], House]
WHY = "A fault was reported; we look into it."


def stop(house: House, who: str = "demo-operator", **more: object) -> str:
    return str(done(house.post(who, "/v1/stops", {"why": WHY, **more}), 201)["id"])


def lift(house: House, id: str, who: str = "demo-reviewer") -> Json:
    lifted: Json = done(house.post(who, "/v1/stops/lift", {"stop": id, "why": "It was in a report."}))
    return lifted


@pytest.mark.parametrize("who", ["demo-operator", "demo-reviewer"])
def test_all_advice_stops_at_once_everywhere(who: str, each_house: House, another_worker: Another) -> None:
    judged, other = each_house.ready(), another_worker(each_house)
    other.advise(judged)
    id = stop(each_house, who)
    for worker in (each_house, other):
        answer = worker.post(CASEWORKER, "/v1/advice", {"judgement": judged, "needs": NEEDS})
        assert kind_of(answer) == (503, "stopped")
        assert problem(answer)["detail"] == f"advice is stopped since 2026-11-28 12:00 UTC: {WHY}"
        assert worker.refused(judged) == (503, "stopped")
        assert worker.get(None, "/readyz").json() == {"status": "ready", "stopped": True}
        models = done(worker.get("demo-manager", "/v1/models"))["models"]
        assert [each["stopped"] for each in models] == [f"stopped by {who}: {WHY}"] * 2
    assert lift(each_house, id) == {"stops": []}
    other.advise(judged)


def test_one_model_stops_and_the_other_goes_on(each_house: House) -> None:
    judged = each_house.ready()
    stop(each_house, model="ltu-small")
    answer = each_house.advise(judged)
    assert answer["risk"] is None
    assert answer["needs"] is not None
    assert answer["missing"] == [{"part": "risk", "why": f"advice is stopped since 2026-11-28 12:00 UTC: {WHY}"}]
    stop(each_house, model="service-need")
    assert each_house.refused(judged) == (503, "stopped")


def test_two_stops_are_lifted_one_by_one(each_house: House) -> None:
    judged = each_house.ready()
    first, second = stop(each_house), stop(each_house, "demo-reviewer")
    assert [each["id"] for each in lift(each_house, first)["stops"]] == [second]
    assert each_house.refused(judged) == (503, "stopped")
    lift(each_house, second)
    each_house.advise(judged)
    assert kind_of(each_house.post("demo-operator", "/v1/stops/lift", {"stop": second, "why": "Again."}))[0] == 404


def test_a_model_that_is_not_served_cannot_be_stopped(house: House) -> None:
    for model in ("ltu-large", "risk"):
        assert kind_of(house.post("demo-operator", "/v1/stops", {"model": model, "why": WHY}))[0] == 404
    assert done(house.get("demo-operator", "/v1/stops")) == {"stops": []}


def test_no_stop_without_a_reason(house: House) -> None:
    for body in ({}, {"why": ""}, {"why": " "}, {"model": "ltu-small"}):
        assert kind_of(house.post("demo-operator", "/v1/stops", body))[0] == 422


def test_a_judgement_can_still_be_recorded(house: House) -> None:
    """Work goes on, by people alone."""
    house.assign()
    stop(house)
    house.judge()


def test_a_stop_holds_for_a_hint_that_is_being_made(each_house: House, another_worker: Another) -> None:
    judged, other = each_house.ready(), another_worker(each_house)
    each_house.gates["ltu-small"].meanwhile = lambda: stop(other)
    assert each_house.refused(judged) == (503, "stopped")
    assert each_house.rows("SELECT count(*) FROM advices") == [(0,)]


def test_everybody_may_see_that_advice_is_stopped(house: House) -> None:
    id = stop(house)
    for who in house.tokens:
        (told,) = done(house.get(who, "/v1/stops"))["stops"]
        assert told == {"id": id, "model": None, "why": WHY, "by": "demo-operator", "at": "2026-11-28T12:00:00.000000Z"}


# ---------------------------------------------------------------- the gate


@pytest.mark.parametrize("why", ["the approval expired on 1.5.2031", "the approval was revoked by ravi"])
def test_an_approval_that_ends_meanwhile_stops_advice(why: str, house: House) -> None:
    judged = house.ready()
    house.advise(judged)
    for gate in house.gates.values():
        gate.refusal = why
    answer = house.post(CASEWORKER, "/v1/advice", {"judgement": judged})
    assert (answer.status_code, problem(answer)["detail"]) == (503, why)
    assert house.get(None, "/healthz").status_code == 200
    assert kind_of(house.get(None, "/readyz")) == (503, "not-ready")
    house.gates["service-need"].refusal = None
    answer = house.advise(judged)
    assert answer["missing"] == [{"part": "risk", "why": why}]
    assert house.get(None, "/readyz").status_code == 200


def test_the_gate_is_asked_before_each_hint(house: House) -> None:
    judged = house.ready()
    gate = house.gates["ltu-small"]
    gate.calls.clear()
    for asked in (1, 2, 3):
        house.advise(judged)
        assert len(gate.calls) == asked
