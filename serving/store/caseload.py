"""A caseworker's clients, each with what has been done of late; and one client's last steps with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from .tables import advices, batches, clients, feedback, hints, judgements


@dataclass(frozen=True)
class Load:
    """One client of a caseworker's.

    ready      a hint lies ready that is not out of date
    judged_at  when the caseworker recorded their own view last; None: never
    """

    client: str
    assigned_on: str | None
    ready: bool
    judged_at: str | None


@dataclass(frozen=True)
class Step:
    """The last time that a caseworker judged a client; and what followed.

    advice  the hint shown with it; None: none was
    said    feedback was given
    """

    judgement: str
    service_need: str
    chance_of_work: str
    why: str
    at: str
    advice: str | None
    said: bool


@dataclass(frozen=True)
class ShownAdvice:
    """A hint as it was shown; `content` is plain data by task. `feedback`: what the caseworker said of it."""

    id: str
    judgement: str
    client: str
    caseworker: str
    at: str
    content: dict[str, Any]
    feedback: Feedback | None


@dataclass(frozen=True)
class Feedback:
    """What a caseworker said of a hint."""

    agrees: str
    why: str | None
    done: tuple[str, ...]
    at: str


def caseload(connection: Connection, caseworker: str, after: str | None, limit: int, now: str) -> list[Load]:
    """Return a caseworker's clients, in the order of pseudonyms, after one."""
    judged = (
        select(func.max(judgements.c.at))
        .where(judgements.c.client == clients.c.client, judgements.c.caseworker == caseworker)
        .scalar_subquery()
    )
    ready = (
        select(hints.c.client)
        .join(batches, batches.c.id == hints.c.batch)
        .where(hints.c.client == clients.c.client, batches.c.completed_at.is_not(None), hints.c.valid_until > now)
        .exists()
    )
    query = select(clients.c.client, clients.c.assigned_on, ready, judged).where(clients.c.caseworker == caseworker)
    if after is not None:
        query = query.where(clients.c.client > after)
    return [Load(*row) for row in connection.execute(query.order_by(clients.c.client).limit(limit))]


def last_step(connection: Connection, pseudonym: str, caseworker: str) -> Step | None:
    """Return how a caseworker saw a client last, and what followed; None: they never said."""
    latest = connection.execute(
        select(judgements)
        .where(judgements.c.client == pseudonym, judgements.c.caseworker == caseworker)
        .order_by(judgements.c.seq.desc())
        .limit(1)
    ).first()
    if latest is None:
        return None
    shown = connection.execute(
        select(advices.c.id, feedback.c.id.label("feedback"))
        .outerjoin(feedback, feedback.c.advice == advices.c.id)
        # by client first: that has an index
        .where(and_(advices.c.client == pseudonym, advices.c.judgement == latest.id))
        .order_by(advices.c.seq.desc())
        .limit(1)
    ).first()
    return Step(
        latest.id,
        latest.service_need,
        latest.chance_of_work,
        latest.why,
        latest.at,
        None if shown is None else shown.id,
        shown is not None and shown.feedback is not None,
    )


def shown_advice(connection: Connection, advice: str) -> ShownAdvice | None:
    """Return a hint as it was shown, with what was said of it; None: there is none, or it was erased."""
    row = connection.execute(select(advices).where(advices.c.id == advice)).first()
    if row is None:
        return None
    said = connection.execute(select(feedback).where(feedback.c.advice == advice)).first()
    told = None if said is None else Feedback(said.agrees, said.why, tuple(json.loads(said.done)), said.at)
    return ShownAdvice(row.id, row.judgement, row.client, row.caseworker, row.at, json.loads(row.content), told)
