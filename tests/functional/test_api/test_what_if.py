"""POST /v1/what-if: what a hint would be if something were different; for who judged first, logged, not kept."""

from __future__ import annotations

from typing import Any

import pytest

from .house import ANNA, COLLEAGUE, RISK, House, Json, done, kind_of, problem

CASEWORKER = "demo-caseworker"


def what_if(house: House, judgement: str, changes: Json, who: str = CASEWORKER, **changed: Any) -> Any:
    return house.post(who, "/v1/what-if", {"judgement": judgement, "risk": RISK, "changes": changes, **changed})


def said(part: Json) -> Json:
    """Return what a part of an answer says of the client, without when it was said."""
    return {name: part[name] for name in ("horizons", "band", "words", "reasons", "caveats")}


def test_both_hints_are_those_that_advice_gives_for_the_same_inputs(each_house: House) -> None:
    judgement = each_house.ready()
    told = done(what_if(each_house, judgement, {"course": True, "trade": "nurse"}))
    as_it_is = each_house.advise(judgement)["risk"]
    as_it_would_be = each_house.advise(judgement, risk={**RISK, "course": True, "trade": "nurse"})["risk"]
    assert said(told["as_it_is"]) == said(as_it_is)
    assert said(told["as_it_would_be"]) == said(as_it_would_be)
    assert said(as_it_is) != said(as_it_would_be)
    assert (told["association_only"], told["judgement"], told["language"]) == (True, judgement, "en")
    assert "need not be the cause" in told["words"]


def test_it_is_told_in_the_language_that_was_asked_for(house: House) -> None:
    body = {"judgement": house.ready(), "risk": RISK, "changes": {"course": True}}
    told = {code: done(house.post(CASEWORKER, "/v1/what-if", body, Accept_Language=code)) for code in ("fi", "sv")}
    assert "välttämättä" in told["fi"]["words"]
    assert "behöver inte vara en orsak" in told["sv"]["words"]


def test_names_of_what_was_changed_are_logged_and_nothing_is_kept(each_house: House) -> None:
    judgement = each_house.ready()
    done(what_if(each_house, judgement, {"trade": "nurse", "course": True}))
    ((client, content),) = each_house.rows("SELECT client, content FROM log WHERE action = 'what-if'")
    assert client == ANNA["pseudonym"]
    assert content == f'{{"changes":["course","trade"],"judgement":"{judgement}","model":"ltu-small 3"}}'
    assert each_house.rows("SELECT id FROM advices") == []


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"tenure": 3}, ["changes", "tenure"], "Nobody can change this"),
        ({"course": True, "wage": 3000}, ["changes", "wage"], "Nobody can change this"),
        ({}, ["changes"], "Nothing is different"),
        ({"course": False}, ["changes"], "Nothing is different"),
        ({"area": "Narnia"}, ["changes", "area"], "Input should be"),
        ({"no_such_input": 1}, ["changes"], "does not take"),
    ],
)
def test_what_nobody_can_change_is_refused(house: House, changes: Json, place: list[str], words: str) -> None:
    (fault,) = problem(what_if(house, house.ready(), changes), 422)["errors"]
    assert fault["loc"] == place
    assert words in fault["msg"]
    assert house.rows("SELECT seq FROM log WHERE action = 'what-if'") == []


def test_inputs_that_are_odd_are_named_as_such(house: House) -> None:
    (fault,) = problem(what_if(house, house.ready(), {"course": True}, risk={**RISK, "tenure": -1}), 422)["errors"]
    assert fault["loc"] == ["risk", "tenure"]


def test_the_own_judgement_comes_first_and_is_their_own(house: House) -> None:
    assert kind_of(what_if(house, "0" * 32, {"course": True})) == (404, "judgement-first")
    judgement = house.ready()
    assert kind_of(what_if(house, judgement, {"course": True}, COLLEAGUE)) == (404, "judgement-first")
    house.clock.pass_by(days=15)
    assert kind_of(what_if(house, judgement, {"course": True})) == (409, "judgement-old")


def test_a_client_who_went_to_a_colleague_is_not_theirs(house: House) -> None:
    judgement = house.ready()
    house.assign(ANNA, COLLEAGUE)
    assert kind_of(what_if(house, judgement, {"course": True})) == (403, "not-your-client")


@pytest.mark.parametrize("right", ["objection", "restriction"])
def test_a_right_stands_in_the_way(house: House, right: str) -> None:
    judgement = house.ready()
    house.right(right)
    assert kind_of(what_if(house, judgement, {"course": True})) == (403, right)


def test_a_consent_taken_back_stands_in_the_way(house: House) -> None:
    judgement = house.ready()
    house.right("consent", in_force=False)
    assert kind_of(what_if(house, judgement, {"course": True})) == (403, "consent-missing")


def test_a_stop_and_the_gate_stand_in_the_way(house: House) -> None:
    judgement = house.ready()
    done(house.post("demo-operator", "/v1/stops", {"model": "ltu-small", "why": "A fault."}), 201)
    assert kind_of(what_if(house, judgement, {"course": True})) == (503, "stopped")
    done(
        house.post("demo-operator", "/v1/stops/lift", {"stop": house.rows("SELECT id FROM stops")[0][0], "why": "Ok."})
    )
    house.gates["ltu-small"].refusal = "revoked"
    assert problem(what_if(house, judgement, {"course": True}), 503)["detail"] == "revoked"


@pytest.mark.parametrize("who", ["demo-integration", "demo-officer", "demo-manager", "demo-operator", "demo-reviewer"])
def test_others_may_not_try(house: House, who: str) -> None:
    assert problem(what_if(house, "0" * 32, {"course": True}, who))["status"] in {401, 403}
