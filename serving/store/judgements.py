"""Judgements: what a caseworker saw before any hint, and never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert

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


_ADD = insert(judgements)
