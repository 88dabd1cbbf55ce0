"""Who looked at a client who was not theirs, until when, and why."""

from __future__ import annotations

from sqlalchemy import insert

from .database import Entry
from .log import written
from .tables import accesses


def add_access(
    entry: Entry, id: str, client: str, staff: str, office: str | None, ground: str, why: str, until: str
) -> None:
    """Keep the reason for which somebody may see a client who is not theirs."""
    entry.connection.execute(
        insert(accesses),
        {
            "id": id,
            "client": client,
            "staff": staff,
            "office": office,
            "ground": ground,
            "why": why,
            "at": written(entry.at),
            "until": until,
            "seq": entry.seq,
        },
    )
