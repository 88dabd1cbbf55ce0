"""Judgements: what a caseworker saw before any hint, and never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from .database import Entry
from .log import written
from .tables import judgements


@dataclass(frozen=True)
class Judgement:
    """A caseworker's own view of a client."""

    id: str
    client: str
    caseworker: str
    service_need: str
    chance_of_work: str
    why: str


def add_judgement(entry: Entry, judgement: Judgement) -> None:
    """Keep a judgement."""
    entry.connection.execute(
        _ADD,
        {
            "id": judgement.id,
            "client": judgement.client,
            "caseworker": judgement.caseworker,
            "service_need": judgement.service_need,
            "chance_of_work": judgement.chance_of_work,
            "why": judgement.why,
            "at": written(entry.at),
            "seq": entry.seq,
        },
    )


def newest_judgement(connection: Connection, client: str, caseworker: str) -> str | None:
    """Return the id of a caseworker's newest judgement of a client."""
    found = connection.execute(
        select(judgements.c.id)
        .where(judgements.c.client == client, judgements.c.caseworker == caseworker)
        .order_by(judgements.c.seq.desc())
        .limit(1)
    ).scalar()
    return None if found is None else str(found)


_ADD = insert(judgements)
