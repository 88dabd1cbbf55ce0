"""The versions of the models of a registry: where each stands, on whose approval, and whether the gate opens for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ml.errors import GateError
from ml.governance.registry import Registry
from ml.governance.review.history import Review
from ml.governance.review.states import IN_FORCE, State, Step


@dataclass(frozen=True)
class Demand:
    """A condition of an approval.

    due     the next day by which something must have happened; None: it is met for good
    breaks  whether the model may not be used because of it
    """

    id: str
    what: str
    due: date | None
    breaks: bool


@dataclass(frozen=True)
class Approval:
    """Who approved a version until when, what they wrote, and what they ask for."""

    by: str
    demo: bool
    expires: datetime
    does: str
    could_go_wrong: str
    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class Version:
    """A version that has a card.

    card     None: it cannot be read, and `closed` says why
    closed   why the gate does not let it be used now; None: it does, or nobody approved it
    """

    name: str
    version: int
    state: State
    approval: Approval | None
    card: Mapping[str, Any] | None
    closed: str | None

    @property
    def usable(self) -> bool:
        """Whether it may be used now."""
        return self.state in IN_FORCE and self.closed is None


def versions(registry: Registry, now: datetime, name: str | None = None) -> list[Version]:
    """Return the versions of a model, or of all, by name, the newest first.

    Raises GateError where the review log is not as it was written.
    """
    names = registry.cards.names() if name is None else [name]
    return [version(registry, each, number, now) for each in names for number in reversed(registry.cards.versions(each))]


def version(registry: Registry, name: str, number: int, now: datetime) -> Version:
    """Return a version. Raises UsageError when it has no card, GateError where the review log is not as written."""
    review = registry.review(name, number)
    state, approval = review.state(now), _approval(review, now)
    try:
        card = registry.cards.read(name, number)
        closed = _closed(registry, review, state, now)
    except GateError as refusal:  # it is told in its place: the others are shown all the same
        return Version(name, number, state, approval, None, str(refusal))
    return Version(name, number, state, approval, card, closed)


def _closed(registry: Registry, review: Review, state: State, now: datetime) -> str | None:
    """Return what the gate says of a version whose approval is in force by its review; None: it lets it through."""
    if state not in IN_FORCE:
        return None
    try:
        registry.load_approved(review.name, now)
    except GateError as refusal:
        return str(refusal)
    return None


def _approval(review: Review, now: datetime) -> Approval | None:
    step = review.last(Step.APPROVE)
    if step is None or step.approval is None:
        return None
    said, today = step.approval, now.date()
    demands = tuple(
        Demand(each.condition.id, each.condition.what, each.due, each.suspends(today)) for each in review.standings()
    )
    return Approval(step.person, step.demo, said.expires, said.does, said.could_go_wrong, demands)
