"""The queue: each version of each model, what it waits for, and when time ends something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ml.errors import ApualyError
from ml.governance.desk import seen_chain
from ml.governance.people.gaps import gaps
from ml.governance.registry import Registry
from ml.governance.review.approval_rules import deviations
from ml.governance.review.history import review_of
from ml.governance.review.statement import Statement
from ml.governance.review.states import IN_FORCE, State
from ml.governance.review.steps import statements_of
from serving.language import Language, marked
from serving.permissions import Action

from ..page import Page, View, Visit
from .model import registry_of
from .signer import signer_of
from .standing import next_due, since, state_words

GROUPS = (
    (marked("Waiting for a review"), (State.SUBMITTED, State.ASSESSED)),
    (marked("In force"), (*IN_FORCE, State.SUSPENDED)),
    (marked("Drafts"), (State.DRAFT,)),
    (marked("Over"), (State.EXPIRED, State.SUPERSEDED, State.REVOKED, State.REJECTED)),
)
WITH_CARD = (State.DRAFT, State.SUBMITTED, State.ASSESSED)


@dataclass(frozen=True)
class Line:
    """One version.

    gaps, deviations  how many are open, while it matters; None: it does not, or the card cannot be read
    due               next day on which time ends or suspends the approval
    odd               why the card cannot be read, in English
    """

    name: str
    version: int
    state: State
    words: str
    since: str | None
    gaps: int | None
    deviations: int | None
    due: str | None
    odd: str | None


@dataclass(frozen=True)
class Group:
    """Versions that stand alike."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Queue:
    """The page.

    signs_as  who the visitor is in the trust file; None: nobody
    """

    groups: tuple[Group, ...]
    signs_as: str | None


def queue(visit: Visit) -> View:
    """Show where each version stands in its review."""
    registry = registry_of(visit)
    lines = [line for name in registry.cards.names() for line in _lines(registry, name, visit)]
    groups = tuple(
        Group(visit.language.gettext(title), found)
        for title, states in GROUPS
        if (found := tuple(each for each in lines if each.state in states))
    )
    person = signer_of(visit, registry)
    return View("review_queue.html.jinja", Queue(groups, None if person is None else person.name))


def _lines(registry: Registry, name: str, visit: Visit) -> Iterator[Line]:
    chain, _ = seen_chain(registry, name)  # what does not fit MLflow is told on the page of the version
    statements = statements_of(chain)
    for version in reversed(registry.cards.versions(name)):
        yield _line(registry, statements, name, version, visit.service.now(), visit.language)


def _line(
    registry: Registry, statements: tuple[Statement, ...], name: str, version: int, now: datetime, language: Language
) -> Line:
    review = review_of(statements, name, version)
    state = review.state(now)
    card, lacking, deviating, odd = None, None, None, None
    if state in WITH_CARD:
        try:
            card = registry.cards.read(name, version)
            lacking, deviating = len(gaps(card)), len(deviations(card))
        except ApualyError as problem:  # of one card; the others are to be seen all the same
            odd = str(problem)
    words = state_words(state, language)
    return Line(name, version, state, words, since(review, card), lacking, deviating, next_due(review, now), odd)


PAGES: tuple[Page, ...] = (Page("GET", "/review", Action.SEE_REVIEWS, queue),)
