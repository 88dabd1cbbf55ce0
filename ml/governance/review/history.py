"""The steps of one version, in the order of the log, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ml.errors import GateError

from .conditions import Standing, standing
from .statement import Approval, Statement
from .states import IN_FORCE, State, Step, find


@dataclass(frozen=True)
class Review:
    """What happened to one version.

    steps          in their order
    superseded_by  a newer version that was approved since
    newer          when a newer version was trained, if one was
    """

    name: str
    version: int
    steps: tuple[Statement, ...] = ()
    superseded_by: int | None = None
    newer: datetime | None = None

    @property
    def recorded(self) -> State:
        """Return the state that the steps lead to, whatever the time."""
        state = State.DRAFT
        for each in self.steps:
            conditions = each.approval is not None and bool(each.approval.conditions)
            row = find(state, each.step, conditions=conditions)
            if row is None:
                raise GateError(
                    f"the log has a step that was not open: {each.step.value} of {self.what}, {state.value}"
                )
            state = row.target
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

    def standings(self) -> tuple[Standing, ...]:
        """Return how each condition of the approval stands."""
        step = self.last(Step.APPROVE)
        if step is None or step.approval is None:
            return ()
        since = self.steps[self.steps.index(step) + 1 :]
        return tuple(standing(each, since, self.newer) for each in step.approval.conditions)

    def suspended_by(self, now: datetime) -> tuple[Standing, ...]:
        """Return the conditions because of which the model may not be used now."""
        today = now.astimezone(UTC).date()
        return tuple(each for each in self.standings() if each.suspends(today))


def review_of(statements: Iterable[Statement], name: str, version: int, newer: datetime | None = None) -> Review:
    """Return the review of a version, from all statements of the log in their order."""
    mine, by = [], None
    for each in statements:
        if each.name != name:
            continue
        if each.version == version:
            mine.append(each)
        elif each.approval is not None and each.approval.supersedes == version:
            by = each.version
    return Review(name, version, tuple(mine), by, newer)


def in_use(before: tuple[Statement, ...], name: str, but: int | None = None) -> int | None:
    """Return the version whose approval was not followed by a revocation or a newer approval."""
    versions = dict.fromkeys(each.version for each in before if each.name == name and each.version != but)
    used = [version for version in versions
            if review_of(before, name, version).recorded in IN_FORCE]  # fmt: skip
    return used[-1] if used else None
