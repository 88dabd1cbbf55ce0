"""The versions of the models of a registry: where each stands, on whose approval, and whether the gate opens for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from ml.errors import GateError
from ml.governance.cards import Cards
from ml.governance.registry import Registry
from ml.governance.review.history import Review
from ml.governance.review.states import IN_FORCE, State, Step

from .held import Models
from .watch import Stamp, stamp

CARDS = 16  # that are kept as they were read: to read one takes 15 ms


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
    def in_force(self) -> bool:
        """Whether an approval is in force by its review, whatever the gate says."""
        return self.state in IN_FORCE

    @property
    def usable(self) -> bool:
        """Whether it may be used now."""
        return self.in_force and self.closed is None


def versions(registry: Registry, models: Models, name: str, now: datetime) -> list[Version]:
    """Return the versions of a model, the newest first.

    models  those that are loaded here: their gate is asked anyway
    Raises GateError where the review log is not as it was written.
    """
    return [version(registry, models, name, number, now) for number in reversed(registry.cards.versions(name))]


def version(registry: Registry, models: Models, name: str, number: int, now: datetime) -> Version:
    """Return a version. Raises UsageError when it has no card, GateError where the review log is not as written."""
    review = registry.review(name, number)
    state, approval = review.state(now), _approval(review, now)
    try:
        card = _card(registry.cards, name, number, stamp(registry.cards.path(name, number)))
        closed = _closed(registry, models, review, state, now)
    except GateError as refusal:  # it is told in its place: the others are shown all the same
        return Version(name, number, state, approval, None, str(refusal))
    return Version(name, number, state, approval, card, closed)


@lru_cache(CARDS)
def _card(cards: Cards, name: str, number: int, as_it_was: Stamp) -> Mapping[str, Any]:
    """Return a card, read again when its file is another one."""
    return cards.read(name, number)


def _closed(registry: Registry, models: Models, review: Review, state: State, now: datetime) -> str | None:
    """Return what the gate says of a version whose approval is in force by its review; None: it lets it through."""
    if state not in IN_FORCE:
        return None
    of = (review.name, review.version)
    held = next((each for each in models.held.values() if (each.approved.name, each.approved.version) == of), None)
    try:
        if held is None:
            registry.load_approved(review.name, now)
        else:
            held.still_approved()
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
