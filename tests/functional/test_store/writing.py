"""What is written in the store's tests: through the store's own doors, each write with its event."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select

from serving.store.accesses import add_access
from serving.store.advices import Shown, add_advice, add_feedback
from serving.store.clients import Assigned, assign, record_right
from serving.store.database import Database, Entry
from serving.store.judgements import Judgement, add_judgement
from serving.store.log import Event, written
from serving.store.stops import add_stop
from serving.store.tables import batches, hints, idempotency

ANNA, BEN = "a" * 32, "b" * 32
WHO = "caseworker-1"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Clock:
    """The time of day of a database, moved by hand."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@contextmanager
def event(database: Database, action: str, client: str | None = None, **content: Any) -> Iterator[Entry]:
    """Yield a transaction of a caseworker's."""
    with database.recording(Event(action, WHO, "caseworker", client, content)) as entry:
        yield entry


def judge(database: Database, client: str = ANNA, why: str = "Has a trade.") -> str:
    id = secrets.token_hex(16)
    with event(database, "judgement", client, id=id) as entry:
        add_judgement(entry, Judgement(id, client, WHO, "skills", "fair", why))
    return id


def show(database: Database, judgement: str, client: str = ANNA, text: str = "what was said") -> str:
    id = secrets.token_hex(16)
    with event(database, "advice", client, id=id) as entry:
        content = json.dumps({"said": text})
        add_advice(entry, Shown(id, judgement, client, WHO, "Itä", "stored", "skills", "low", "ltu-small 3", content))
    return id


def say(database: Database, advice: str, client: str = ANNA, why: str = "I agree.") -> None:
    id = secrets.token_hex(16)
    with event(database, "feedback", client, id=id) as entry:
        add_feedback(entry, id, advice, client, WHO, {"agrees": "agree", "why": why, "done": ["skills"]})


def look(database: Database, client: str = ANNA, why: str = "A colleague is away.") -> None:
    id = secrets.token_hex(16)
    with event(database, "break-glass", client, id=id) as entry:
        until = written(entry.at + timedelta(hours=8))
        add_access(entry, id, client, "caseworker-2", "Itä", "absent_colleague", why, until)


def right(database: Database, kind: str, client: str = ANNA, *, in_force: bool = True) -> None:
    with event(database, "right", client) as entry:
        record_right(entry, client, kind, written(entry.at)[:10], WHO, in_force=in_force)


def assigned(database: Database, client: str = ANNA, caseworker: str | None = WHO, office: str = "Itä") -> None:
    with event(database, "assign") as entry:
        assign(entry, [Assigned(client, caseworker, office, written(entry.at)[:10])])


def stop(database: Database, why: str = "We look into it.") -> None:
    id = secrets.token_hex(16)
    with event(database, "stop", id=id) as entry:
        add_stop(entry, id, None, why, WHO)


def keep_answer(database: Database, client: str = ANNA, text: str = "what was answered") -> None:
    with event(database, "client.look", client) as entry:
        kept = {"who": WHO, "key": secrets.token_hex(8), "question": b"?" * 32, "status": 200, "answer": text}
        entry.connection.execute(insert(idempotency), {**kept, "client": client, "at": written(entry.at)})


def make_ready(
    database: Database, client: str = ANNA, text: str = "what lies ready", *, complete: bool = True, task: str = "risk"
) -> str:
    """Keep a hint of a batch of its own, valid for a week; return the batch."""
    id = secrets.token_hex(16)
    with event(database, "batch") as entry:
        until, model = written(entry.at + timedelta(days=7)), {"model": "ltu-small", "version": 3, "digest": "sha256:0"}
        of = {**model, "task": task, "as_of": "2026-11-28", "valid_until": until}
        at = written(entry.at) if complete else None
        batch = {"id": id, "cohort": "sha256:1", "done_rows": 1, "hints": 1, "completed_at": at, "seq": entry.seq}
        entry.connection.execute(insert(batches), {**of, **batch})
        content = json.dumps({"said": text})
        entry.connection.execute(insert(hints), {**of, "client": client, "batch": id, "content": content})
    return id


def everything(database: Database, client: str = ANNA, text: str = "plain words") -> None:
    """Write a row of every kind about a client; `text` stands wherever somebody's words do."""
    assigned(database, client, office=f"Itä, {text}"[:100])
    right(database, "consent", client)
    advice = show(database, judge(database, client, text), client, text)
    say(database, advice, client, text)
    look(database, client, text)
    keep_answer(database, client, text)
    make_ready(database, client, text)
    make_ready(database, client, text, complete=False, task="needs")


def rows(database: Database, table: Table) -> list[dict[str, Any]]:
    with database.reading() as connection:
        return [dict(row._mapping) for row in connection.execute(select(table))]
