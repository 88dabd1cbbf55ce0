"""Who looked at clients who were not theirs, as reports tell it.

Counts are made from the log, which erasing a client leaves as it is: whoever looked shows in the report all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from .log import written
from .tables import accesses, log

BREAK_GLASS = "break-glass"  # the action, as the log has it


@dataclass(frozen=True)
class Look:
    """One access, without the client; office: where the member of staff works, None: not known."""

    staff: str
    office: str | None
    ground: str


@dataclass(frozen=True)
class Access:
    """One access, as it was recorded."""

    id: str
    staff: str
    office: str | None
    client: str
    ground: str
    why: str
    at: str
    until: str
    seq: int


def looks_in(connection: Connection, start: datetime, end: datetime) -> list[Look]:
    """Return every access from `start` to before `end` whose entry in the log still says by whom it was."""
    rows = connection.execute(
        select(log.c.who, log.c.content).where(
            log.c.action == BREAK_GLASS,
            log.c.at >= written(start),
            log.c.at < written(end),
            log.c.who.is_not(None),  # taken out when its time was over
        )
    )
    found = [(row.who, json.loads(row.content)) for row in rows]
    return [Look(who, content.get("office"), content["ground"]) for who, content in found]


def accesses_before(connection: Connection, seq: int | None, limit: int) -> list[Access]:
    """Return the newest accesses, from before an entry of the log on; None: from the last."""
    query = select(
        accesses.c.id,
        accesses.c.staff,
        accesses.c.office,
        accesses.c.client,
        accesses.c.ground,
        accesses.c.why,
        accesses.c.at,
        accesses.c.until,
        accesses.c.seq,
    )
    if seq is not None:
        query = query.where(accesses.c.seq < seq)
    return [Access(*row) for row in connection.execute(query.order_by(accesses.c.seq.desc()).limit(limit))]
