"""POST /v1/advice as a caseworker's system sees it: chances, words, reasons, caveats, in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ml.governance.registry import Approved
from ml.models.calibrate import Calibrator
from ml.models.trained import Calibrators, TrainedModel
from serving.models.loading import InUse
from serving.wire.inputs import inputs_model

from .house import CASEWORKER, NEEDS, RISK, House, Json, Parts, done, house_on, kind_of

DECIDING = re.compile(r"decid|decision|verdict|reject|refus|deny|denied|grant|approve|eligib|entitl|sanction")
WORDS = {"fi": r"Noin \d kymmenestä samankaltaisessa tilanteessa olevasta työnhakijasta on yhä työttömänä 12 kuukau",
         "sv": r"Ungefär \d av 10 personer i en liknande situation är fortfarande arbetslösa efter 12 månader",
         "en": r"About \d in 10 people in a like situation are still unemployed at 12 months"}  # fmt: skip


@pytest.fixture
def judged(house: House) -> str:
    return house.ready()


def risk(house: House, judged: str, **changed: Any) -> Json:
    part: Json = house.advise(judged, risk=RISK | changed)["risk"]
    return part


def test_a_hint(house: House, judged: str, approved: Approved) -> None:
    answer = house.advise(judged)
    assert set(answer) == {
        "advice", "judgement", "at", "source", "needs", "risk", "missing", "human_review_required", "language"
    }  # fmt: skip
    assert (answer["judgement"], answer["source"], answer["missing"]) == (judged, "live", [])
    assert answer["human_review_required"] is True
    assert list(answer).index("needs") < list(answer).index("risk")  # service needs first
    assert answer["risk"]["model"] == {
        "name": "ltu-small", "version": 3, "digest": approved.digest, "card": "/v1/models/ltu-small/cards/3.md"
    }  # fmt: skip
    assert (answer["risk"]["as_of"], answer["risk"]["valid_until"]) == ("2026-11-28", "2026-12-12T12:00:00.000000Z")
    assert answer["risk"]["band"] in {"low", "typical", "elevated"}
    assert answer["needs"]["answer"] == "skills"
    for part in ("needs", "risk"):
        assert house.get(CASEWORKER, answer[part]["model"]["card"]).status_code == 200


def test_chances_at_each_horizon_fall_and_lie_within_their_intervals(house: House, judged: str) -> None:
    horizons = risk(house, judged)["horizons"]
    assert [(each["units"], each["unit"], each["days"]) for each in horizons] == [
        (6.0, "2 weeks", 84.0), (13.0, "2 weeks", 182.0), (26.0, "2 weeks", 364.0),
    ]  # fmt: skip
    chances = [each["still_unemployed"] for each in horizons]
    assert all(0 <= each["low"] <= each["probability"] <= each["high"] <= 1 for each in chances)
    shares = [each["probability"] for each in chances]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_what_lengthens_a_spell_in_the_data_raises_the_chance(house: House, judged: str) -> None:
    def at_12_months(**changed: Any) -> float:
        chance: float = risk(house, judged, **changed)["horizons"][-1]["still_unemployed"]["probability"]
        return chance

    assert at_12_months(tenure=28) > at_12_months(tenure=2)
    assert at_12_months(course=False) > at_12_months(course=True)
    assert at_12_months(trade="cook") > at_12_months(trade="welder")


def test_reasons_name_kind_value_and_direction(house: House, judged: str) -> None:
    reasons = {each["column"]: each for each in risk(house, judged, course=True)["reasons"]}
    assert reasons["course"] == {
        "reason": "course", "label": "On a course", "column": "course", "value": True,
        "kind": "service_can_change", "what": "On a course (yes)", "goes_with": "shorter",
        "text": "A service can change this: On a course (yes) goes together with a shorter spell of unemployment.",
    }  # fmt: skip
    assert reasons["trade"]["goes_with"] == "longer"


@pytest.mark.parametrize(
    ("changed", "label"), [({"trade": "astronaut"}, "Trade"), ({"area": "West"}, "Seeks work in"),
                           ({"tenure": 49}, "Years in the lost job")],
)  # fmt: skip
def test_what_training_never_saw_makes_the_hint_uncertain(changed: Json, label: str, house: House, judged: str) -> None:
    part = risk(house, judged, **changed)
    assert part["band"] == "uncertain"
    assert any(f"values like these: {label}." in caveat for caveat in part["caveats"])


@pytest.mark.parametrize("left_out", [True, False])
def test_a_missing_value_is_named(left_out: bool, house: House, judged: str) -> None:
    given = {name: value for name, value in RISK.items() if name != "wage"} | ({} if left_out else {"wage": None})
    part = house.advise(judged, risk=given)["risk"]
    assert "The hint was made without knowing: Wage before." in part["caveats"]


def test_a_weak_model_says_so(house: House, judged: str) -> None:
    assert any("The model is weak" in caveat for caveat in risk(house, judged)["caveats"])


def test_inputs_of_one_model_alone(house: House, judged: str) -> None:
    answer = done(house.post(CASEWORKER, "/v1/advice", {"judgement": judged, "risk": RISK}))
    assert answer["needs"] is None
    assert [each["part"] for each in answer["missing"]] == ["needs"]
    assert answer["missing"][0]["why"].startswith("no hint lies ready for this client")
    assert house.refused(judged, risk=None, needs=None) == (404, "no-hint")


def test_the_integration_rule_answers_first(house: House, judged: str) -> None:
    part = house.advise(judged, plan={"start": "2026-01-01"})["needs"]
    assert (part["answer"], part["basis"], part["rule"]["holds"]) == ("integration", "rule", True)
    over = house.advise(judged, plan={"start": "2020-01-01", "end": "2023-01-01"})["needs"]
    assert (over["answer"], over["basis"], over["rule"]["holds"]) == ("skills", "model", False)


@pytest.mark.parametrize(
    ("asked", "language"),
    [("", "fi"), ("fi-FI", "fi"), ("sv", "sv"), ("en-GB,fi;q=0.3", "en"), ("de", "fi"), ("*", "fi")],
)
def test_languages(asked: str, language: str, house: House, judged: str) -> None:
    body = {"judgement": judged, "risk": RISK, "needs": NEEDS}
    answer = house.post(CASEWORKER, "/v1/advice", body, Accept_Language=asked)
    assert answer.json()["language"] == answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    assert re.match(WORDS[language], answer.json()["risk"]["words"])


def test_headers_of_a_hint(house: House, judged: str) -> None:
    headers = house.post(CASEWORKER, "/v1/advice", {"judgement": judged, "risk": RISK}).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "server" not in headers


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
    tenure: float, left: list[float], model: TrainedModel, approved: Approved, parts: Parts, sqlite_url: str
) -> None:
    late = looked_at(model, "tenure")
    inputs = inputs_model([each.column for each in late.encoder.inputs])
    late_parts = replace(parts, loaded={"ltu-small": lambda gate: InUse(approved, late, True, inputs, gate)})
    with house_on(late_parts, sqlite_url) as house:
        answer = house.advise(house.ready(), risk=RISK | {"tenure": tenure}, needs=None)
    part = answer["risk"]
    assert [each["units"] for each in part["horizons"]] == left
    told = [part[name] is not None for name in ("band", "band_words", "words")]
    assert told == [bool(left)] * 3
    assert answer["human_review_required"] is True
    already = "Already unemployed for 12 months or longer: of that time there is nothing to predict."
    assert (part["caveats"] == [already]) is not bool(left)


# ---------------------------------------------------------------- advisory


def names_in(schema: Any) -> Iterator[str]:
    """Return the name of every property in a document, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from names_in(each)


def test_no_property_reads_as_a_decision_about_a_person(house: House) -> None:
    names = set(names_in(house.get(None, "/openapi.json").json()))
    assert {"band", "goes_with", "service_need"} <= names
    # Of a model, by a reviewer; of models that may not be used; why there is no hint.
    assert {name for name in names if DECIDING.search(name)} == {"approved_by", "refused", "refusal"}


def test_no_hint_reads_as_a_decision(house: House, judged: str) -> None:
    answer = house.post(CASEWORKER, "/v1/advice", {"judgement": judged, "risk": RISK, "needs": NEEDS})
    headers = {name: value for name, value in answer.headers.items() if name != "x-frame-options"}
    assert not DECIDING.search(answer.text + str(headers).lower())


def test_what_was_shown_is_kept_as_it_was_shown_and_the_log_holds_none_of_it(each_house: House) -> None:
    answer = each_house.advise(each_house.ready())
    ((id, need, band, content),) = each_house.rows("SELECT id, need, band, content FROM advices")
    assert (id, need, band) == (answer["advice"], answer["needs"]["answer"], answer["risk"]["band"])
    assert str(answer["risk"]["horizons"][0]["still_unemployed"]["probability"]) in content
    ((told,),) = each_house.rows("SELECT content FROM log WHERE action = 'advice'")
    assert answer["advice"] in told
    for private in ("skills", answer["risk"]["band"], "0.", "cook", "tenure", "2400"):
        assert private not in told


def test_a_model_of_one_task_alone_takes_no_inputs_of_the_other(parts: Parts, sqlite_url: str) -> None:
    with house_on(replace(parts, loaded={"ltu-small": parts.loaded["ltu-small"]}), sqlite_url) as house:
        judged = house.ready()
        answer = house.advise(judged, needs=None)
        assert (answer["needs"], answer["missing"]) == (None, [])
        refused = house.post(CASEWORKER, "/v1/advice", {"judgement": judged, "needs": NEEDS})
        assert kind_of(refused)[0] == 422
        assert refused.json()["errors"] == [{"loc": ["needs"], "msg": "No such model is in use here"}]
