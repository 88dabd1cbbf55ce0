"""Entries of the log as somebody reads them, newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from .tables import log


@dataclass(frozen=True)
class Told:
    """An entry; of one whose private part was taken out who, role, client and content are None."""

    seq: int
    at: str
    action: str
    who: str | None
    role: str | None
    client: str | None
    content: Mapping[str, Any] | None
    digest: str


def entries(
    connection: Connection, limit: int, before: int | None = None, action: str | None = None, client: str | None = None
) -> list[Told]:
    """Return at most so many entries before one, of an action and about a client where these are named."""
    query = select(log.c.seq, log.c.at, log.c.action, log.c.who, log.c.role, log.c.client, log.c.content, log.c.digest)
    if before is not None:
        query = query.where(log.c.seq < before)
    if action is not None:
        query = query.where(log.c.action == action)
    if client is not None:
        query = query.where(log.c.client == client)
    return [
        Told(*row[:6], None if row.content is None else json.loads(row.content), row.digest)
        for row in connection.execute(query.order_by(log.c.seq.desc()).limit(limit))
    ]
