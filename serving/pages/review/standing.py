"""How a version stands in its review, in words and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ml.governance.people.gaps import gaps
from ml.governance.review.conditions import Standing
from ml.governance.review.history import Review
from ml.governance.review.states import IN_FORCE, State
from serving.language import Language, marked

from ..states import STATES
from .words import KINDS, word_of

MET = marked("met")
DUE = marked("due by the day")
OVERDUE = marked("overdue: the version may not be used")
BROKEN = marked("broken: an audit found it outside the limits, and the version may not be used")
RUNNING = (*IN_FORCE, State.SUSPENDED)


@dataclass(frozen=True)
class ConditionLine:
    """A condition of an approval, and how it stands."""

    id: str
    kind: str
    what: str
    due: str | None
    every_days: int | None
    standing: str


def condition_lines(review: Review, today: date, language: Language) -> tuple[ConditionLine, ...]:
    """Return how the conditions of an approval stand."""
    return tuple(_line(each, today, language) for each in review.standings())


def _line(each: Standing, today: date, language: Language) -> ConditionLine:
    said = each.condition
    due = None if each.due is None else each.due.isoformat()
    words = language.gettext(_standing(each, today))
    return ConditionLine(said.id, word_of(KINDS, said.kind, language), said.what, due, said.every_days, words)


def _standing(each: Standing, today: date) -> str:
    if each.failed:
        return BROKEN
    if each.due is None:
        return MET
    return OVERDUE if today > each.due else DUE


def state_words(state: State, language: Language) -> str:
    """Return a state in words."""
    return word_of(STATES, state, language)


def since(review: Review, card: Mapping[str, Any] | None) -> str | None:
    """Return since when a version stands where its last step led, as ISO time; of a new draft, since it was trained."""
    if review.steps:
        return review.steps[-1].at.isoformat()
    return None if card is None else str(card["provenance"]["trained_at"])


def next_due(review: Review, now: datetime) -> str | None:
    """Return the next day on which time ends or suspends an approval, as ISO day; None: it does not."""
    if review.state(now) not in RUNNING or review.approval is None:
        return None
    days = [each.due for each in review.standings() if each.due is not None]
    return min([review.approval.expires.date(), *days]).isoformat()


def gaps_by_section(card: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return section → what is missing in it, in English."""
    found: dict[str, list[str]] = {}
    for gap in gaps(card):
        found.setdefault(gap.section, []).append(gap.words)
    return found
