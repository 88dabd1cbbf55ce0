"""A named person takes a step on a version: asked under the lock of the log, signed, written, mirrored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ml.contracts import Policy
from ml.errors import GateError, UsageError

from ..people.gaps import gaps
from ..signing.chain import Chain, Entry
from ..signing.envelope import seal
from ..signing.keys import SigningKey
from ..signing.names import same_person
from ..signing.trust import Person, Trust
from .answers import ApprovalAnswers, approval_of
from .form import read_approval
from .history import Review, in_use, review_of
from .months import as_utc
from .rules import RULES
from .situation import Situation
from .statement import Approval, Binding, Fulfilment, Statement, read, written
from .states import Step, Transition, find, open_steps


@dataclass(frozen=True)
class Ask:
    """Which step somebody asks for.

    by    who they say they are; the key shows it
    form   of an approval, as filled in: as TOML, or as its answers
    audit  of a condition that is met by one: the text of its file
    """

    name: str
    version: int
    step: Step
    by: str
    at: datetime
    reason: str = ""
    form: str | ApprovalAnswers | None = None
    fulfilment: Fulfilment | None = None
    audit: str | None = None


@dataclass(frozen=True)
class Material:
    """What the step is about, as it is now.

    text  all that people read of the card
    """

    card: Mapping[str, Any]
    text: str
    altered: tuple[str, ...]
    binding: Binding
    policy: Policy


NOT_ASKED_AGAIN = ("documented", "complete", "whole")
WITHOUT_CARD = (Step.RETURN, Step.REJECT, Step.REVOKE)


def signer(key: SigningKey, ask: Ask, trust: Trust) -> Person:
    """Return whose key it is. Raises GateError when it is not of who asks."""
    person = trust.signer(key.keyid, ask.at)
    if not same_person(person.name, ask.by):
        raise GateError(f"this key is {person.name}'s, not {ask.by}'s; sign with your own: --key FILE")
    return person


def signing(
    ask: Ask, material: Callable[[], Material], key: SigningKey, trust: Trust, policy: Policy
) -> Callable[[Chain], Mapping[str, Any]]:
    """Return what signs the step for a place at the end of the log, when the step is open there and then.

    It is called under the log's lock: of two who ask at once, the second is told what the first one did.
    """

    def sign(chain: Chain) -> Mapping[str, Any]:
        said = said_by(signer(key, ask, trust), ask, chain, material, policy)
        for rule in said.row.must:
            RULES[rule](said.situation)
        return seal(written(said.situation.asked), key)

    return sign


@dataclass(frozen=True)
class Said:
    """What somebody is about to sign, with all that the rules of its row look at."""

    row: Transition
    situation: Situation


def said_by(
    person: Person,
    ask: Ask,
    chain: Chain,
    material: Callable[[], Material],
    policy: Policy,
    *,
    answered: bool = True,
) -> Said:
    """Return what a person's step would say at the end of a log; its rules are still to be asked.

    answered  whether a form was filled in; where not, only rules that look at no answer can be asked

    Raises GateError when the step is not open now, or not to them; ContractError when a form is odd.
    """
    before = statements_of(chain)
    review = review_of(before, ask.name, ask.version)
    now = _as_before(review, policy) if ask.step in WITHOUT_CARD else material()
    approval, reason = _answered(ask, before, now) if answered else (None, "")
    row = open_row(review, ask, person, conditions=approval is not None and bool(approval.conditions))
    # Whoever asked first may sign last, and clocks differ a little: the log's time does not run backwards.
    at = max(as_utc(ask.at), chain.at or as_utc(ask.at))
    asked = Statement(
        number=len(chain.entries) + 1, previous=chain.last, at=at, name=ask.name, version=ask.version,
        step=ask.step, person=person.name, role=next(role for role in row.who if role in person.roles),
        demo=person.demo, reason=reason, binding=now.binding, approval=approval, fulfilment=ask.fulfilment,
        trained_at=_trained(now.card) if ask.step is Step.SUBMIT else None,
    )  # fmt: skip
    return Said(row, _situation(row, review, asked, now, before))


def _trained(card: Mapping[str, Any]) -> datetime:
    return as_utc(datetime.fromisoformat(card["provenance"]["trained_at"]))


def _as_before(review: Review, policy: Policy) -> Material:
    """Return what the last step was about: who stops a model need not wait until its card and artefact are mended."""
    if not review.steps:
        raise GateError(f"{review.what} is {review.recorded.value}: nobody has submitted it")
    return Material({}, "", (), review.steps[-1].binding, policy)


def _situation(
    row: Transition, review: Review, asked: Statement, now: Material, before: tuple[Statement, ...]
) -> Situation:
    missing = gaps(now.card) if {"documented", "complete"} & set(row.must) else ()
    return Situation(review, asked, now.card, now.text, missing, now.altered, now.policy, before)


def require_rules(statements: tuple[Statement, ...], now: Material, name: str, version: int) -> None:
    """Raise GateError when the approval in force, or a condition met since, breaks a rule.

    Somebody with a key may have signed past this code. What a card needs to be complete is not asked again: a newer
    apualy may ask more, and that ends no approval.
    """
    review = review_of(statements, name, version)
    approved = review.last(Step.APPROVE)
    if approved is None or approved.approval is None:
        raise GateError(f"{review.what} is not approved")
    assessed = review.last(Step.ASSESS)
    fulfilled = [each for each in review.since_approval() if each.step is Step.FULFIL]
    for step in (*([] if assessed is None else [assessed]), approved, *fulfilled):
        before = statements[: statements.index(step)]
        earlier = review_of(before, name, version)
        row = find(earlier.recorded, step.step, conditions=bool(approved.approval.conditions))
        if row is None:
            raise GateError(f"{review.what}: {step.step.value} was signed when it was {earlier.recorded.value}")
        asked_again = replace(row, must=tuple(rule for rule in row.must if rule not in NOT_ASKED_AGAIN))
        try:
            situation = _situation(asked_again, earlier, step, now, before)
            for rule in asked_again.must:
                RULES[rule](situation)
        except UsageError as problem:
            raise GateError(f"the step {step.step.value} on {review.what} breaks a rule: {problem}") from problem


def statements_of(chain: Chain) -> tuple[Statement, ...]:
    """Return what the entries of a verified log say, but for those that count for nothing (`stray_entries`)."""
    return tuple(said for entry in chain.entries if isinstance(said := _signed(entry), Statement))


def stray_entries(chain: Chain) -> dict[int, str]:
    """Return number → why of the entries that count for nothing, whoever signed them: one line must stop nobody."""
    return {entry.number: said for entry in chain.entries if isinstance(said := _signed(entry), str)}


def _signed(entry: Entry) -> Statement | str:
    """Return the statement of an entry, or why it counts for nothing."""
    if entry.by is None:
        return "its key was not valid at that time"
    try:
        said = read(entry.statement)
    except GateError as problem:
        return str(problem)
    if not same_person(said.person, entry.by.name) or said.role not in entry.by.roles:
        named = f"{said.person} as {said.role.value}"
        return f"it names {named}, and {entry.by.name} signed it, who has not that name and role"
    return replace(said, demo=said.demo or entry.by.demo)


def _answered(ask: Ask, before: tuple[Statement, ...], now: Material) -> tuple[Approval | None, str]:
    """Return what an approver says, and the reason of any step."""
    if ask.step is not Step.APPROVE:
        return None, ask.reason
    if ask.form is None:
        raise GateError(
            f"to approve {ask.name} version {ask.version}, fill in its form: apualy review form {ask.name}; "
            "then --form FILE"
        )
    supersedes = in_use(before, ask.name, ask.version)
    if isinstance(ask.form, ApprovalAnswers):
        return approval_of(ask.form, now.binding.card, supersedes)
    return read_approval(ask.form, now.binding.card, supersedes)


def open_row(review: Review, ask: Ask, person: Person, *, conditions: bool = False) -> Transition:
    """Return the row of the table; raises GateError when the step is not open now, or not to this person."""
    row = row_now(review, ask, conditions=conditions)
    require_role(row, ask.step, person)
    return row


def row_now(review: Review, ask: Ask, *, conditions: bool = False) -> Transition:
    """Return the row of the table, whoever asks; raises GateError when the step is not open now."""
    state = review.state(as_utc(ask.at))
    row = find(state, ask.step, conditions=conditions)
    if row is None:
        last = f" (by {review.steps[-1].person})" if review.steps else ""
        open_now = ", ".join(step.value for step in open_steps(state)) or "none"
        raise GateError(f"{review.what} is {state.value}{last}: cannot {ask.step.value} it; open steps: {open_now}")
    return row


def require_role(row: Transition, step: Step, person: Person) -> None:
    """Raise GateError when a person has none of the roles that a step takes."""
    if not person.roles & set(row.who):
        roles = " or ".join(role.value for role in row.who)
        raise GateError(f"to {step.value} a model takes the role {roles}; {person.name} has none of these")
