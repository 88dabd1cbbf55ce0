"""All that is held of one client, as it is kept: for the person whom it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from .clients import Client, client
from .tables import accesses, advices, batches, feedback, hints, judgements, log, rights

Kept = Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """What is held, each oldest first.

    client      how they stand; None: no such row
    rights      with the role of who recorded it, None once the log no longer says
    shown       hints as they were shown; `content` is plain data by task
    ready       hints that lie ready; `ready` false where their batch is not complete
    entries     of the log: when, what, and in which role
    Nowhere who of the staff it was: the person is owed when and why, and not by whom (C-579/21, Pankki S).
    """

    client: Client | None
    rights: tuple[Kept, ...]
    judgements: tuple[Kept, ...]
    shown: tuple[Kept, ...]
    feedback: tuple[Kept, ...]
    accesses: tuple[Kept, ...]
    ready: tuple[Kept, ...]
    entries: tuple[Kept, ...]

    @property
    def nothing(self) -> bool:
        """Whether nobody has ever heard of this client here."""
        return not any(vars(self).values())


def held(connection: Connection, pseudonym: str) -> Held:
    """Return what is held of a client."""

    def rows(query: Select[Any], *read: str) -> tuple[Kept, ...]:
        return tuple(_read(row, read) for row in connection.execute(query))

    rights_of = (
        select(rights.c.right, rights.c.in_force, rights.c.since, rights.c.recorded_at, log.c.role)
        .outerjoin(log, log.c.seq == rights.c.seq)
        .where(rights.c.client == pseudonym)
        .order_by(rights.c.seq)
    )
    ready = (
        select(hints, batches.c.completed_at.is_not(None).label("ready"))
        .join(batches, batches.c.id == hints.c.batch)
        .where(hints.c.client == pseudonym)
        .order_by(batches.c.seq)
    )
    entries = select(log.c.at, log.c.action, log.c.role).where(log.c.client == pseudonym).order_by(log.c.seq)
    return Held(
        client=client(connection, pseudonym),
        rights=rows(rights_of),
        judgements=rows(_of(judgements, pseudonym)),
        shown=rows(_of(advices, pseudonym), "content"),
        feedback=rows(_of(feedback, pseudonym), "done"),
        accesses=rows(_of(accesses, pseudonym)),
        ready=rows(ready, "content"),
        entries=rows(entries),
    )


def _of(table: Any, pseudonym: str) -> Select[Any]:
    return select(table).where(table.c.client == pseudonym).order_by(table.c.seq)


def _read(row: Row[Any], read: tuple[str, ...]) -> Kept:
    """Return a row with the named columns read from JSON."""
    return {**row._mapping, **{name: json.loads(row._mapping[name]) for name in read}}
