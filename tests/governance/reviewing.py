"""Statements made by hand, for tests of what they lead to. Not a test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from ml.governance.review.history import Review
from ml.governance.review.statement import (
    Acceptance,
    Approval,
    AuditFile,
    Binding,
    Condition,
    Fulfilment,
    Statement,
)
from ml.governance.review.states import Step
from ml.governance.signing.role import Role

BOUND = Binding("sha256:" + "a" * 64, "sha256:" + "c" * 64, "sha256:" + "b" * 64)
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
WHO = {
    Step.SUBMIT: ("Ada", Role.AUTHOR),
    Step.RETURN: ("Grace", Role.ASSESSOR),
    Step.ASSESS: ("Grace", Role.ASSESSOR),
    Step.APPROVE: ("Alan", Role.APPROVER),
    Step.REJECT: ("Alan", Role.APPROVER),
    Step.FULFIL: ("Grace", Role.ASSESSOR),
    Step.REVOKE: ("Grace", Role.ASSESSOR),
}


def approval(*conditions: Condition, **changed: Any) -> Approval:
    """Return an approval in good order, with changes."""
    said = {
        "does": "It estimates how long people in a like situation stay without work.",
        "could_go_wrong": "People with limited health may be flagged in vain and feel watched.",
        "expires": MONDAY + timedelta(days=90),
        "accepted": (Acceptance(("F1", "F2"), "Known, and mended by spring."),),
        "conditions": conditions,
    }
    return Approval(**{**said, **changed})


def condition(kind: str = "retrain", days: int = 30, **changed: Any) -> Condition:
    """Return a condition that is due so many days after Monday."""
    said = {"id": "C1", "kind": kind, "what": "A newer model is trained.", "due": date(2026, 11, 30) + timedelta(days)}
    return Condition(**{**said, **changed})


def step(kind: Step, at: datetime = MONDAY, **changed: Any) -> Statement:
    """Return a step of a review, by whom the step is of, with changes."""
    person, role = WHO[kind]
    said = {
        "number": 1, "previous": "0" * 64, "at": at, "name": "ltu-small", "version": 1, "step": kind,
        "person": person, "role": role, "demo": False, "reason": "For a good reason.", "binding": BOUND,
        "approval": approval() if kind is Step.APPROVE else None,
    }  # fmt: skip
    return Statement(**{**said, **changed})


def review(*steps: Step | Statement, **changed: Any) -> Review:
    """Return the review of version 1 after steps."""
    taken = tuple(each if isinstance(each, Statement) else step(each) for each in steps)
    return Review("ltu-small", 1, taken, **changed)


def fulfilled(verdict: str | None = None, at: datetime = MONDAY, name: str = "C1") -> Statement:
    """Return the step that shows a condition as met."""
    return step(Step.FULFIL, at, fulfilment=Fulfilment(name, None if verdict is None else audited(verdict, at)))


def audited(verdict: str = "pass", at: datetime = MONDAY, **changed: Any) -> AuditFile:
    """Return an audit of gender made on a day, of data of its own."""
    said = {
        "digest": "sha256:" + "d" * 64, "data": f"sha256:{at:%j}".ljust(71, "0"), "policy": BOUND.policy,
        "made": at.date(), "capacity": "0.25",
        "verdicts": (("gender", "calibration_gap", "pass"), ("gender", "false_positive_rate", verdict)),
    }  # fmt: skip
    return AuditFile(**{**said, **changed})
