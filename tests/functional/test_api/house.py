"""The service as its users meet it: an application on a real database, its people, and the steps they take."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from starlette.exceptions import StarletteDeprecationWarning
from starlette.requests import Request

from ml.errors import GateError
from ml.pseudonym import MasterKey
from serving.app import create_app
from serving.edge import Edge
from serving.http.limits import Limiter, Rate
from serving.identity.demo import DemoUsers
from serving.lanes import Lanes
from serving.language import Language, read_languages
from serving.models.held import Loaded, Models
from serving.service import Service
from serving.store.database import Database

with warnings.catch_warnings():
    # Starlette's client runs on httpx, and says so until the lock has its successor.
    warnings.filterwarnings("ignore", "Using `httpx` with", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

Json = dict[str, Any]
KEY = MasterKey(b"0123456789abcdef0123456789abcdef")
CODE = "131052-308T"  # of nobody: DVV's example
ANNA, BEN, NOBODY = ({"pseudonym": digit * 32} for digit in "abc")
CASEWORKER, COLLEAGUE = "demo-caseworker", "demo-caseworker-2"
RISK: Json = {"tenure": 12, "wage": 2400.5, "course": False, "area": "North", "trade": "cook"}
NEEDS: Json = {"ability": 7.5, "language_course": False}
DAY = "2026-11-02"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
PLENTY = Rate(per_second=100_000, burst=100_000)


@dataclass
class Clock:
    """The time of day of the service, moved by hand."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Gate:
    """The approval of a model, as it stands at the moment; None: it holds.

    meanwhile  happens when the gate is asked, in the middle of a question
    """

    refusal: str | None = None
    calls: list[None] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def __call__(self) -> None:
        self.calls.append(None)
        self.meanwhile()
        if self.refusal:
            raise GateError(self.refusal)


@dataclass(frozen=True)
class Parts:
    """What the houses of a test have in common, whatever their database."""

    loaded: Mapping[str, Callable[[Gate], Loaded]]
    people: DemoUsers
    cards: Path


@dataclass
class House:
    """One worker and the people who ask it."""

    service: Service
    client: TestClient
    clock: Clock
    gates: Mapping[str, Gate]
    tokens: Mapping[str, str]

    def ask(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the answer to a question of somebody's; None: of nobody who has signed in."""
        shown = {} if who is None else {"Authorization": f"Bearer {self.tokens[who]}"}
        said = {"Accept-Language": "en", **shown, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.request(method, path, json=body, headers=said)

    def post(self, who: str | None, path: str, body: Any, **headers: str) -> Any:
        return self.ask(who, "POST", path, body, **headers)

    def get(self, who: str | None, path: str, **headers: str) -> Any:
        return self.ask(who, "GET", path, **headers)

    # -------------------------------------------------------- steps; each fails where it is not taken

    def assign(self, client: Json = ANNA, caseworker: str | None = CASEWORKER, office: str | None = "Itä") -> None:
        each = {"client": client, "caseworker": caseworker, "office": office, "since": DAY}
        done(self.post("demo-integration", "/v1/assignments", {"assignments": [each]}))

    def right(self, right: str, client: Json = ANNA, who: str = "demo-officer", *, in_force: bool = True) -> Json:
        body = {"client": client, "right": right, "in_force": in_force, "since": DAY}
        return done(self.post(who, "/v1/rights", body))

    def erase(self, client: Json = ANNA) -> None:
        done(self.post("demo-officer", "/v1/clients/erase", {"client": client, "why": "Asked for."}), 204)

    def judge(self, client: Json = ANNA, who: str = CASEWORKER, **more: Any) -> str:
        """Record a judgement; return its id."""
        answer = done(self.post(who, "/v1/judgements", {**judgement(client), **more}), 201)
        return str(answer["judgement"])

    def ready(self, client: Json = ANNA, who: str = CASEWORKER) -> str:
        """Let a client be somebody's, consent, and be judged; return the judgement's id."""
        self.assign(client, who)
        self.right("consent", client)
        return self.judge(client, who)

    def advise(self, judgement: str, who: str = CASEWORKER, **changed: Any) -> Json:
        """Return the hint about new inputs."""
        return done(self.post(who, "/v1/advice", {"judgement": judgement, "risk": RISK, "needs": NEEDS, **changed}))

    def refused(self, judgement: str, who: str = CASEWORKER, **changed: Any) -> tuple[int, str]:
        """Return status and type of the problem that stands in the way of a hint."""
        body = {"judgement": judgement, "risk": RISK, "needs": NEEDS, **changed}
        return kind_of(self.post(who, "/v1/advice", body))

    def rows(self, query: str) -> list[Any]:
        """Return what the database holds."""
        with self.service.database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]


def judgement(client: Json = ANNA, **more: Any) -> Json:
    """Return what somebody posts who judges a client."""
    why = "Has a trade, and looks for work in it."
    return {"client": client, "service_need": "skills", "chance_of_work": "fair", "why": why, **more}


def done(answer: Any, status: int = 200) -> Any:
    """Return what was answered to a step that must be taken."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def kind_of(answer: Any) -> tuple[int, str]:
    """Return status and type of an answer that must be a problem (RFC 9457)."""
    return answer.status_code, problem(answer)["type"].removeprefix("urn:apualy:")


def problem(answer: Any, status: int | None = None) -> Json:
    """Return the problem that an answer must be."""
    assert answer.headers.get("content-type") == "application/problem+json", (answer.status_code, answer.text)
    found: Json = answer.json()
    assert found["status"] == answer.status_code
    assert status in {None, answer.status_code}, answer.text
    assert found["title"]
    assert found["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    return found


@cache
def languages() -> Mapping[str, Language]:
    """Return the catalogues, read once."""
    return read_languages()


@contextmanager
def house_on(parts: Parts, url: Any, clock: Clock | None = None, **changed: Any) -> Iterator[House]:
    """Yield a worker on a database that has its tables.

    changed  parts of the service that are otherwise
    """
    clock = clock or Clock()
    gates = {name: Gate() for name in parts.loaded}
    people = parts.people

    def identify(request: Request) -> Any:
        return people.identify(request.headers.get("authorization"))

    database, threads = Database(url, clock), ThreadPoolExecutor(8)
    made: dict[str, Any] = {
        "database": database,
        "models": Models(tuple(parts.loaded), lambda name: parts.loaded[name](gates[name])),
        "languages": languages(),
        "edge": Edge(KEY),
        "identify": identify,
        "remembered": identify,
        "limits": Limiter(PLENTY),
        "lanes": Lanes(threads, threads),
        "needs_consent": True,
        "secret": KEY.for_questions(),
        "page_secret": b"a secret of a test, for addresses",
        "cards": parts.cards,
    }
    service = Service(**(made | changed))
    try:
        with TestClient(create_app(service), raise_server_exceptions=False) as client:
            yield House(service, client, clock, gates, {each.identity.subject: each.token for each in people.users})
    finally:
        threads.shutdown()
        database.close()
