"""All that is held of one client, as it is kept: for the person whom it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from .clients import Client, client
from .tables import accesses, advices, batches, clients, feedback, hints, idempotency, judgements, log, rights

Kept = Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """What is held, each oldest first.

    client      how they stand; None: no such row
    cohorts     by which pseudonym they are known in the data of which task ("risk", "needs")
    rights      with the role of who recorded it, None once the log no longer says
    shown       hints as they were shown; `content` is plain data by task
    ready       hints that lie ready; `ready` false where their batch is not complete
    entries     of the log: when, what, and in which role
    answers     kept by an Idempotency-Key, each a copy of what stands elsewhere here: when alone
    Nowhere who of the staff it was: the person is owed when and why, and not by whom (C-579/21, Pankki S).
    """

    client: Client | None
    cohorts: tuple[Kept, ...]
    rights: tuple[Kept, ...]
    judgements: tuple[Kept, ...]
    shown: tuple[Kept, ...]
    feedback: tuple[Kept, ...]
    accesses: tuple[Kept, ...]
    ready: tuple[Kept, ...]
    entries: tuple[Kept, ...]
    answers: tuple[Kept, ...]

    @property
    def nothing(self) -> bool:
        """Whether nobody has ever heard of this client here."""
        return not any(vars(self).values())


def held(connection: Connection, pseudonym: str) -> Held:
    """Return what is held of a client."""

    def rows(query: Select[Any], *read: str) -> tuple[Kept, ...]:
        return tuple(_read(row, read) for row in connection.execute(query))

    ready = (
        select(hints, batches.c.completed_at.is_not(None).label("ready"))
        .join(batches, batches.c.id == hints.c.batch)
        .where(hints.c.client == pseudonym)
        .order_by(batches.c.seq)
    )
    entries = select(log.c.at, log.c.action, log.c.role).where(log.c.client == pseudonym).order_by(log.c.seq)
    answers = select(idempotency.c.at).where(idempotency.c.client == pseudonym).order_by(idempotency.c.at)
    return Held(
        client=client(connection, pseudonym),
        cohorts=_cohorts(connection, pseudonym),
        rights=rights_recorded(connection, pseudonym),
        judgements=rows(_of(judgements, pseudonym)),
        shown=rows(_of(advices, pseudonym), "content"),
        feedback=rows(_of(feedback, pseudonym), "done"),
        accesses=rows(_of(accesses, pseudonym)),
        ready=rows(ready, "content"),
        entries=rows(entries),
        answers=rows(answers),
    )


def rights_recorded(connection: Connection, pseudonym: str) -> tuple[Kept, ...]:
    """Return what was recorded of a client's rights, oldest first, with the role of who recorded it."""
    query: Select[Any] = (
        select(rights.c.right, rights.c.in_force, rights.c.since, rights.c.recorded_at, log.c.role)
        .outerjoin(log, log.c.seq == rights.c.seq)
        .where(rights.c.client == pseudonym)
        .order_by(rights.c.seq)
    )
    return tuple(_read(row, ()) for row in connection.execute(query))


def _cohorts(connection: Connection, pseudonym: str) -> tuple[Kept, ...]:
    """Return task and pseudonym of each cohort that the client is known in."""
    query = select(clients.c.risk_pseudonym, clients.c.needs_pseudonym).where(clients.c.client == pseudonym)
    row = connection.execute(query).first()
    known = () if row is None else (("risk", row.risk_pseudonym), ("needs", row.needs_pseudonym))
    return tuple({"task": task, "pseudonym": name} for task, name in known if name is not None)


def _of(table: Any, pseudonym: str) -> Select[Any]:
    return select(table).where(table.c.client == pseudonym).order_by(table.c.seq)


def _read(row: Row[Any], read: tuple[str, ...]) -> Kept:
    """Return a row with the named columns read from JSON."""
    return {**row._mapping, **{name: json.loads(row._mapping[name]) for name in read}}
