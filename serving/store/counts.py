"""The clients of a month, as counts are made of them; and counts as they were first shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select

from .database import Entry
from .log import read_time, written
from .tables import advices, feedback, judgements, log, published

NO_SERVICE = {"nothing_new"}  # of what is said to have been done


@dataclass(frozen=True)
class Seen:
    """One client, as the latest hint that was shown of them in a month says; nothing here says who.

    office    the client's then; None: not known
    need      answer of the hint; band: of its risk; None: the hint had no such part
    own_need  what the caseworker had judged before; None: the judgement is no longer kept
    agrees    what the caseworker said of the hint; None: nothing in time
    days      after how many calendar days they told of a service; None: of none, or not in time
    """

    office: str | None
    need: str | None
    band: str | None
    own_need: str | None
    agrees: str | None
    days: int | None


def seen_in(connection: Connection, start: datetime, end: datetime, until: datetime) -> list[Seen]:
    """Return the clients about whom a hint was shown from `start` to before `end`; feedback counts before `until`."""
    last = (
        select(advices.c.client, func.max(advices.c.seq).label("seq"))
        .where(advices.c.at >= written(start), advices.c.at < written(end))
        .group_by(advices.c.client)
        .subquery()
    )
    rows = connection.execute(
        select(
            advices.c.office,
            advices.c.need,
            advices.c.band,
            judgements.c.service_need.label("own_need"),
            feedback.c.agrees,
            feedback.c.done,
            advices.c.at.label("shown_at"),
            feedback.c.at.label("said_at"),
        )
        .select_from(advices)
        .join(last, and_(last.c.client == advices.c.client, last.c.seq == advices.c.seq))
        .outerjoin(judgements, judgements.c.id == advices.c.judgement)
        .outerjoin(feedback, and_(feedback.c.advice == advices.c.id, feedback.c.at < written(until)))
    )
    return [
        Seen(row.office, row.need, row.band, row.own_need, row.agrees, _days(row.shown_at, row.said_at, row.done))
        for row in rows
    ]


def _days(shown_at: str, said_at: str | None, done: str | None) -> int | None:
    if said_at is None or done is None or set(json.loads(done)) <= NO_SERVICE:
        return None
    return (read_time(said_at).date() - read_time(shown_at).date()).days


def first_entry_at(connection: Connection) -> str | None:
    """Return when the log begins; None: nothing was ever done here."""
    found = connection.execute(select(log.c.at).order_by(log.c.seq).limit(1)).scalar()
    return None if found is None else str(found)


def published_counts(connection: Connection, month: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return when the counts of a month were made, and what they were; None: nobody has asked for them yet."""
    row = connection.execute(select(published.c.at, published.c.content).where(published.c.month == month)).first()
    return None if row is None else (row.at, json.loads(row.content))


def published_months(connection: Connection) -> set[str]:
    """Return the months whose counts were made."""
    return set(connection.execute(select(published.c.month)).scalars())


def keep_counts(entry: Entry, month: str, content: Mapping[str, Any]) -> str:
    """Keep the counts of a month, for good, and return when that was."""
    at = written(entry.at)
    kept = json.dumps(content, ensure_ascii=False)
    entry.connection.execute(insert(published), {"month": month, "content": kept, "at": at, "seq": entry.seq})
    return at
