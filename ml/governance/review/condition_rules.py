"""What must hold for the conditions of an approval, and for showing that one was met."""

from __future__ import annotations

import re

from ml.errors import GateError

from ..card.failing import insufficient
from .conditions import AUDIT, KINDS, RETRAIN
from .situation import Situation
from .statement import AuditFile, Condition
from .states import Step
from .words import LEAST_WORDS, words

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def watched(now: Situation) -> None:
    """Raise when evidence is insufficient and no condition asks for another audit; or a condition is odd."""
    today = now.asked.at.date()
    for each in now.approval.conditions:
        if each.kind not in KINDS:
            raise GateError(f"condition {each.id}: kind is {each.kind!r}; it must be one of {', '.join(KINDS)}")
        if words(each.what) < LEAST_WORDS:
            raise GateError(f"condition {each.id}: say what is asked in at least {LEAST_WORDS} words")
        if not today < each.due <= now.approval.expires.date():
            raise GateError(f"condition {each.id}: due {each.due} is not between tomorrow and the end of the approval")
        longest = (now.approval.expires.date() - today).days
        if each.every_days is not None and not (each.kind == AUDIT and 1 <= each.every_days <= longest):
            raise GateError(f"condition {each.id}: every_days is of a condition of kind audit, 1 to {longest}")
        if each.kind != AUDIT and (each.attribute or each.metric):
            raise GateError(f"condition {each.id}: attribute and metric are of a condition of kind audit")
        _known(now, each)
    ids = [each.id for each in now.approval.conditions]
    if len(set(ids)) < len(ids):
        raise GateError("two conditions have the same id")
    if insufficient(now.card) and not any(each.kind == AUDIT for each in now.approval.conditions):
        raise GateError(
            f"evidence on {now.review.what} is insufficient ({insufficient(now.card)} findings): an approval needs a "
            'condition that the model is audited again (kind = "audit")'
        )


def _known(now: Situation, condition: Condition) -> None:
    """Raise when a condition watches what the audit does not judge."""
    attributes, metrics = list(now.card["audit"]["words"]), list(now.policy.audit.limits)
    if condition.attribute is not None and condition.attribute not in attributes:
        raise GateError(f"condition {condition.id}: attribute must be one of {', '.join(attributes)}")
    if condition.metric is not None and condition.metric not in metrics:
        raise GateError(f"condition {condition.id}: metric must be one of {', '.join(metrics)}")


def is_condition(now: Situation) -> None:
    """Raise when the approval has no such condition, or it is not met this way."""
    said = now.asked.fulfilment
    known = {each.condition.id: each.condition for each in now.review.standings()}
    if said is None or said.condition not in known:
        raise GateError(f"{now.review.what} has no such condition; it has {', '.join(known) or 'none'}")
    condition = known[said.condition]
    if condition.kind == RETRAIN:
        raise GateError(f"condition {said.condition} is met by training and submitting a newer version")
    if condition.kind != AUDIT and said.audit is not None:
        raise GateError(f"condition {said.condition} is no audit: say in --reason how it was met")
    if condition.kind == AUDIT and said.audit is None:
        raise GateError(
            f"condition {said.condition} is met by an audit: --audit FILE (what apualy audit --json printed)"
        )
    if said.audit is not None:
        _counts(now, condition, said.audit)


def _counts(now: Situation, condition: Condition, audit: AuditFile) -> None:
    """Raise when an audit cannot show that the condition is met: another time, policy or cut, old data, too little."""
    approved, ours = now.review.last(Step.APPROVE), now.policy.audit
    if approved is not None and not approved.at.date() <= audit.made <= now.asked.at.date():
        since = f"{approved.at:%Y-%m-%d}"
        raise GateError(f"the audit was made on {audit.made}; it must be of a day since the approval ({since})")
    if audit.policy != now.asked.binding.policy or audit.capacity != str(ours.capacity):
        raise GateError(
            f"the audit was judged by another policy or cut; audit again with the one in force ({ours.capacity:g})"
        )
    if not all(DIGEST.fullmatch(each) for each in (audit.data, audit.digest)):
        raise GateError("the audit does not say of which data it is; take the file as apualy audit --json wrote it")
    earlier = [each.fulfilment.audit for each in now.review.since_approval() if each.fulfilment]
    used = {each.data for each in earlier if each is not None}
    if audit.data in {*used, now.card["cohort"]["digest"]}:
        raise GateError("an audit of the same data was made before; audit newer people")
    judged = {attribute for attribute, _, _ in audit.verdicts}
    missing = [each for each in now.card["audit"]["words"] if each not in judged]
    if missing or not audit.of(condition.attribute, condition.metric):
        what = ", ".join(missing) or f"{condition.attribute or 'any attribute'}, {condition.metric or 'any metric'}"
        raise GateError(f"the audit does not judge {what}; name every attribute of the card in --protected")
    if set(audit.of(condition.attribute, condition.metric)) == {"insufficient"}:
        raise GateError("the audit could judge nothing of what is watched: every finding has insufficient evidence")
