"""What must hold for an approval: understood, accepted in writing, and ending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.errors import GateError

from ..card.failing import failing
from ..signing.names import same_person
from ..signing.role import Role
from .history import in_use
from .months import months_later
from .situation import MOST_NAMED, Situation
from .words import LEAST_SENTENCE, LEAST_WORDS, is_sentence, plain, words


def understood(now: Situation) -> None:
    """Raise when the approver does not say in their own words what the model does and what could go wrong."""
    said = {"does": now.approval.does, "could_go_wrong": now.approval.could_go_wrong}
    known, others = plain(now.text), _words_of_others(now)
    for key, text in said.items():
        if not is_sentence(text):
            raise GateError(
                f"who approves must understand: {key} says too little; write at least a sentence "
                f"({LEAST_SENTENCE} words) in your own words"
            )
        if plain(text) in known:
            raise GateError(f"{key} repeats the card; say it in your own words")
        if plain(text) in others:
            whose = others[plain(text)]
            raise GateError(f"{key} repeats what {whose} wrote of another version; say it in your own words")
    if set(plain(said["does"]).split()) == set(plain(said["could_go_wrong"]).split()):
        raise GateError("does and could_go_wrong say the same; what the model does is not what could go wrong")


def _words_of_others(now: Situation) -> dict[str, str]:
    """Return what other approvers said, in plain form, and who."""
    return {
        plain(text): each.person
        for each in now.before
        if each.approval is not None and each.role is Role.APPROVER and not same_person(each.person, now.asked.person)
        for text in (each.approval.does, each.approval.could_go_wrong)
    }


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


def ends_in_time(now: Situation) -> None:
    """Raise when the approval lasts longer than the policy lets it, or has ended already."""
    last = months_later(now.asked.at, now.policy.approval_months)
    if not (now.asked.at < now.approval.expires and now.approval.expires.date() <= last.date()):
        raise GateError(
            f"an approval lasts at most {now.policy.approval_months} months (policy): until {last:%Y-%m-%d}, "
            f"not {now.approval.expires:%Y-%m-%d}"
        )


def supersedes(now: Situation) -> None:
    """Raise when the approval does not name the version that it takes the place of."""
    used = in_use(now.before, now.review.name, now.review.version)
    if now.approval.supersedes != used:
        raise GateError(
            f"the approval of {now.review.what} must supersede {f'version {used}' if used else 'no version'}"
        )


def deviations(card: Mapping[str, Any]) -> list[str]:
    """Return what an approver must accept in writing beside failing findings: the policy's, and the dialogue's."""
    # An approval is signed word for word: these words may not change, or approvals end with the next version of apualy.
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
    bare = [name for name, reason in given if name in wanted and words(reason) < LEAST_WORDS]
    if bare:
        raise GateError(f"{now.review.what}: say why in at least {LEAST_WORDS} words: {'; '.join(bare[:MOST_NAMED])}")
