"""POST /v1/hints: an integration hands inputs in, hints lie ready; it is never told what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from ml.models.alone import Alone
from ml.models.trained import TrainedModel

from .house import ANNA, BEN, CODE, KEY, NEEDS, NOBODY, RISK, Gate, House, Json, Parts, done, house_on, kind_of, problem

WHO = "demo-integration"
CASEWORKER = "demo-caseworker"
CODED = {"identity_code": CODE}


def handed(client: Json, inputs: Json = RISK, **more: Any) -> Json:
    return {"client": client, "inputs": inputs, **more}


def hand_in(house: House, *clients: Json, task: str = "risk", **headers: str) -> Any:
    return house.post(WHO, "/v1/hints", {"task": task, "clients": list(clients)}, **headers)


def consenting(house: House, *clients: Json) -> None:
    for client in clients:
        house.assign(client)
        house.right("consent", client)


def shown(house: House, client: Json) -> Json:
    """Return what the caseworker is shown of what lies ready."""
    return done(house.post(CASEWORKER, "/v1/advice", {"judgement": house.judge(client)}))


def without_times(part: Json) -> Json:
    return {name: value for name, value in part.items() if name not in {"as_of", "valid_until"}}


@pytest.mark.parametrize(("task", "part", "inputs"), [("risk", "risk", RISK), ("needs", "needs", NEEDS)])
def test_what_is_handed_in_lies_ready_and_is_as_a_live_hint(
    each_house: House, task: str, part: str, inputs: Json
) -> None:
    consenting(each_house, ANNA, BEN)
    told = done(hand_in(each_house, handed(ANNA, inputs), handed(BEN, inputs), task=task))
    assert (told["stored"], [each["stored"] for each in told["clients"]]) == (2, [True, True])
    assert told["valid_until"][:10] == "2026-12-12"
    stored = shown(each_house, ANNA)
    live = each_house.advise(stored["judgement"])
    assert stored["source"] == "stored"
    assert without_times(stored[part]) == without_times(live[part])
    assert [each["part"] for each in stored["missing"]] == [{"risk": "needs", "needs": "risk"}[part]]


def test_the_plan_opens_integration_services(house: House) -> None:
    consenting(house, ANNA)
    told = done(hand_in(house, handed(ANNA, NEEDS, plan={"start": "2026-01-02"}), task="needs"))
    assert told["stored"] == 1
    assert shown(house, ANNA)["needs"]["answer"] == "integration"


def test_the_answer_says_nothing_of_what_a_hint_says(house: House) -> None:
    consenting(house, ANNA)
    answer = hand_in(house, handed(ANNA))
    assert set(answer.json()) == {"model", "version", "valid_until", "stored", "clients"}
    assert answer.json()["clients"] == [{"stored": True, "reason": None, "detail": None, "errors": None}]
    (content,) = house.rows("SELECT content FROM log WHERE action = 'hints.hand-in'")
    assert set(json.loads(content[0])) == {"batch", "model", "version", "clients"}


def test_of_each_client_it_says_what_stood_in_the_way(each_house: House) -> None:
    by_right = {
        name: {"pseudonym": digit * 32}
        for name, digit in zip(("consent", "objection", "restriction"), "def", strict=True)
    }
    consenting(each_house, ANNA, BEN, *by_right.values(), CODED)
    each_house.right("consent", by_right["consent"], in_force=False)
    each_house.right("objection", by_right["objection"])
    each_house.right("restriction", by_right["restriction"])
    each_house.erase(BEN)
    answer = hand_in(
        each_house,
        handed(ANNA),
        *(handed(client) for client in by_right.values()),
        handed(BEN),
        handed(NOBODY),
        handed(ANNA),
        handed({"identity_code": "131052-308X"}),
        handed(CODED, {**RISK, "tenure": -1, "area": "Narnia"}),
    )
    told = done(answer)
    assert [each["reason"] for each in told["clients"]] == [
        None, "consent-missing", "objection", "restriction", "erased", "not-known", "twice", "client", "inputs",
    ]  # fmt: skip
    assert told["stored"] == 1
    assert [fault["loc"] for fault in told["clients"][-1]["errors"]] == [["inputs", "tenure"], ["inputs", "area"]]
    assert "308" not in answer.text
    assert "Narnia" not in answer.text
    assert [row[0] for row in each_house.rows("SELECT client FROM hints")] == [ANNA["pseudonym"]]


def test_an_identity_code_finds_the_client_by_pseudonym(house: House) -> None:
    consenting(house, CODED)
    assert done(hand_in(house, handed(CODED)))["stored"] == 1
    ((client,),) = house.rows("SELECT client FROM hints")
    assert client == KEY.for_purpose("advice").pseudonym(CODE)


def test_newer_inputs_replace_older_ones_and_other_clients_keep_theirs(each_house: House) -> None:
    consenting(each_house, ANNA, BEN)
    done(hand_in(each_house, handed(ANNA), handed(BEN)))
    before = shown(each_house, ANNA)["risk"]
    done(hand_in(each_house, handed(ANNA, {**RISK, "course": True, "trade": "nurse"})))
    assert shown(each_house, ANNA)["risk"]["horizons"] != before["horizons"]
    assert shown(each_house, BEN)["risk"]["horizons"] == before["horizons"]
    assert each_house.rows("SELECT count(*) FROM hints") == [(2,)]


def test_a_hint_is_out_of_date_after_fourteen_days(house: House) -> None:
    consenting(house, ANNA)
    done(hand_in(house, handed(ANNA)))
    house.clock.pass_by(days=15)
    status, kind = kind_of(house.post(CASEWORKER, "/v1/advice", {"judgement": house.judge(ANNA)}))
    assert (status, kind) == (404, "no-hint")


def test_an_objection_takes_the_hint_away(each_house: House) -> None:
    consenting(each_house, ANNA)
    done(hand_in(each_house, handed(ANNA)))
    assert each_house.right("objection")["hints_removed"] == 1
    assert each_house.rows("SELECT client FROM hints") == []


def test_the_same_question_again_has_one_effect(each_house: House) -> None:
    consenting(each_house, ANNA)
    first, again = (hand_in(each_house, handed(ANNA), Idempotency_Key="once") for _ in range(2))
    assert (first.json(), again.headers["idempotent-replay"]) == (again.json(), "true")
    assert each_house.rows("SELECT count(*) FROM batches") == [(1,)]


def test_where_nobody_may_have_a_hint_there_is_no_batch(house: House) -> None:
    told = done(hand_in(house, handed(NOBODY)))
    assert (told["stored"], house.rows("SELECT id FROM batches")) == (0, [])
    assert len(house.rows("SELECT seq FROM log WHERE action = 'hints.hand-in'")) == 1


def test_a_thousand_clients_at_once_and_no_more(house: House) -> None:
    clients = [handed({"pseudonym": f"{number:032x}"}) for number in range(1001)]
    assert done(hand_in(house, *clients[:1000]))["stored"] == 0
    assert problem(hand_in(house, *clients), 422)["errors"][0]["loc"] == ["clients"]


def test_a_plan_is_not_for_the_risk(house: House) -> None:
    (fault,) = problem(hand_in(house, handed(ANNA, plan={"start": "2026-01-02"})), 422)["errors"]
    assert "belongs to needs" in fault["msg"]


def test_a_stop_and_the_gate_stand_in_the_way(house: House) -> None:
    consenting(house, ANNA)
    done(house.post("demo-operator", "/v1/stops", {"why": "A fault."}), 201)
    assert kind_of(hand_in(house, handed(ANNA))) == (503, "stopped")
    done(
        house.post("demo-operator", "/v1/stops/lift", {"stop": house.rows("SELECT id FROM stops")[0][0], "why": "Ok."})
    )
    house.gates["ltu-small"].refusal = "revoked"
    assert problem(hand_in(house, handed(ANNA)), 503)["detail"] == "revoked"
    assert house.rows("SELECT client FROM hints") == []


@pytest.mark.parametrize("who", [CASEWORKER, "demo-officer", "demo-operator"])
def test_people_do_not_hand_in(house: House, who: str) -> None:
    body = {"task": "risk", "clients": [handed(ANNA)]}
    assert problem(house.post(who, "/v1/hints", body))["status"] == 403


@dataclass(frozen=True)
class Meddled(TrainedModel):
    """A model during whose work something happens."""

    act: Callable[[], object] = lambda: None

    @property
    def alone(self) -> Alone:
        self.act()
        return super().alone


def test_an_objection_made_while_hints_are_computed_holds(parts: Parts, database_url: str) -> None:
    acts: list[Callable[[], object]] = []

    def meddled(gate: Gate) -> Any:
        used: Any = parts.loaded["ltu-small"](gate)
        facts = {each.name: getattr(used.model, each.name) for each in fields(TrainedModel) if each.init}
        return replace(used, model=Meddled(**facts, act=lambda: acts.pop()() if acts else None))

    with house_on(replace(parts, loaded={"ltu-small": meddled}), database_url) as house:
        consenting(house, ANNA, BEN)
        acts.append(lambda: house.right("objection", BEN))
        told = done(hand_in(house, handed(ANNA), handed(BEN)))
        assert [each["reason"] for each in told["clients"]] == [None, "objection"]
        assert [row[0] for row in house.rows("SELECT client FROM hints")] == [ANNA["pseudonym"]]
