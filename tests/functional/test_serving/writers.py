"""Somebody who writes through faults, and what must hold afterwards: rows as answered, each once, and a whole log."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from serving.store.database import Database
from serving.store.verify import verify

from .servers import CASEWORKER, Json, Server, done, judgement, problem


def verified(url: str) -> int:
    """Return how many entries the log has, after it was found whole."""
    database = Database(url)
    try:
        with database.reading() as connection:
            return verify(connection).entries
    finally:
        database.close()


def rows(url: str, query: str) -> list[Any]:
    database = Database(url)
    try:
        with database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        database.close()


def sqlite_of(home: Path) -> str:
    return f"sqlite:///{home / 'service.db'}"


class Writer:
    """Somebody who records judgements, each with a key of its own, and asks again until one is answered."""

    def __init__(self, server: Server, client: Json) -> None:
        self.server, self.client = server, client
        self.answered: dict[str, str] = {}  # id of the judgement, by key
        self.refused: list[tuple[int, str]] = []
        self.asking = False

    def write(self, seconds: float = 60) -> str:
        """Record one, however often it must be asked; return its id."""
        key, end = secrets.token_hex(8), time.monotonic() + seconds
        while time.monotonic() < end:
            if self.attempt(key):
                return self.answered[key]
            time.sleep(0.1)
        raise AssertionError(self.refused[-3:])

    def attempt(self, key: str) -> bool:
        """Ask once; return whether it was answered. Whatever is refused is refused with a problem."""
        self.asking = True
        try:
            answer = self.server.alone(
                CASEWORKER, "POST", "/v1/judgements", judgement(self.client), Idempotency_Key=key
            )
        except httpx.HTTPError as error:
            self.refused.append((0, type(error).__name__))
            return False
        finally:
            self.asking = False
        if answer.status_code == 201:
            self.answered[key] = answer.json()["judgement"]
            return True
        if answer.status_code == 429:  # we are quicker than a person may be
            time.sleep(0.2)
            return False
        found = problem(answer, 503)
        self.refused.append((answer.status_code, found["detail"]))
        return False

    def holds(self, url: str) -> None:
        """Fail unless the rows are what was answered, each once, and the log is whole."""
        found = [id for (id,) in rows(url, f"SELECT id FROM judgements WHERE client = '{self.client['pseudonym']}'")]
        assert sorted(found) == sorted(self.answered.values())
        entries = rows(url, "SELECT count(*) FROM log WHERE action = 'judgement'")
        assert entries == [(len(found),)]
        verified(url)


def writer(server: Server) -> Writer:
    """Return a writer about a client of the caseworker's whom nobody has judged."""
    client = {"pseudonym": secrets.token_hex(16)}
    each = {"client": client, "caseworker": CASEWORKER, "office": "Itä", "since": "2026-11-02"}
    done(server.alone("demo-integration", "POST", "/v1/assignments", {"assignments": [each]}))
    return Writer(server, client)
