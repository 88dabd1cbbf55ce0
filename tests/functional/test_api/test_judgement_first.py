"""A hint only after one's own judgement of that client, however it is gone about."""

from __future__ import annotations

import pytest

from .house import ANNA, BEN, CASEWORKER, COLLEAGUE, NEEDS, RISK, House, done, judgement, kind_of

MADE_UP = "0123456789abcdef" * 2


def test_first_a_judgement_then_a_hint(each_house: House) -> None:
    each_house.assign()
    each_house.right("consent")
    assert each_house.refused(MADE_UP) == (404, "judgement-first")
    answer = each_house.advise(each_house.judge())
    assert answer["needs"] is not None
    assert answer["risk"] is not None


def test_it_must_be_named(house: House) -> None:
    house.ready()
    for body in ({}, {"risk": RISK}, {"judgement": None}, {"judgement": ""}, {"judgement": MADE_UP.upper()}):
        assert kind_of(house.post(CASEWORKER, "/v1/advice", body))[0] == 422


def test_anothers_judgement_reads_as_one_that_is_not_there(house: House) -> None:
    theirs = house.ready()
    access = {"client": ANNA, "ground": "handover", "why": "Takes over next week."}
    done(house.post(COLLEAGUE, "/v1/accesses", access), 201)
    answers = [
        house.post(COLLEAGUE, "/v1/advice", {"judgement": each, "risk": RISK, "needs": NEEDS})
        for each in (theirs, MADE_UP)
    ]
    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    house.advise(house.judge(who=COLLEAGUE), COLLEAGUE)


def test_a_hint_is_about_the_client_who_was_judged(house: House) -> None:
    """The question has no other place to name a client, so that a judgement of one opens no hint of another."""
    anna, ben = house.ready(ANNA), house.ready(BEN)
    house.advise(ben)
    assert house.rows("SELECT judgement, client FROM advices") == [(ben, BEN["pseudonym"])]
    for field in ("client", "pseudonym"):
        named = BEN if field == "client" else BEN["pseudonym"]
        assert house.refused(anna, **{field: named})[0] == 422


def test_a_judgement_stands_for_fourteen_days(each_house: House) -> None:
    old = each_house.ready()
    each_house.clock.pass_by(days=14)
    each_house.advise(old)
    each_house.clock.pass_by(seconds=1)
    assert each_house.refused(old) == (409, "judgement-old")
    each_house.advise(each_house.judge())


def test_until_when_it_stands_is_told(house: House) -> None:
    house.assign()
    told = done(house.post(CASEWORKER, "/v1/judgements", judgement()), 201)
    assert (told["at"], told["valid_until"]) == ("2026-11-28T12:00:00.000000Z", "2026-12-12T12:00:00.000000Z")


def test_a_judgement_goes_with_the_client_who_is_erased(each_house: House) -> None:
    before = each_house.ready()
    each_house.erase()
    assert each_house.refused(before) == (404, "judgement-first")
    consent = {"client": ANNA, "right": "consent", "in_force": True, "since": "2026-11-28"}
    done(each_house.post("demo-officer", "/v1/rights", consent))
    each_house.assign()
    assert each_house.refused(before) == (404, "judgement-first")
    each_house.advise(each_house.judge())


def test_a_judgement_is_never_changed(house: House) -> None:
    """There is no address for it, and a second one is another."""
    first = house.ready()
    second = house.judge(service_need="rehabilitation")
    assert first != second
    assert house.rows("SELECT id, service_need FROM judgements ORDER BY seq") == [
        (first, "skills"), (second, "rehabilitation"),
    ]  # fmt: skip
    for method in ("PUT", "PATCH", "DELETE", "POST", "GET"):
        assert kind_of(house.ask(CASEWORKER, method, f"/v1/judgements/{first}"))[0] == 404


# ---------------------------------------------------------------- an integration, which hands on what others saw


def test_an_integration_names_the_caseworker_whose_view_it_hands_on(each_house: House) -> None:
    each_house.assign()
    each_house.right("consent")
    integration = "demo-integration"
    assert kind_of(each_house.post(integration, "/v1/judgements", judgement()))[0] == 403
    handed_on = each_house.judge(who=integration, caseworker=CASEWORKER)
    assert each_house.refused(handed_on, integration)[0] == 403
    assert each_house.refused(handed_on, integration, caseworker=COLLEAGUE) == (404, "judgement-first")
    advice = each_house.advise(handed_on, integration, caseworker=CASEWORKER)["advice"]
    feedback = {"advice": advice, "agrees": "agree", "done": ["skills"]}
    assert kind_of(each_house.post(integration, "/v1/feedback", feedback))[0] == 403
    assert kind_of(each_house.post(integration, "/v1/feedback", {**feedback, "caseworker": COLLEAGUE}))[0] == 404
    done(each_house.post(integration, "/v1/feedback", {**feedback, "caseworker": CASEWORKER}), 201)
    who = "SELECT action, who, role FROM log WHERE action IN ('judgement', 'advice', 'feedback') ORDER BY seq"
    assert each_house.rows(who) == [
        (action, integration, "integration") for action in ("judgement", "advice", "feedback")
    ]


def test_an_integration_judges_for_whose_client_it_is_alone(house: House) -> None:
    house.assign()
    bodies = [judgement(ANNA, caseworker=COLLEAGUE), judgement(BEN, caseworker=CASEWORKER)]
    answers = [house.post("demo-integration", "/v1/judgements", each) for each in bodies]
    assert [kind_of(each) for each in answers] == [(403, "not-your-client")] * 2
    assert answers[0].content == answers[1].content
    done(house.post(COLLEAGUE, "/v1/accesses", {"client": ANNA, "ground": "handover", "why": "x"}), 201)
    assert kind_of(house.post("demo-integration", "/v1/judgements", bodies[0])) == (403, "not-your-client")


def test_a_caseworker_acts_for_nobody_else(house: House) -> None:
    judged = house.ready()
    house.judge(caseworker=CASEWORKER)
    house.advise(judged, caseworker=CASEWORKER)
    for path, body in (
        ("/v1/judgements", judgement(caseworker=COLLEAGUE)),
        ("/v1/advice", {"judgement": judged, "caseworker": COLLEAGUE}),
    ):
        assert kind_of(house.post(CASEWORKER, path, body)) == (403, "about:blank")
    assert kind_of(house.post(COLLEAGUE, "/v1/advice", {"judgement": judged, "caseworker": CASEWORKER}))[0] == 403


# ---------------------------------------------------------------- what became of it


def test_feedback_is_given_once_and_by_who_was_shown_the_hint(each_house: House) -> None:
    advice = each_house.advise(each_house.ready())["advice"]
    said = {"advice": advice, "agrees": "disagree", "why": "Has found a place.", "done": ["nothing_new"]}
    assert kind_of(each_house.post(COLLEAGUE, "/v1/feedback", said))[0] == 404
    assert kind_of(each_house.post(CASEWORKER, "/v1/feedback", {**said, "advice": MADE_UP}))[0] == 404
    done(each_house.post(CASEWORKER, "/v1/feedback", said), 201)
    assert kind_of(each_house.post(CASEWORKER, "/v1/feedback", {**said, "agrees": "agree"}))[0] == 409
    assert each_house.rows("SELECT agrees, why FROM feedback") == [("disagree", "Has found a place.")]


@pytest.mark.parametrize(
    "changed",
    [
        {"done": []},
        {"done": ["skills"] * 7},
        {"done": ["dismissed"]},
        {"done": "skills"},
        {"agrees": "maybe"},
        {"why": ""},
        {"why": " \n"},
        {"why": "x" * 2001},
    ],
)
def test_feedback_that_says_nothing(changed: dict[str, object], house: House) -> None:
    advice = house.advise(house.ready())["advice"]
    said = {"advice": advice, "agrees": "agree", "why": "x", "done": ["skills"], **changed}
    assert kind_of(house.post(CASEWORKER, "/v1/feedback", said))[0] == 422
