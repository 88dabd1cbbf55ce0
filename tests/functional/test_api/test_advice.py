"""POST /v1/advice and what stands beside it, as a caseworker's system sees them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ml.errors import GateError, UsageError
from ml.governance.registry import Approved
from ml.models.calibrate import Calibrator
from ml.models.trained import Calibrators, TrainedModel
from serving.settings import Environment, Settings

Inputs = dict[str, Any]
WORD = re.compile(r"[A-Z]?[a-z]+")
DECIDING = re.compile(r"decid|decision|verdict|reject|refus|deny|denied|grant|approve|eligib|entitl|sanction")


def ask(client: TestClient, inputs: Inputs, language: str = "en") -> dict[str, Any]:
    answer = client.post("/v1/advice", json={"inputs": inputs}, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


def test_a_hint(client: TestClient, inputs: Inputs, approved: Approved) -> None:
    answer = ask(client, inputs)
    assert set(answer) == {
        "advice", "reasons", "caveats", "human_review_required", "model", "card", "language"
    }  # fmt: skip
    assert answer["human_review_required"] is True
    assert answer["card"] == "/v1/model/card"
    assert answer["model"] == {
        "name": "ltu-small", "version": 3, "digest": approved.digest, "approved_by": "ravi",
        "expires": "2031-05-01T12:00:00Z",
    }  # fmt: skip
    assert answer["advice"]["band"] in {"low", "typical", "elevated"}
    assert answer["advice"]["words"].endswith("in 10 people in a like situation are still unemployed at 12 months.")


def test_chances_at_each_horizon_fall_and_lie_within_their_intervals(client: TestClient, inputs: Inputs) -> None:
    horizons = ask(client, inputs)["advice"]["horizons"]
    assert [(each["units"], each["unit"], each["days"]) for each in horizons] == [
        (6.0, "2 weeks", 84.0), (13.0, "2 weeks", 182.0), (26.0, "2 weeks", 364.0),
    ]  # fmt: skip
    chances = [each["still_unemployed"] for each in horizons]
    assert all(0 <= each["low"] <= each["probability"] <= each["high"] <= 1 for each in chances)
    shares = [each["probability"] for each in chances]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_what_lengthens_a_spell_in_the_data_raises_the_chance(client: TestClient, inputs: Inputs) -> None:
    def at_12_months(**changed: Any) -> float:
        chance: float = ask(client, inputs | changed)["advice"]["horizons"][-1]["still_unemployed"]["probability"]
        return chance

    assert at_12_months(tenure=28) > at_12_months(tenure=2)
    assert at_12_months(course=False) > at_12_months(course=True)
    assert at_12_months(trade="cook") > at_12_months(trade="welder")


def test_reasons_name_kind_value_and_direction(client: TestClient, inputs: Inputs) -> None:
    reasons = {each["column"]: each for each in ask(client, inputs | {"course": True})["reasons"]}
    assert reasons["course"] == {
        "reason": "course", "label": "On a course", "column": "course", "value": True,
        "kind": "service_can_change", "goes_with": "shorter",
        "text": "A service can change this: On a course (yes) goes together with a shorter spell of unemployment.",
    }  # fmt: skip
    assert reasons["trade"]["goes_with"] == "longer"


@pytest.mark.parametrize(
    ("changed", "label"), [({"trade": "astronaut"}, "Trade"), ({"area": "West"}, "Seeks work in"),
                           ({"tenure": 49}, "Years in the lost job")],
)  # fmt: skip
def test_what_training_never_saw_makes_the_hint_uncertain(
    changed: Inputs, label: str, client: TestClient, inputs: Inputs
) -> None:
    answer = ask(client, inputs | changed)
    assert answer["advice"]["band"] == "uncertain"
    assert any(f"values like these: {label}." in caveat for caveat in answer["caveats"])


@pytest.mark.parametrize("wage", [{"wage": None}, {}])
def test_a_missing_value_is_named(wage: Inputs, client: TestClient, inputs: Inputs) -> None:
    del inputs["wage"]
    assert "The hint was made without knowing: Wage before." in ask(client, inputs | wage)["caveats"]


def test_a_weak_model_says_so(client: TestClient, inputs: Inputs) -> None:
    assert any("The model is weak" in caveat for caveat in ask(client, inputs)["caveats"])


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        (
            "",
            "fi",
            r"Noin \d kymmenestä samankaltaisessa tilanteessa olevasta työnhakijasta on yhä työttömänä 12 kuukau",
        ),
        ("fi-FI", "fi", r"Noin \d kymmenestä"),
        ("sv", "sv", r"Ungefär \d av 10 personer i en liknande situation är fortfarande arbetslösa efter 12 månader"),
        ("en-GB,fi;q=0.3", "en", r"About \d in 10 people in a like situation are still unemployed at 12 months"),
        ("de", "fi", r"Noin \d kymmenestä"),
    ],
)
def test_languages(asked: str, language: str, words: str, client: TestClient, inputs: Inputs) -> None:
    answer = client.post("/v1/advice", json={"inputs": inputs}, headers={"Accept-Language": asked})
    assert answer.json()["language"] == answer.headers["Content-Language"] == language
    assert re.match(words, answer.json()["advice"]["words"])


def test_headers_of_a_hint(client: TestClient, inputs: Inputs) -> None:
    headers = client.post("/v1/advice", json={"inputs": inputs}).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "server" not in headers


# ---------------------------------------------------------------- the gate


@pytest.mark.parametrize("why", ["the approval expired on 1.5.2031", "the approval was revoked by ravi"])
def test_an_approval_that_ends_meanwhile_stops_advice(why: str, client: TestClient, inputs: Inputs, gate: Any) -> None:
    ask(client, inputs)
    gate.refusal = why
    answer = client.post("/v1/advice", json={"inputs": inputs})
    assert (answer.status_code, answer.json()["detail"]) == (503, why)
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/healthz").status_code == 200
    gate.refusal = None
    ask(client, inputs)
    assert len(gate.calls) == 3  # before each advice


def test_a_card_that_does_not_say_whether_the_model_is_weak_stops_the_start(
    approved: Approved, make_app: Callable[..., FastAPI]
) -> None:
    with pytest.raises(GateError, match="does not say whether the model is weak"):
        make_app(approved=replace(approved, card={}))


@pytest.mark.parametrize(("environment", "host"), [("production", "127.0.0.1"), ("demo", "0.0.0.0")])
def test_no_application_where_nobody_can_be_identified(
    environment: str, host: str, make_app: Callable[..., FastAPI]
) -> None:
    with pytest.raises(UsageError):
        make_app(settings=Settings(Path("unused"), Environment(environment), host))


# ---------------------------------------------------------------- a spell that has lasted for some time


def looked_at(model: TrainedModel, entry: str) -> TrainedModel:
    """Return the model as if it had learnt from looks: a calibrator a landmark, the same at each."""

    def at_each(horizons: tuple[Calibrator | None, ...]) -> Calibrators:
        return tuple(
            tuple(None if place < stage else each for place, each in enumerate(horizons))
            for stage in range(len(horizons) + 1)
        )

    return replace(
        model,
        outcome=replace(model.outcome, entry=entry),
        calibrators=at_each(model.calibrators[0]),
        refits=tuple(replace(each, calibrators=at_each(each.calibrators[0])) for each in model.refits),
        cuts=(*model.cuts * len(model.outcome.horizons), None),
    )


@pytest.mark.parametrize(("tenure", "left"), [(5.9, [6, 13, 26]), (6, [13, 26]), (13, [26]), (26, [])])
def test_horizons_that_were_reached_are_left_out(
    tenure: float,
    left: list[float],
    model: TrainedModel,
    make_app: Callable[..., FastAPI],
    bearer: Callable[[str], dict[str, str]],
    inputs: Inputs,
) -> None:
    late = looked_at(model, "tenure")
    with TestClient(make_app(model=late), headers=bearer("demo-caseworker")) as client:
        answer = ask(client, inputs | {"tenure": tenure})
    assert [each["units"] for each in answer["advice"]["horizons"]] == left
    told = [answer["advice"][name] is not None for name in ("band", "band_words", "words")]
    assert told == [bool(left)] * 3
    assert answer["human_review_required"] is True
    already = "Already unemployed for 12 months or longer: of that time there is nothing to predict."
    assert (answer["caveats"] == [already]) is not bool(left)


# ---------------------------------------------------------------- the model and its card


def test_the_model_says_what_it_takes(client: TestClient) -> None:
    answer = client.get("/v1/model", headers={"Accept-Language": "fi"})
    assert answer.headers["Content-Language"] == "fi"
    described = answer.json()
    assert (described["name"], described["version"], described["approved_by"]) == ("ltu-small", 3, "ravi")
    assert [each["days"] for each in described["horizons"]] == [84, 182, 364]
    inputs = {each["name"]: each for each in described["inputs"]}
    assert inputs["tenure"] == {
        "name": "tenure", "label": "Vuosia työssä", "kind": "context", "type": "number", "allowed": None,
        "minimum": 0, "maximum": 50, "missing_allowed": False,
    }  # fmt: skip
    assert inputs["area"]["allowed"] == ["North", "South", "East", "West"]


def test_the_card(client: TestClient, approved: Approved) -> None:
    answer = client.get("/v1/model/card")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text == approved.card_text


def test_health_is_open(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


# ---------------------------------------------------------------- advisory, and nothing personal


def names_in(schema: Any) -> Iterator[str]:
    """Return the name of every property in a document, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from names_in(each)


def test_no_property_reads_as_a_decision_about_a_person(client: TestClient) -> None:
    names = set(names_in(client.get("/openapi.json").json()))
    assert {"band", "goes_with", "tenure"} <= names
    assert {name for name in names if DECIDING.search(name)} == {"approved_by"}  # of the model, by a reviewer


def test_no_hint_reads_as_a_decision(client: TestClient, inputs: Inputs) -> None:
    answer = client.post("/v1/advice", json={"inputs": inputs}, headers={"Accept-Language": "en"})
    read = answer.text.replace("approved_by", "")
    assert not DECIDING.search(read + str(answer.headers).lower())


@pytest.mark.parametrize("place", ["value", "unknown field", "wrong type", "broken", "address", "language"])
def test_an_identity_code_posted_anywhere_is_neither_answered_nor_logged(
    place: str, client: TestClient, inputs: Inputs, caplog: pytest.LogCaptureFixture
) -> None:
    code = "010190-123A"
    bodies: dict[str, Any] = {
        "value": {"inputs": inputs | {"trade": code}},
        "unknown field": {"inputs": inputs | {code: 1}, f"x{code}": 2},
        "wrong type": {"inputs": inputs | {"tenure": code, "area": code, "course": [code]}},
    }
    with caplog.at_level(logging.DEBUG):
        if place in bodies:
            answer = client.post("/v1/advice", json=bodies[place])
        elif place == "broken":
            headers = {"Content-Type": "application/json"}
            answer = client.post("/v1/advice", content=f'{{"inputs": {{"{code}": "{code}" {code}', headers=headers)
        elif place == "address":
            answer = client.post("/v1/clients/" + code)
        else:
            answer = client.post("/v1/advice", json={"inputs": inputs}, headers={"Accept-Language": code})
    assert answer.status_code < 500
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert "010190" not in answer.text + str(answer.headers) + "".join(ours)


def test_one_line_a_hint_says_who_and_which_model_and_no_more(
    client: TestClient, inputs: Inputs, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(client, inputs)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("serving")]
    assert lines == ["event=advice who=demo-caseworker model=ltu-small version=3"]


def test_a_model_that_was_stopped_says_so_wherever_it_is_shown(client: Any, gate: Any) -> None:
    assert client.get("/v1/model").json()["stopped"] is None
    gate.refusal = "ltu-small version 3 is revoked, not approved by Grace: A complaint came in."
    assert client.get("/v1/model").json()["stopped"] == gate.refusal
    assert client.get("/v1/model/card").text.startswith(f"> **No advice is given now: {gate.refusal}**\n\n---")
