"""What a person is told is open is what the signed steps take, with good answers; what is closed they refuse."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.errors import ApualyError, ContractError
from ml.governance.people import gaps
from ml.governance.policy import POLICY, read_policy
from ml.governance.review.answers import ApprovalAnswers
from ml.governance.review.asked import asked_of
from ml.governance.review.conditions import AUDIT, TASK
from ml.governance.review.history import review_of
from ml.governance.review.openings import CARD, CONDITION, KEY, ROLE, STATE, faults, openings
from ml.governance.review.rules import RULES
from ml.governance.review.statement import AuditFile, Binding, Fulfilment
from ml.governance.review.states import Step
from ml.governance.review.steps import Ask, Material, signing, statements_of
from ml.governance.signing.chain import Chain
from ml.governance.signing.keys import SigningKey, new_key
from ml.governance.signing.log import append, verify_log
from ml.governance.signing.role import Role
from ml.governance.signing.trust import Person, PersonKey, Trust

POLICY_NOW = read_policy(POLICY)
COMPLETE: dict[str, Any] = json.loads((POLICY.parent / "ltu-risk" / "1.json").read_text(encoding="utf-8"))
NAME = "ltu-risk"
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
OTHER = "sha256:" + "9" * 64
KEYS = {name: new_key() for name in ("Ada", "Grace", "Alan", "Una", "demo", "Old")}
ROLES = {
    "Ada": {Role.AUTHOR}, "Grace": {Role.ASSESSOR}, "Alan": {Role.APPROVER}, "Una": set(Role),
    "demo": set(Role),  # who trained the version
    "Old": set(Role),  # whose key has ended
}  # fmt: skip
TRUST = Trust(
    tuple(
        Person(name, frozenset(roles), False,
               (PersonKey(KEYS[name].public_key, None, date(2026, 11, 29) if name == "Old" else None),))
        for name, roles in ROLES.items()
    )
)  # fmt: skip
PEOPLE = {person.name: person for person in TRUST.people}


def changed_card(**changed: Any) -> dict[str, Any]:
    return {**COMPLETE, **changed}


def surely() -> dict[str, Any]:
    """Return a card on which nothing is insufficient: its approval is asked for one condition, to train again."""
    scopes = {name: {**counts, "insufficient": 0} for name, counts in COMPLETE["audit"]["scopes"].items()}
    return changed_card(audit={**COMPLETE["audit"], "scopes": scopes})


CARDS: Mapping[str, Mapping[str, Any]] = {
    "complete": COMPLETE,
    "nothing insufficient": surely(),
    "dialogue open": changed_card(people={**COMPLETE["people"], "dialogue": {}}),
    "nothing filled in": changed_card(people={}),
    "another policy": changed_card(limits={**COMPLETE["limits"], "policy": OTHER}),
}


@dataclass
class World:
    """A log, and what the card is now."""

    log: Path
    card: str = "complete"
    altered: bool = False
    readable: bool = True

    def material(self) -> Material:
        if not self.readable:
            raise ContractError("the card cannot be read")
        card = CARDS[self.card]
        digest = f"sha256:{hashlib.sha256(self.card.encode()).hexdigest()}"
        bound = Binding(OTHER, digest, POLICY_NOW.digest)
        return Material(card, "The card says many things.", ("1.md",) if self.altered else (), bound, POLICY_NOW)

    @property
    def chain(self) -> Chain:
        return verify_log(self.log, TRUST, None)

    def ask(self, name: str, step: Step, at: datetime, version: int = 1) -> Ask:
        """Return a step with answers that are as good as they can be."""
        plain = Ask(NAME, version, step, name, at, "For a good reason.")
        if step is Step.APPROVE:
            return replace(plain, form=self._answers(at))
        return replace(plain, fulfilment=self._fulfilment(at, version)) if step is Step.FULFIL else plain

    def _answers(self, at: datetime) -> ApprovalAnswers:
        material = World.material(replace(self, readable=True))
        asked = asked_of(material.card, POLICY_NOW, at.date())
        accepted: list[dict[str, Any]] = [{"deviation": each} for each in asked.deviations]
        accepted += [{"findings": [one["id"] for one in found]} for _, found in asked.failing]
        conditions = [{"kind": each.kind, "what": "As was said here.", "due": each.due, "every_days": each.every_days}
                      for each in asked.conditions]  # fmt: skip
        return ApprovalAnswers.model_validate({
            "card": material.binding.card, "reason": "Read it all.", "expires": asked.last,
            "does": "It estimates how long people in a like situation stay without work.",
            "could_go_wrong": "People with limited health may be flagged in vain and feel watched.",
            "accept": [{**each, "reason": "Known, and mended by spring."} for each in accepted],
            "condition": conditions,
        })  # fmt: skip

    def _fulfilment(self, at: datetime, version: int) -> Fulfilment:
        review = review_of(statements_of(self.chain), NAME, version)
        kinds = {each.condition.kind: each.condition.id for each in review.standings()}
        if AUDIT in kinds:
            verdicts = tuple((name, "auc", "pass") for name in COMPLETE["audit"]["words"])
            data = f"sha256:{hashlib.sha256(str(self.chain.last).encode()).hexdigest()}"
            audit = AuditFile(OTHER, data, POLICY_NOW.digest, at.date(), str(POLICY_NOW.audit.capacity), verdicts)
            return Fulfilment(kinds[AUDIT], audit)
        return Fulfilment(kinds.get(TASK, "C1"))

    def take(self, ask: Ask, key: SigningKey | None = None) -> None:
        append(self.log, TRUST, signing(ask, self.material, key or KEYS[ask.by], TRUST, POLICY_NOW))

    def takes(self, ask: Ask) -> str | None:
        """Return why a step would be refused; None: it would be taken. Nothing is written."""
        try:
            signing(ask, self.material, KEYS[ask.by], TRUST, POLICY_NOW)(self.chain)
        except ApualyError as refusal:
            return str(refusal)
        return None

    def openings(self, name: str, at: datetime) -> Mapping[Step, Any]:
        return openings((NAME, 1), PEOPLE[name], at, self.chain, self.material, POLICY_NOW)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., World]:
    return lambda **changed: World(tmp_path_factory.mktemp("log") / "log.jsonl", **changed)


def walked(world: World, *way: tuple[str, Step]) -> World:
    for minutes, (name, step) in enumerate(way):
        world.take(world.ask(name, step, MONDAY + timedelta(minutes=minutes)))
    return world


S = Step
SUBMITTED = (("Ada", S.SUBMIT),)
ASSESSED = (*SUBMITTED, ("Grace", S.ASSESS))
APPROVED = (*ASSESSED, ("Alan", S.APPROVE))
LIKELY = st.sampled_from(APPROVED) | st.tuples(st.sampled_from(list(ROLES)), st.sampled_from(list(Step)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ahead=st.sampled_from([(), SUBMITTED, ASSESSED, APPROVED]),
    way=st.lists(st.tuples(LIKELY, st.sampled_from([1, 1, 1, 2])), max_size=5),
    before=st.sampled_from(["complete", "nothing insufficient"]),
    card=st.sampled_from(list(CARDS)),
    altered=st.booleans(),
    readable=st.sampled_from([True, True, True, False]),
    days=st.sampled_from([1, 40, 120, 300]),
)
def test_what_is_said_to_be_open_is_taken_and_nothing_else(
    world: Callable[..., World], ahead: Any, way: Any, before: str, card: str, altered: bool, readable: bool, days: int
) -> None:
    here = walked(world(card=before), *ahead)
    for hours, ((name, step), version) in enumerate(way, start=1):
        ask = here.ask(name, step, MONDAY + timedelta(hours=hours), version)
        if here.takes(ask) is None:
            here.take(ask)
    now = replace(here, card=card, altered=altered, readable=readable)
    at = MONDAY + timedelta(days=days)
    for name in ROLES:
        for step, closed in now.openings(name, at).items():
            refused = now.takes(now.ask(name, step, at))
            assert (closed is None) == (refused is None), (name, step, closed, refused)


@pytest.mark.parametrize(
    ("way", "who", "step", "changed", "rule"),
    [
        ((), "Ada", S.SUBMIT, {}, None),
        ((), "Ada", S.SUBMIT, {"card": "dialogue open"}, None),
        ((), "Ada", S.SUBMIT, {"card": "nothing filled in"}, "documented"),
        ((), "Ada", S.SUBMIT, {"altered": True}, "whole"),
        ((), "Ada", S.SUBMIT, {"readable": False}, CARD),
        ((), "Ada", S.SUBMIT, {"card": "another policy"}, "same_policy"),
        ((), "Grace", S.SUBMIT, {}, ROLE),
        ((), "Old", S.SUBMIT, {}, KEY),
        ((), "Grace", S.ASSESS, {}, STATE),
        (SUBMITTED, "Grace", S.ASSESS, {}, None),
        (SUBMITTED, "Grace", S.ASSESS, {"card": "dialogue open"}, "complete"),
        (SUBMITTED, "demo", S.ASSESS, {}, "not_author"),
        (SUBMITTED, "Ada", S.ASSESS, {}, ROLE),
        ((("Una", S.SUBMIT),), "Una", S.ASSESS, {}, "not_author"),
        ((*SUBMITTED, ("Una", S.ASSESS)), "Una", S.APPROVE, {}, "not_assessor"),
        (ASSESSED, "Alan", S.APPROVE, {}, None),
        (ASSESSED, "Alan", S.APPROVE, {"card": "nothing insufficient"}, "as_assessed"),
        (APPROVED, "Grace", S.FULFIL, {}, None),
        (APPROVED, "Ada", S.REVOKE, {"readable": False}, None),
        (APPROVED, "Alan", S.SUBMIT, {}, STATE),
    ],
)
def test_why_a_step_is_closed(
    world: Callable[..., World], way: Any, who: str, step: Step, changed: Any, rule: str | None
) -> None:
    closed = replace(walked(world(), *way), **changed).openings(who, MONDAY + timedelta(days=1))[step]
    assert (None if closed is None else closed.rule) == rule
    assert closed is None or ("\n" not in closed.words and closed.words)
    assert rule in {None, STATE, ROLE, KEY, CARD, *RULES}


def test_a_condition_to_train_again_is_not_met_by_words(world: Callable[..., World]) -> None:
    here = walked(world(card="nothing insufficient"), *APPROVED)
    closed = here.openings("Grace", MONDAY + timedelta(days=1))[Step.FULFIL]
    assert closed is not None
    assert closed.rule == CONDITION


def test_all_that_is_wrong_with_the_answers_is_told_at_once(world: Callable[..., World]) -> None:
    here = walked(world(), *ASSESSED)
    good = here.ask("Alan", Step.APPROVE, MONDAY + timedelta(hours=1))
    assert isinstance(good.form, ApprovalAnswers)

    def told(**changed: Any) -> set[str]:
        ask = replace(good, form=good.form.model_copy(update=changed))  # type: ignore[union-attr]
        return set(faults(ask, PEOPLE["Alan"], here.chain, here.material, POLICY_NOW))

    assert told() == set()
    assert told(does="Short.", reason="", expires=date(2030, 1, 1), condition=()) == {
        "reasons", "understood", "ends_in_time", "watched", "failures_accepted",
    }  # fmt: skip
    assert told(accept=good.form.accept[1:]) == {"deviations_accepted"}


def test_answers_and_toml_make_the_same_approval(world: Callable[..., World]) -> None:
    """The form in a file and the answers of a page are one: signed, they are the same to the byte but for the text."""
    from ml.governance.review.form import approval_form, read_approval

    from ..conftest import filled_in

    here = walked(world(), *ASSESSED)
    material = here.material()
    text = filled_in(approval_form(material.card, material.binding.card, POLICY_NOW, MONDAY.date()))
    approval, _ = read_approval(text, material.binding.card, None)
    ask = here.ask("Alan", Step.APPROVE, MONDAY)
    page = ApprovalAnswers.model_validate_json(ask.form.model_dump_json())  # type: ignore[union-attr]
    asked = asked_of(material.card, POLICY_NOW, MONDAY.date())
    assert approval.expires.date() == page.expires == asked.last
    assert [each.of for each in approval.accepted] == [
        each.findings or (each.deviation,) for each in page.accept
    ]  # in the same order
    assert [(each.kind, each.due, each.every_days) for each in approval.conditions] == [
        (each.kind, each.due, each.every_days) for each in page.condition
    ]


def test_the_card_of_these_tests_has_no_gap() -> None:
    assert gaps(COMPLETE) == ()
    assert gaps(CARDS["dialogue open"])
