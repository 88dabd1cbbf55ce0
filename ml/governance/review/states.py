"""Where a version stands, and what leads from where to where: one table that code, diagram and tests read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..signing.trust import Role


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASSESSED = "assessed"
    APPROVED = "approved"
    CONDITIONAL = "approved with conditions"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class Step(StrEnum):
    """What a named person does; each is signed and stands in the log."""

    SUBMIT = "submit"
    RETURN = "return"
    ASSESS = "assess"
    APPROVE = "approve"
    REJECT = "reject"
    FULFIL = "fulfil"
    REVOKE = "revoke"


IN_FORCE = (State.APPROVED, State.CONDITIONAL)
TIME = "time"
ANOTHER = "the approval of a newer version"


@dataclass(frozen=True)
class Transition:
    """One row of the table.

    by     the step that leads there, or what else does: time, or the approval of a newer version
    who    roles of which the person must have one; empty where nobody acts
    must   names of what must hold (ml/governance/review/rules.py), in the order in which it is asked
    event  what the log then holds
    """

    source: State
    by: Step | str
    target: State
    who: tuple[Role, ...]
    must: tuple[str, ...]
    event: str


REVIEWERS = (Role.ASSESSOR, Role.APPROVER)
ANYONE = (Role.AUTHOR, Role.ASSESSOR, Role.APPROVER)
OTHERS = ("not_author", "reasons")
APPROVAL = ("not_author", "not_assessor", "reasons", "as_assessed", "complete", "whole", "same_policy", "understood",
            "deviations_accepted", "failures_accepted", "watched", "ends_in_time", "supersedes")  # fmt: skip

TABLE = (
    Transition(State.DRAFT, Step.SUBMIT, State.SUBMITTED, (Role.AUTHOR,),
               ("documented", "whole", "same_policy"), "submit"),
    Transition(State.SUBMITTED, Step.RETURN, State.DRAFT, ANYONE, ("reasons",), "return"),
    Transition(State.SUBMITTED, Step.ASSESS, State.ASSESSED, (Role.ASSESSOR,),
               ("not_author", "reasons", "complete", "whole", "same_policy"), "assess"),
    Transition(State.SUBMITTED, Step.REJECT, State.REJECTED, REVIEWERS, OTHERS, "reject"),
    Transition(State.ASSESSED, Step.RETURN, State.DRAFT, ANYONE, ("reasons",), "return"),
    Transition(State.ASSESSED, Step.APPROVE, State.APPROVED, (Role.APPROVER,), APPROVAL, "approve"),
    Transition(State.ASSESSED, Step.APPROVE, State.CONDITIONAL, (Role.APPROVER,), APPROVAL, "approve, with conditions"),
    Transition(State.ASSESSED, Step.REJECT, State.REJECTED, REVIEWERS, OTHERS, "reject"),
    *(
        row
        for state in IN_FORCE
        for row in (
            Transition(state, Step.REVOKE, State.REVOKED, ANYONE, ("reasons",), "revoke"),
            Transition(state, Step.RETURN, State.DRAFT, ANYONE, ("reasons",), "return"),
            Transition(state, TIME, State.EXPIRED, (), ("approval_ended",), "none: the approval names its end"),
            Transition(state, ANOTHER, State.SUPERSEDED, (), (), "approve, of the newer version"),
        )
    ),
    Transition(State.CONDITIONAL, Step.FULFIL, State.CONDITIONAL, REVIEWERS,
               ("not_author", "reasons", "is_condition"), "fulfil"),
    Transition(State.CONDITIONAL, TIME, State.SUSPENDED, (), ("condition_overdue",),
               "none: the condition names its deadline"),
    Transition(State.SUSPENDED, Step.FULFIL, State.CONDITIONAL, REVIEWERS,
               ("not_author", "reasons", "is_condition"), "fulfil"),
    Transition(State.SUSPENDED, Step.REVOKE, State.REVOKED, ANYONE, ("reasons",), "revoke"),
    Transition(State.SUSPENDED, Step.RETURN, State.DRAFT, ANYONE, ("reasons",), "return"),
    Transition(State.SUSPENDED, TIME, State.EXPIRED, (), ("approval_ended",), "none: the approval names its end"),
    Transition(State.SUSPENDED, ANOTHER, State.SUPERSEDED, (), (), "approve, of the newer version"),
    Transition(State.EXPIRED, Step.REVOKE, State.REVOKED, ANYONE, ("reasons",), "revoke"),
    Transition(State.SUPERSEDED, Step.RETURN, State.DRAFT, ANYONE, ("reasons",), "return"),
    Transition(State.EXPIRED, Step.RETURN, State.DRAFT, ANYONE, ("reasons",), "return"),
    Transition(State.EXPIRED, ANOTHER, State.SUPERSEDED, (), (), "approve, of the newer version"),
)  # fmt: skip


def open_steps(state: State) -> tuple[Step, ...]:
    """Return the steps that people can take in a state, in the order of the table."""
    return tuple(dict.fromkeys(row.by for row in TABLE if row.source is state and isinstance(row.by, Step)))


def find(state: State, step: Step, *, conditions: bool = False) -> Transition | None:
    """Return the row of a step in a state; an approval has two, and conditions tell which."""
    rows = [row for row in TABLE if row.source is state and row.by is step]
    if step is Step.APPROVE:
        rows = [row for row in rows if (row.target is State.CONDITIONAL) == conditions]
    return rows[0] if rows else None
