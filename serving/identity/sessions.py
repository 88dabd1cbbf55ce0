"""Who is signed in on the pages: sessions that end by themselves, after half an hour unused or nine hours in all."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Row, Table, delete, insert, or_, select, update
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ml.errors import UnavailableError
from serving.store.engines import LASTING
from serving.store.log import read_time, written

from .identity import Identity
from .roles import Role

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=9)
NOTED_EVERY = timedelta(minutes=1)  # that somebody was seen is not written down at every look
ID_BYTES = 32
LONGEST_ID = 64
NOT_NOW = "the database cannot be used now, so nobody is known by their session; try again"


@dataclass(frozen=True)
class Session:
    """Somebody signed in, and the token that their writes must show; its repr does not."""

    identity: Identity
    csrf_token: str = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """A new session, and the id that its browser keeps in a cookie; nobody else ever sees it."""

    session_id: str = field(repr=False)
    session: Session


class Sessions(Protocol):
    """Where sessions are kept. Each method raises UnavailableError when it cannot be asked."""

    def open(self, identity: Identity) -> Opened:
        """Begin a session, under an id that never was."""

    def find(self, session_id: str | None, *, used: bool = True) -> Session | None:
        """Return the session of an id; None when there is none, or it is over.

        used  by a person: what a page asks by itself does not keep a session alive
        """

    def close(self, session_id: str) -> None:
        """End a session, if there is one."""


class SqlSessions:
    """Sessions in a database, shared by all workers."""

    def __init__(
        self,
        engine: Engine,
        table: Table,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        vouched_by: str = "",
    ) -> None:
        """Keep sessions in a table of `session_table`.

        vouched_by  who says who somebody is: what one vouched for is no session where another does, as when a
                    demonstration becomes a real service on the same database
        """
        self._engine, self._table, self._now, self._vouched_by = engine, table, now, vouched_by

    def open(self, identity: Identity) -> Opened:
        """Begin a session, and forget those that are over."""
        now, session_id = self._now(), secrets.token_urlsafe(ID_BYTES)
        session = Session(replace(identity, expires=now + LONGEST), secrets.token_urlsafe(ID_BYTES))
        row = {
            "digest": self._digest(session_id),
            "subject": identity.subject,
            "name": identity.name,
            "roles": " ".join(sorted(identity.roles)),
            "office": identity.office,
            "created_at": written(now),
            "seen_at": written(now),
            "expires_at": written(now + LONGEST),
            "csrf_token": session.csrf_token,
        }
        columns = self._table.c
        over = or_(columns.expires_at <= written(now), columns.seen_at <= written(now - IDLE))
        with self._writing() as connection:
            connection.execute(delete(self._table).where(over))
            connection.execute(insert(self._table).values(row))
        return Opened(session_id, session)

    def find(self, session_id: str | None, *, used: bool = True) -> Session | None:
        """Return the session of an id, and note that it is used."""
        if not session_id or len(session_id) > LONGEST_ID:
            return None
        now, digest = self._now(), self._digest(session_id)
        columns = self._table.c
        alive = select(self._table).where(
            columns.digest == digest, columns.expires_at > written(now), columns.seen_at > written(now - IDLE)
        )
        with _told(), self._engine.connect() as connection:
            row = connection.execute(alive).one_or_none()
        if row is None:
            return None
        if used and row.seen_at <= written(now - NOTED_EVERY):
            with self._writing() as connection:
                connection.execute(update(self._table).where(columns.digest == digest).values(seen_at=written(now)))
        return _session(row)

    def close(self, session_id: str) -> None:
        """End a session, if there is one."""
        with self._writing() as connection:
            connection.execute(delete(self._table).where(self._table.c.digest == self._digest(session_id)))

    def _digest(self, session_id: str) -> str:
        return hashlib.sha256(f"{self._vouched_by}\n{session_id}".encode("utf-8", "replace")).hexdigest()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _told(), self._engine.connect().execution_options(writes=LASTING) as connection, connection.begin():
            yield connection


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeout):
        raise UnavailableError(NOT_NOW) from None


def _session(row: Row[Any]) -> Session | None:
    """Return what a row holds; None when it names a role that this version does not know: sign in again."""
    try:
        roles = frozenset(Role(each) for each in row.roles.split())
    except ValueError:
        return None
    expires = read_time(row.expires_at)
    return Session(Identity(row.subject, row.name, roles, row.office, expires), row.csrf_token)
