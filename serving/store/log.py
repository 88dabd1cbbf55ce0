"""The log: append-only, each entry chained to the one before, so that nothing is changed or taken out unnoticed.

An entry says when, what (`action`), and in its private part who, about whom, and the facts (ids, versions, counts, and
why somebody stopped advice or erased a client: never a chance, a reason of a hint or an input). The chain covers a
salted commitment to the private part. When its time is over the private part is taken out by an entry that says so; the
chain still holds, and nobody can try out what stood there.

    commitment = SHA-256(salt ⏎ who ⏎ role ⏎ client ⏎ content)
    digest     = SHA-256(digest before ⏎ seq ⏎ at ⏎ action ⏎ commitment)
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, insert, select, text

from .prepared import Prepared
from .tables import log

FIRST = "0" * 64  # the digest before the first entry
LOCK = 0x61707561  # "apua": PostgreSQL's advisory lock of whoever appends


@dataclass(frozen=True)
class Event:
    """What somebody does, as the log will tell it.

    action   one word or a few, with full stops between: "advice", "right.record"
    who      the subject of a member of staff or a service; role: in which they did it
    client   pseudonym of whom it is about, None where it is about nobody
    content  facts without anything personal in them but ids
    """

    action: str
    who: str
    role: str
    client: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError where a line end could make two entries read as one."""
        if "\n" in f"{self.action}{self.who}{self.role}{self.client}":
            raise ValueError("an event is told in single lines")


@lru_cache(64)  # a moment is written down in several tables
def written(at: datetime) -> str:
    """Return a time as the tables hold it: UTC, microseconds, one length."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def read_time(text: str) -> datetime:
    """Return a time of the tables."""
    return datetime.fromisoformat(text)


def commitment(salt: str, who: str, role: str, client: str | None, content: str) -> str:
    """Return what the chain holds of an entry's private part."""
    return sha256(f"{salt}\n{who}\n{role}\n{client or ''}\n{content}".encode()).hexdigest()


def chained(before: str, seq: int, at: str, action: str, committed: str) -> str:
    """Return the digest of an entry."""
    return sha256(f"{before}\n{seq}\n{at}\n{action}\n{committed}".encode()).hexdigest()


def next_entry(connection: Connection) -> tuple[int, str]:
    """Return the number of the next entry and the digest before it; nobody else appends until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"lock": LOCK})
    last = _LAST.first(connection)
    return (1, FIRST) if last is None else (last[0] + 1, last[1])


def append(connection: Connection, event: Event, seq: int, before: str, at: datetime) -> str:
    """Write an entry, and return its digest; `seq` and `before` as `next_entry` returned them in this transaction."""
    moment = written(at)
    content = to_json(dict(sorted(event.content.items()))).decode()
    salt = secrets.token_hex(16)
    committed = commitment(salt, event.who, event.role, event.client, content)
    digest = chained(before, seq, moment, event.action, committed)
    _INSERT.run(
        connection,
        {
            "seq": seq,
            "at": moment,
            "action": event.action,
            "who": event.who,
            "role": event.role,
            "client": event.client,
            "content": content,
            "salt": salt,
            "commitment": committed,
            "digest": digest,
        },
    )
    return digest


_LOCK = text("SELECT pg_advisory_xact_lock(:lock)")
_LAST = Prepared(select(log.c.seq, log.c.digest).order_by(log.c.seq.desc()).limit(1))
_INSERT = Prepared(insert(log))
