"""What must hold for a step: each rule, and the ways round it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ml.contracts import Policy
from ml.errors import ApualyError, GateError, UsageError
from ml.governance.people import Gap
from ml.governance.review.approval_rules import deviations
from ml.governance.review.history import Review
from ml.governance.review.rules import RULES
from ml.governance.review.situation import Situation
from ml.governance.review.statement import Acceptance, Approval, Binding, Fulfilment, Statement
from ml.governance.review.states import Step
from ml.governance.review.words import is_sentence, words

from .reviewing import BOUND, MONDAY, approval, audited, condition, fulfilled, review, step

S = Step
DATA = "sha256:" + "7" * 64
DEVIATION = "no temporal validation: the split is random"


def card(failing: int = 2, unsure: int = 0, **changed: Any) -> dict[str, Any]:
    findings = [{"id": f"F{number}", "verdict": "fail"} for number in range(1, failing + 1)]
    return {"audit": {"findings": [*findings, *({"verdict": "insufficient"} for _ in range(unsure))],
                      "words": {"gender": {}}},
            "deviations": [], "people": {}, "limits": {"policy": BOUND.policy}, "cohort": {"digest": DATA},
            **changed}  # fmt: skip


def check(rule: str, policy: Policy, *before: Step | Statement, asked: Statement, **changed: Any) -> None:
    """Ask one rule of a step."""
    known = {"card": card(), "text": "The card says many things.", "gaps": (), "altered": (), "before": ()} | changed
    RULES[rule](Situation(review(*before), asked, policy=policy, **known))


def approve(**changed: Any) -> Statement:
    return step(S.APPROVE, approval=approval(condition(), **changed))


@pytest.mark.parametrize(
    ("rule", "asked", "refused"),
    [
        ("not_author", step(S.ASSESS), None),
        (
            "not_author",
            step(S.ASSESS, person="Ada"),
            "Ada submitted or trained ltu-small version 1; somebody else must",
        ),
        ("not_author", step(S.ASSESS, person="ÁDA "), "Ada submitted"),
        ("not_author", step(S.ASSESS, person="A\u200bda"), "Ada submitted"),
        ("not_author", step(S.ASSESS, person="Аda"), "Ada submitted"),  # a Cyrillic А
        ("not_assessor", step(S.APPROVE), None),
        ("not_assessor", step(S.APPROVE, person="grace"), "Grace assessed ltu-small version 1; somebody else must"),
    ],
)
def test_three_different_people(policy: Policy, rule: str, asked: Statement, refused: str | None) -> None:
    if refused is None:
        check(rule, policy, S.SUBMIT, S.ASSESS, asked=asked)
    else:
        with pytest.raises(GateError, match=refused):
            check(rule, policy, S.SUBMIT, S.ASSESS, asked=asked)


@pytest.mark.parametrize("person", ["Ada", "Beda", "Carol"])
def test_who_ever_submitted_it_or_trained_it_is_its_author(policy: Policy, person: str) -> None:
    again, trained = step(S.SUBMIT, person="Beda"), card(provenance={"trained_by": "carol"})
    with pytest.raises(GateError, match="submitted or trained"):
        check("not_author", policy, S.SUBMIT, S.RETURN, again, asked=step(S.ASSESS, person=person), card=trained)
    check("not_author", policy, S.SUBMIT, S.RETURN, again, asked=step(S.ASSESS), card=trained)


def test_who_ever_assessed_it_does_not_approve_it(policy: Policy) -> None:
    way = (S.SUBMIT, S.ASSESS, S.RETURN, S.SUBMIT, step(S.ASSESS, person="Gilda"))
    for person in ("Grace", "Gilda"):
        with pytest.raises(GateError, match=f"{person} assessed"):
            check("not_assessor", policy, *way, asked=step(S.APPROVE, person=person))


def test_a_card_that_another_policy_judged(policy: Policy) -> None:
    check("same_policy", policy, asked=step(S.SUBMIT))
    with pytest.raises(GateError, match="was judged by another policy than the one in force"):
        check("same_policy", policy, asked=step(S.SUBMIT), card=card(limits={"policy": "sha256:older"}))


@pytest.mark.parametrize("reason", ["", "no", "I agree", "   yes   yes   ", "- - -", "1 2 3 4", ". . . ok"])
def test_a_word_is_no_reason(policy: Policy, reason: str) -> None:
    with pytest.raises(UsageError, match="say why in at least 3 words"):
        check("reasons", policy, asked=step(S.REJECT, reason=reason))


def test_gaps(policy: Policy) -> None:
    dialogue, data = Gap("dialogue", "dialogue.heard", "nobody was heard"), Gap("data", "data.source", "no source")
    check("documented", policy, asked=step(S.SUBMIT), gaps=(dialogue,))
    with pytest.raises(GateError, match=r"has 1 gap: no source. Fill them in: apualy card fill ltu-small"):
        check("documented", policy, asked=step(S.SUBMIT), gaps=(dialogue, data))
    with pytest.raises(GateError, match="has 2 gaps: nobody was heard; no source"):
        check("complete", policy, asked=step(S.ASSESS), gaps=(dialogue, data))


def test_what_was_altered_is_not_assessed(policy: Policy) -> None:
    with pytest.raises(GateError, match=r"is not as it was made: 1\.md is not what the card's source gives"):
        check("whole", policy, asked=step(S.ASSESS), altered=("1.md is not what the card's source gives",))


@pytest.mark.parametrize("what", ["artefact", "card", "policy"])
def test_what_is_approved_is_what_was_assessed(policy: Policy, what: str) -> None:
    check("as_assessed", policy, S.SUBMIT, S.ASSESS, asked=step(S.APPROVE))
    other: Binding = replace(BOUND, **{what: "sha256:" + "e" * 64})
    with pytest.raises(GateError, match=f"the {what} of ltu-small version 1 changed after it was assessed"):
        check("as_assessed", policy, S.SUBMIT, S.ASSESS, asked=step(S.APPROVE, binding=other))


GOOD = approval()
COPIED = step(S.APPROVE, person="Barbara", name="ltu-other")


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({}, None),
        ({"does": "It works."}, "does says too little"),
        ({"could_go_wrong": ""}, "could_go_wrong says too little"),
        ({"does": "the card... SAYS many things (and so on)"}, None),
        ({"does": "Advice to a caseworker about how long it lasts"}, "does repeats the card"),
        ({"does": "advice, to a caseworker; about HOW LONG it lasts!"}, "does repeats the card"),
        ({"could_go_wrong": GOOD.does}, "say the same"),
        ({"could_go_wrong": " ".join(reversed(GOOD.does.split()))}, "say the same"),
        ({"does": "x x x x x x"}, "does says too little"),
        ({"does": "a b c d e f g h"}, "does says too little"),
        ({"does": "it works it works it works it works"}, "does says too little"),
        ({"does": "- - - - - - - -"}, "does says too little"),
    ],
)
def test_who_approves_says_it_in_their_own_words(policy: Policy, changed: Any, refused: str | None) -> None:
    text = "## What it is for\n\nAdvice to a caseworker about how long it lasts.\n"
    if refused is None:
        check("understood", policy, asked=approve(**changed), text=text)
    else:
        with pytest.raises(GateError, match=refused):
            check("understood", policy, asked=approve(**changed), text=text)


def test_the_words_of_another_approver_are_not_ones_own(policy: Policy) -> None:
    with pytest.raises(GateError, match="does repeats what Barbara wrote of another version"):
        check("understood", policy, asked=approve(), before=(COPIED,))
    check("understood", policy, asked=approve(), before=(replace(COPIED, person="Alan"),))


def accepted(*given: tuple[tuple[str, ...], str]) -> Approval:
    return approval(condition(), accepted=tuple(Acceptance(of, reason) for of, reason in given))


WHY = "Known, and mended by spring."


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ([(("F1", "F2"), WHY)], None),
        ([(("F1",), WHY), (("F2",), WHY)], None),
        ([(("F1",), WHY)], "each failing finding needs a written acceptance; missing: F2"),
        ([], "missing: F1; F2"),
        ([(("F1", "F2"), "accepted")], "say why in at least 3 words: F1; F2"),
        ([(("F1", "F2"), WHY), (("F2",), WHY)], "F2 is accepted twice"),
    ],
)
def test_each_failing_finding_is_accepted(policy: Policy, given: Any, refused: str | None) -> None:
    asked = step(S.APPROVE, approval=accepted(*given))
    if refused is None:
        check("failures_accepted", policy, asked=asked)
    else:
        with pytest.raises(GateError, match=refused):
            check("failures_accepted", policy, asked=asked)


def test_a_failed_audit_needs_a_condition(policy: Policy) -> None:
    bare = step(S.APPROVE, approval=approval())
    with pytest.raises(GateError, match="an approval needs a condition with a deadline"):
        check("failures_accepted", policy, asked=bare)
    check("failures_accepted", policy, asked=step(S.APPROVE, approval=approval(accepted=())), card=card(0))


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ({}, []),
        ({"dialogue": {"weighing": [{"norm": "fairness", "verdict": "strains"}]}}, []),
        ({"dialogue": {"weighing": [{"norm": "fairness", "verdict": "breaks"}]}},
         ["the ethical dialogue finds that it breaks a norm: fairness"]),
        ({"dialogue": {"recommendation": {"recommend": "reject"}}}, ["the ethical dialogue recommends to reject it"]),
    ],
)  # fmt: skip
def test_each_deviation_is_accepted(policy: Policy, people: Any, words: list[str]) -> None:
    odd = card(0, deviations=[DEVIATION], people=people)
    assert deviations(odd) == [DEVIATION, *words]
    whole = accepted(*(((each,), WHY) for each in (DEVIATION, *words)))
    check("deviations_accepted", policy, asked=step(S.APPROVE, approval=whole), card=odd)
    with pytest.raises(GateError, match="each deviation needs a written acceptance; missing: no temporal"):
        check("deviations_accepted", policy, asked=approve(accepted=()), card=odd)
    stray = approve(accepted=(*whole.accepted, Acceptance(("F9",), WHY)))
    with pytest.raises(GateError, match="has nothing to accept by the name of F9"):
        check("deviations_accepted", policy, asked=stray, card=odd)


@pytest.mark.parametrize(
    ("conditions", "refused"),
    [
        ([condition("audit")], None),
        ([condition("audit", every_days=30)], None),
        ([condition("retrain")], r"evidence on ltu-small version 1 is insufficient \(3 findings\)"),
        ([condition("audit", 0)], "due 2026-11-30 is not between tomorrow and the end of the approval"),
        ([condition("audit", 91)], "is not between tomorrow and the end of the approval"),
        ([condition("audit", what="soon")], "say what is asked in at least 3 words"),
        ([condition("audit", every_days=0)], "every_days is of a condition of kind audit, 1 to 90"),
        ([condition("audit", every_days=9_000_000)], "every_days is of a condition of kind audit, 1 to 90"),
        ([condition("audit", attribute="gender", metric="false_positive_rate")], None),
        ([condition("audit", attribute="age")], "attribute must be one of gender"),
        ([condition("audit", metric="vibes")], "metric must be one of false_positive_rate"),
        ([condition("audit"), condition("task", id="C2", metric="auc")], "attribute and metric are of a condition"),
        ([condition("audit"), condition("retrain", id="C2", every_days=30)], "every_days is of a condition of kind"),
        ([condition("watch")], "kind is 'watch'; it must be one of retrain, audit, task"),
        ([condition("audit"), condition("task")], "two conditions have the same id"),
    ],
)
def test_conditions(policy: Policy, conditions: Any, refused: str | None) -> None:
    asked = step(S.APPROVE, approval=approval(*conditions))
    if refused is None:
        check("watched", policy, asked=asked, card=card(0, 3))
    else:
        with pytest.raises(GateError, match=refused):
            check("watched", policy, asked=asked, card=card(0, 3))


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, False), (1, True), (181, True), (182, False)])
def test_an_approval_ends_in_time(policy: Policy, days: int, holds: bool) -> None:
    """Six months after the 30th of November is the 30th of May: 181 days."""
    asked = approve(expires=MONDAY + timedelta(days=days))
    if holds:
        check("ends_in_time", policy, asked=asked)
    else:
        with pytest.raises(GateError, match="an approval lasts at most 6 months"):
            check("ends_in_time", policy, asked=asked)


@pytest.mark.parametrize(
    ("kind", "said", "refused"),
    [
        ("task", Fulfilment("C1"), None),
        ("task", Fulfilment("C2"), "has no such condition; it has C1"),
        ("task", None, "has no such condition"),
        ("task", Fulfilment("C1", audited()), "is no audit: say in --reason"),
        ("audit", Fulfilment("C1", audited()), None),
        ("audit", Fulfilment("C1"), "is met by an audit: --audit FILE"),
        ("retrain", Fulfilment("C1"), "is met by training and submitting a newer version"),
    ],
)
def test_a_condition_is_met_in_its_own_way(policy: Policy, kind: str, said: Any, refused: str | None) -> None:
    ours = replace(policy, digest=BOUND.policy)
    approved = step(S.APPROVE, approval=approval(condition(kind)))
    asked = step(S.FULFIL, fulfilment=said)
    if refused is None:
        check("is_condition", ours, S.SUBMIT, S.ASSESS, approved, asked=asked)
    else:
        with pytest.raises(ApualyError, match=refused):
            check("is_condition", ours, S.SUBMIT, S.ASSESS, approved, asked=asked)


@pytest.mark.parametrize(
    ("audit", "refused"),
    [
        (audited(at=MONDAY + timedelta(days=10)), None),
        (audited(at=MONDAY - timedelta(days=1)), "made on 2026-11-29; it must be of a day since the approval"),
        (audited(at=MONDAY + timedelta(days=30)), "it must be of a day since"),  # a day that has not come
        (audited(at=MONDAY + timedelta(days=10), policy="sha256:laxer"), "judged by another policy or cut"),
        (audited(at=MONDAY + timedelta(days=10), capacity="0.9"), "judged by another policy or cut"),
        (audited(at=MONDAY + timedelta(days=10), data=audited().data), "an audit of the same data was made before"),
        (audited(at=MONDAY + timedelta(days=10), data=DATA), "an audit of the same data was made before"),
        (audited(at=MONDAY + timedelta(days=10), verdicts=(("coin", "auc", "pass"),)), "does not judge gender"),
        (audited(at=MONDAY + timedelta(days=10), data="sha256:hello"), "does not say of which data it is"),
        (audited(at=MONDAY + timedelta(days=10), verdicts=(("gender", "auc", "insufficient"),)), "could judge nothing"),
    ],
)
def test_an_audit_that_counts(policy: Policy, audit: Any, refused: str | None) -> None:
    ours = replace(policy, digest=BOUND.policy)
    before = (S.SUBMIT, S.ASSESS, step(S.APPROVE, approval=approval(condition("audit"))), fulfilled("pass"))
    asked = step(S.FULFIL, MONDAY + timedelta(days=20), fulfilment=Fulfilment("C1", audit))
    if refused is None:
        check("is_condition", ours, *before, asked=asked)
    else:
        with pytest.raises(GateError, match=refused):
            check("is_condition", ours, *before, asked=asked)


@pytest.mark.parametrize(("said", "refused"), [(2, None), (None, "must supersede version 2"), (3, "must supersede")])
def test_an_approval_names_what_it_supersedes(policy: Policy, said: int | None, refused: str | None) -> None:
    before = tuple(step(each, version=2) for each in (S.SUBMIT, S.ASSESS, S.APPROVE))
    if refused is None:
        check("supersedes", policy, asked=approve(supersedes=said), before=before)
    else:
        with pytest.raises(GateError, match=refused):
            check("supersedes", policy, asked=approve(supersedes=said), before=before)
    with pytest.raises(GateError, match="must supersede no version"):
        check("supersedes", policy, asked=approve(supersedes=2))


def test_what_is_watched_must_be_judged(policy: Policy) -> None:
    ours = replace(policy, digest=BOUND.policy)
    watched = condition("audit", attribute="gender", metric="false_negative_rate")
    before = (S.SUBMIT, S.ASSESS, step(S.APPROVE, approval=approval(watched)))
    with pytest.raises(GateError, match="the audit does not judge gender, false_negative_rate"):
        check("is_condition", ours, *before, asked=step(S.FULFIL, fulfilment=Fulfilment("C1", audited())))


def test_words() -> None:
    assert words("a — b 12 c3") == 3
    assert is_sentence("Se arvioi, kuinka kauan työttömyys jatkuu.")
    assert not is_sentence("Hyvä malli on hyvä.")


def test_what_was_said_before_a_return_counts_no_more(policy: Policy) -> None:
    found: Review = review(S.SUBMIT, S.ASSESS, S.RETURN, S.SUBMIT)
    assert found.last(S.ASSESS) is None
    with pytest.raises(GateError, match="changed after it was assessed"):
        check("as_assessed", policy, S.SUBMIT, S.ASSESS, S.RETURN, S.SUBMIT, asked=step(S.APPROVE))
