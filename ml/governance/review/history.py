"""The steps of one version, in the order of the log, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from .conditions import Standing, standing
from .statement import Approval, Statement
from .states import IN_FORCE, State, Step, Transition, find


@dataclass(frozen=True)
class Review:
    """What happened to one version.

    steps          in their order, each open to its person when it was taken
    void           signed steps that were not open then, or not to that role: they count for nothing
    superseded_by  a newer version that was approved since
    newer          whether a version that was trained after the approval has been submitted since, and stands
    """

    name: str
    version: int
    steps: tuple[Statement, ...] = ()
    void: tuple[Statement, ...] = ()
    superseded_by: int | None = None
    newer: bool = False

    @property
    def recorded(self) -> State:
        """Return the state that the steps lead to, whatever the time."""
        state = _after(self.steps)
        return State.SUPERSEDED if state in IN_FORCE and self.superseded_by is not None else state

    def state(self, now: datetime) -> State:
        """Return where the version stands now: time ends and suspends approvals."""
        state, approval = self.recorded, self.approval
        if state not in IN_FORCE or approval is None:
            return state
        if now >= approval.expires:
            return State.EXPIRED
        return State.SUSPENDED if self.suspended_by(now) else state

    @property
    def what(self) -> str:
        """Return which version this is, in words."""
        return f"{self.name} version {self.version}"

    @property
    def approval(self) -> Approval | None:
        """Return what the last approval says."""
        step = self.last(Step.APPROVE)
        return None if step is None else step.approval

    def last(self, step: Step) -> Statement | None:
        """Return the newest step of a kind since the version was last a draft: what was sent back counts no more."""
        found = None
        for each in self.steps:
            found = each if each.step is step else None if each.step is Step.RETURN else found
        return found

    def people(self, step: Step) -> tuple[str, ...]:
        """Return everybody who ever took a step on this version."""
        return tuple(dict.fromkeys(each.person for each in self.steps if each.step is step))

    def since_approval(self) -> tuple[Statement, ...]:
        """Return the steps after the approval."""
        step = self.last(Step.APPROVE)
        return () if step is None else self.steps[self.steps.index(step) + 1 :]

    def standings(self) -> tuple[Standing, ...]:
        """Return how each condition of the approval stands."""
        conditions = () if self.approval is None else self.approval.conditions
        return tuple(standing(each, self.since_approval(), self.newer) for each in conditions)

    def suspended_by(self, now: datetime) -> tuple[Standing, ...]:
        """Return the conditions because of which the model may not be used now."""
        today = now.astimezone(UTC).date()
        return tuple(each for each in self.standings() if each.suspends(today))


def review_of(statements: Iterable[Statement], name: str, version: int) -> Review:
    """Return the review of a version, from all statements of the log in their order."""
    steps: list[Statement] = []
    void: list[Statement] = []
    by, newer, approved = None, False, None
    for each, taken in _walked(statements, name):
        if each.version == version:
            (steps if taken else void).append(each)
            if taken and each.step is Step.APPROVE:
                by, newer, approved = None, False, each.at
        elif taken and each.approval is not None and each.approval.supersedes == version:
            by = each.version
        elif taken and each.version > version and approved is not None:
            newer = newer or (each.step is Step.SUBMIT and (each.trained_at or approved) > approved)
            newer = newer and each.step not in (Step.RETURN, Step.REJECT)
    return Review(name, version, tuple(steps), tuple(void), by, newer)


def in_use(before: Iterable[Statement], name: str, but: int | None = None) -> int | None:
    """Return the version whose approval was not followed by a revocation or a newer approval."""
    statements = tuple(before)
    versions = dict.fromkeys(each.version for each in statements if each.name == name and each.version != but)
    used = [version for version in versions if review_of(statements, name, version).recorded in IN_FORCE]
    return used[-1] if used else None


def _walked(statements: Iterable[Statement], name: str) -> Iterator[tuple[Statement, bool]]:
    """Yield the statements on a model, each with whether its step was open then, and to that role."""
    states: dict[int, State] = {}
    for each in statements:
        if each.name == name:
            row = _row(states.get(each.version, State.DRAFT), each)
            if row is not None:
                states[each.version] = row.target
            yield each, row is not None


def _after(steps: Iterable[Statement]) -> State:
    state = State.DRAFT
    for each in steps:
        row = _row(state, each)
        state = state if row is None else row.target
    return state


def _row(state: State, step: Statement) -> Transition | None:
    """Return the row of the table by which a step was taken; None where it was not open then, or not to that role."""
    row = find(state, step.step, conditions=step.approval is not None and bool(step.approval.conditions))
    return row if row is not None and step.role in row.who else None
