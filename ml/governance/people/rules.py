"""What a form is refused for, beyond the shape of its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from .dialogue import Dialogue
from .people import People, unexplained
from .sections import NEEDS_ONLY, SERVICE_NEED

AHEAD = timedelta(hours=3)  # a day begins in Helsinki up to three hours before it begins in UTC


def broken(card: Mapping[str, Any], people: People, at: datetime) -> Iterator[str]:
    """Return each rule that the answers break, with its place."""
    yield from _inputs(card, people)
    yield from _needs_only(card, people)
    yield from _days(people, at)
    yield from _steps(people.dialogue)


def _inputs(card: Mapping[str, Any], people: People) -> Iterator[str]:
    names, asked = {each["name"] for each in card["inputs"]}, unexplained(card)
    for name in people.inputs:
        if name not in names:
            yield f"inputs.{name}: the model has no such input"
        elif name not in asked:
            yield f"inputs.{name}: is not asked; the declaration of the data says why it is needed"


def _needs_only(card: Mapping[str, Any], people: People) -> Iterator[str]:
    if card.get("sort") != SERVICE_NEED:
        yield from (
            f"data.{name}: is asked of a service-need model alone; take the line out"
            for name in NEEDS_ONLY
            if getattr(people.data, name)
        )


def _days(people: People, at: datetime) -> Iterator[str]:
    """Return each day that has not come yet."""
    today = (at.astimezone(UTC) + AHEAD).date()
    impact, dialogue = people.impact, people.dialogue
    places = [
        ("impact.data_protection", impact.data_protection.date),
        ("impact.fundamental_rights", impact.fundamental_rights.date),
        ("notice", dialogue.notice.date),
        ("description", dialogue.description.date),
        *((f"heard {number}", each.date) for number, each in enumerate(dialogue.heard, start=1)),
        *((f"weighing {number}", each.date) for number, each in enumerate(dialogue.weighing, start=1)),
        ("recommendation", dialogue.recommendation.date),
    ]
    for place, day in places:
        if day is not None and day > today:
            yield f"{place}, date: {day.isoformat()} has not come yet"


def _steps(dialogue: Dialogue) -> Iterator[str]:
    """Return each step of the dialogue that was taken before one that it rests on."""
    taken = [(step, [day for day in days if day is not None]) for step, days in dialogue.days()]
    known = [(step, days) for step, days in taken if days]
    for (first, before), (second, after) in pairwise(known):
        if min(after) < max(before):
            yield f"{second}, date: {min(after).isoformat()} is before the {first} of {max(before).isoformat()}"
    heard = [each.date for each in dialogue.heard if each.date is not None]
    recommended = dialogue.recommendation.date
    if heard and recommended is not None and recommended < max(heard):
        yield f"recommendation, date: {recommended.isoformat()} is before somebody was heard ({max(heard).isoformat()})"
