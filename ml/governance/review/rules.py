"""What must hold for a step, each rule by its name in the table of states; it raises with words for who asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ml.contracts import Policy
from ml.errors import GateError, UsageError

from ..card.failing import failing, insufficient
from ..people.gaps import Gap
from ..signing.names import same_person
from .conditions import AUDIT, KINDS, RETRAIN
from .history import Review, in_use
from .months import months_later
from .statement import Approval, AuditFile, Statement
from .states import Step

LEAST_WORDS = 3  # of a reason: a word is no reason
LEAST_SENTENCE = 6  # words of what an approver says in their own
MOST_NAMED = 8  # things named in one message


@dataclass(frozen=True)
class Situation:
    """All that a rule may look at.

    review   as it stands before the step
    asked    the statement that the person is about to sign
    card     the card now;  text  its Markdown;  gaps  what it lacks
    altered  files of the card that are not what they were made as
    before   every statement of the log, for the words of others
    """

    review: Review
    asked: Statement
    card: Mapping[str, Any]
    text: str
    gaps: tuple[Gap, ...]
    altered: tuple[str, ...]
    policy: Policy
    before: tuple[Statement, ...]

    @property
    def approval(self) -> Approval:
        """Return what the approver says. Raises GateError when the step is no approval."""
        if self.asked.approval is None:
            raise GateError(f"to approve {self.review.what}, fill in its form: apualy review form {self.review.name}")
        return self.asked.approval


def not_author(now: Situation) -> None:
    """Raise when the person is the author."""
    _other_than(now, Step.SUBMIT, "submitted")


def not_assessor(now: Situation) -> None:
    """Raise when the person assessed the version."""
    _other_than(now, Step.ASSESS, "assessed")


def _other_than(now: Situation, step: Step, did: str) -> None:
    earlier = now.review.last(step)
    if earlier is not None and same_person(earlier.person, now.asked.person):
        raise GateError(
            f"{earlier.person} {did} {now.review.what}; somebody else must {now.asked.step.value} it "
            f"(asked by {now.asked.person})"
        )


def reasons(now: Situation) -> None:
    """Raise when the reason is no reason."""
    if _words(now.asked.reason) < LEAST_WORDS:
        raise UsageError(f"to {now.asked.step.value} a model, say why in at least {LEAST_WORDS} words: --reason TEXT")


def documented(now: Situation) -> None:
    """Raise when the card lacks what its author is to say; the dialogue may still be under way."""
    _no_gaps(now, [gap for gap in now.gaps if gap.section != "dialogue"])


def complete(now: Situation) -> None:
    """Raise when the card has a gap."""
    _no_gaps(now, now.gaps)


def _no_gaps(now: Situation, gaps: list[Gap] | tuple[Gap, ...]) -> None:
    if gaps:
        named = "; ".join(gap.words for gap in gaps[:MOST_NAMED])
        more = f"; and {len(gaps) - MOST_NAMED} more" if len(gaps) > MOST_NAMED else ""
        raise GateError(
            f"the card of {now.review.what} has {len(gaps)} gap{'s' * (len(gaps) > 1)}: {named}{more}. "
            f"Fill them in: apualy card fill {now.review.name}"
        )


def whole(now: Situation) -> None:
    """Raise when what people read is not what the card's source says."""
    if now.altered:
        raise GateError(
            f"the card of {now.review.what} is not as it was made: {'; '.join(now.altered[:MOST_NAMED])}. "
            f"Make its pages anew (apualy card render {now.review.name}) and read them; restore evidence from the run"
        )


def as_assessed(now: Situation) -> None:
    """Raise when artefact, card or policy is not what was assessed."""
    assessed = now.review.last(Step.ASSESS)
    for what in ("artefact", "card", "policy"):
        was = None if assessed is None else getattr(assessed.binding, what)
        if was != getattr(now.asked.binding, what):
            raise GateError(
                f"the {what} of {now.review.what} changed after it was assessed; restore it, or return the version "
                f"and have it assessed again: apualy review return {now.review.name}"
            )


def understood(now: Situation) -> None:
    """Raise when the approver does not say in their own words what the model does and what could go wrong."""
    said = {"does": now.approval.does, "could_go_wrong": now.approval.could_go_wrong}
    for key, text in said.items():
        if _words(text) < LEAST_SENTENCE:
            raise GateError(
                f"who approves must understand: {key} says too little; write at least a sentence "
                f"({LEAST_SENTENCE} words) in your own words"
            )
        if _plain(text) in _plain(now.text):
            raise GateError(f"{key} repeats the card; say it in your own words")
        copied = [each for each in now.before if each.approval and not same_person(each.person, now.asked.person)
                  and _plain(text) in (_plain(each.approval.does), _plain(each.approval.could_go_wrong))]  # fmt: skip
        if copied:
            raise GateError(f"{key} repeats what {copied[0].person} wrote of another version; say it in your own words")
    if _plain(said["does"]) == _plain(said["could_go_wrong"]):
        raise GateError("does and could_go_wrong say the same; what the model does is not what could go wrong")


def deviations_accepted(now: Situation) -> None:
    """Raise when a deviation from the policy is not accepted in writing."""
    wanted = tuple(deviations(now.card))
    known = {*wanted, *(str(each["id"]) for each in failing(now.card))}
    odd = [each for acceptance in now.approval.accepted for each in acceptance.of if each not in known]
    if odd:
        raise GateError(f"{now.review.what} has nothing to accept by the name of {'; '.join(odd[:MOST_NAMED])}")
    _accepted(now, wanted, "deviation")


def failures_accepted(now: Situation) -> None:
    """Raise when a failing finding of the audit is not accepted in writing, or no condition has a deadline for them."""
    found = tuple(str(each["id"]) for each in failing(now.card))
    _accepted(now, found, "failing finding")
    if found and not now.approval.conditions:
        raise GateError(
            f"{now.review.what} fails its audit: an approval needs a condition with a deadline ([[condition]] in the "
            "form): what will be done, and by when"
        )


def watched(now: Situation) -> None:
    """Raise when evidence is insufficient and no condition asks for another audit; or a condition is odd."""
    today = now.asked.at.date()
    for each in now.approval.conditions:
        if each.kind not in KINDS:
            raise GateError(f"condition {each.id}: kind is {each.kind!r}; it must be one of {', '.join(KINDS)}")
        if _words(each.what) < LEAST_WORDS:
            raise GateError(f"condition {each.id}: say what is asked in at least {LEAST_WORDS} words")
        if not today < each.due <= now.approval.expires.date():
            raise GateError(f"condition {each.id}: due {each.due} is not between tomorrow and the end of the approval")
        if each.every_days is not None and (each.kind != AUDIT or each.every_days < 1):
            raise GateError(f"condition {each.id}: every_days is of a condition of kind audit, and at least 1")
    ids = [each.id for each in now.approval.conditions]
    if len(set(ids)) < len(ids):
        raise GateError("two conditions have the same id")
    if insufficient(now.card) and not any(each.kind == AUDIT for each in now.approval.conditions):
        raise GateError(
            f"evidence on {now.review.what} is insufficient ({insufficient(now.card)} findings): an approval needs a "
            'condition that the model is audited again (kind = "audit")'
        )


def ends_in_time(now: Situation) -> None:
    """Raise when the approval lasts longer than the policy lets it, or has ended already."""
    last = months_later(now.asked.at, now.policy.approval_months)
    if not now.asked.at < now.approval.expires <= last:
        raise GateError(
            f"an approval lasts at most {now.policy.approval_months} months (policy): until {last:%Y-%m-%d}, "
            f"not {now.approval.expires:%Y-%m-%d}"
        )


def is_condition(now: Situation) -> None:
    """Raise when the approval has no such condition, or it is not met this way."""
    said = now.asked.fulfilment
    known = {each.condition.id: each for each in now.review.standings()}
    if said is None or said.condition not in known:
        raise GateError(f"{now.review.what} has no such condition; it has {', '.join(known) or 'none'}")
    kind = known[said.condition].condition.kind
    if (kind == AUDIT) != (said.audit is not None):
        raise GateError(
            f"condition {said.condition} is met by an audit: --audit FILE (what apualy audit --json printed)"
            if kind == AUDIT
            else f"condition {said.condition} is no audit: say in --reason how it was met"
        )
    if kind == RETRAIN:
        raise GateError(f"condition {said.condition} is met by training a newer version, and seen by the machine")
    if said.audit is not None:
        _counts(now, said.audit)


def _counts(now: Situation, audit: AuditFile) -> None:
    """Raise when an audit says nothing of the time after the approval, or is judged by another policy."""
    approved = now.review.last(Step.APPROVE)
    if approved is not None and not approved.at.date() <= audit.made <= now.asked.at.date():
        raise GateError(
            f"the audit was made on {audit.made}; it must be of a day since the approval ({approved.at:%Y-%m-%d})"
        )
    if audit.policy != now.policy.digest:
        raise GateError("the audit was judged by another policy; audit again with the one in force")
    used = {each.fulfilment.audit.data for each in now.review.steps if each.fulfilment and each.fulfilment.audit}
    if audit.data in used:
        raise GateError("an audit of the same data has met a condition before; audit newer people")


def supersedes(now: Situation) -> None:
    """Raise when the approval does not name the version that it takes the place of."""
    used = in_use(now.before, now.review.name, now.review.version)
    if now.approval.supersedes != used:
        raise GateError(
            f"the approval of {now.review.what} must supersede {f'version {used}' if used else 'no version'}"
        )


RULES: dict[str, Callable[[Situation], None]] = {
    rule.__name__: rule
    for rule in (not_author, not_assessor, reasons, documented, complete, whole, as_assessed, understood,
                 deviations_accepted, failures_accepted, watched, ends_in_time, supersedes, is_condition)
}  # fmt: skip

WORDS = {
    "not_author": "is not the author",
    "not_assessor": "is not the assessor",
    "reasons": "says why",
    "documented": "the card has no gap but in the dialogue",
    "complete": "the card has no gap",
    "whole": "every file of the card is as it was made",
    "as_assessed": "artefact, card and policy are what was assessed",
    "understood": "says in own words what the model does and what could go wrong",
    "deviations_accepted": "each deviation from the policy is accepted in writing",
    "failures_accepted": "each failing finding is accepted in writing, with a condition that has a deadline",
    "watched": "insufficient evidence has a condition of another audit",
    "ends_in_time": "ends within the policy's months",
    "supersedes": "names the version that it takes the place of",
    "is_condition": "it is a condition of the approval, met in its own way",
    "approval_ended": "the approval's end has come",
    "condition_overdue": "a condition is overdue, or an audit after the approval failed",
}


def deviations(card: Mapping[str, Any]) -> list[str]:
    """Return what an approver must accept in writing beside failing findings: the policy's, and the dialogue's."""
    dialogue = card["people"].get("dialogue") or {}
    broken = [each["norm"] for each in dialogue.get("weighing", ()) if each["verdict"] == "breaks"]
    found = [*card["deviations"], *(f"the ethical dialogue finds that it breaks a norm: {norm}" for norm in broken)]
    if (dialogue.get("recommendation") or {}).get("recommend") == "reject":
        found.append("the ethical dialogue recommends to reject it")
    return found


def _accepted(now: Situation, wanted: tuple[str, ...], what: str) -> None:
    """Raise when one of `wanted` is not accepted, is accepted twice or without words."""
    given = [(each, acceptance.reason) for acceptance in now.approval.accepted for each in acceptance.of]
    names = [name for name, _ in given]
    missing = [each for each in wanted if each not in names]
    if missing:
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        raise GateError(
            f"{now.review.what}: each {what} needs a written acceptance; missing: "
            f"{'; '.join(missing[:MOST_NAMED])}{more}. The form lists them all: apualy review form {now.review.name}"
        )
    for each in wanted:
        if names.count(each) > 1:
            raise GateError(f"{now.review.what}: {each} is accepted twice; once is enough")
    bare = [name for name, reason in given if name in wanted and _words(reason) < LEAST_WORDS]
    if bare:
        raise GateError(f"{now.review.what}: say why in at least {LEAST_WORDS} words: {'; '.join(bare[:MOST_NAMED])}")


def _words(text: str) -> int:
    return len(text.split())


def _plain(text: str) -> str:
    return " ".join("".join(each if each.isalnum() else " " for each in text.casefold()).split())


def as_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC, to the second, as it is signed."""
    return moment.astimezone(UTC).replace(microsecond=0)
