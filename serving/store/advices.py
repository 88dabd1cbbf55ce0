"""Advice: what was shown to whom, as it was shown, and what became of it; and the hints that lie ready."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from .database import Entry
from .log import written
from .prepared import Prepared
from .tables import advices, batches, feedback, hints


@dataclass(frozen=True)
class StoredHint:
    """What a batch said of a client; `content` is plain data as `serving.hints` reads it."""

    task: str
    model: str
    version: int
    digest: str
    as_of: str
    valid_until: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """A hint as it was shown.

    need, band  its answers, for counts
    models      name, version and digest of each model
    content     the parts, language-free, as `serving.hints` reads them
    """

    id: str
    judgement: str
    client: str
    caseworker: str
    office: str | None
    source: str
    need: str | None
    band: str | None
    models: str
    content: str


_HINTS = select(
    hints.c.task,
    hints.c.model,
    hints.c.version,
    hints.c.digest,
    hints.c.as_of,
    hints.c.valid_until,
    hints.c.content,
).where(hints.c.client == bindparam("client"), batches.c.id == hints.c.batch, batches.c.completed_at.is_not(None))


def stored_hints(connection: Connection, client: str) -> dict[str, StoredHint]:
    """Return the hints that lie ready for a client, by task: those of the batch that was completed last."""
    rows = connection.execute(_HINTS.order_by(batches.c.seq), {"client": client})
    return {row.task: StoredHint(*row[:-1], json.loads(row.content)) for row in rows}


def add_advice(entry: Entry, shown: Shown) -> None:
    """Keep what is shown now."""
    _ADD.run(entry.connection, {**vars(shown), "at": written(entry.at), "seq": entry.seq})


def advice_of(connection: Connection, advice: str) -> tuple[str, str] | None:
    """Return client and caseworker of a hint that was shown; None: there is none."""
    row = connection.execute(select(advices.c.client, advices.c.caseworker).where(advices.c.id == advice)).first()
    return None if row is None else (row.client, row.caseworker)


def add_feedback(entry: Entry, id: str, advice: str, client: str, caseworker: str, said: Mapping[str, Any]) -> None:
    """Keep what a caseworker says of a hint; `said` has agrees, why and done."""
    entry.connection.execute(
        insert(feedback),
        {
            "id": id,
            "advice": advice,
            "client": client,
            "caseworker": caseworker,
            "agrees": said["agrees"],
            "why": said["why"],
            "done": json.dumps(said["done"]),
            "at": written(entry.at),
            "seq": entry.seq,
        },
    )


def has_feedback(connection: Connection, advice: str) -> bool:
    """Return whether somebody said already what became of a hint."""
    return connection.execute(select(feedback.c.id).where(feedback.c.advice == advice)).first() is not None


_ADD = Prepared(insert(advices))
