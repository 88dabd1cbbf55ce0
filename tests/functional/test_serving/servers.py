"""Real servers in processes of their own, and people who ask them."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
REPO = Path(__file__).parents[3]
SECONDS = 60  # what has not come by then will not come
DAY = "2026-11-02"
RISK: Json = {"trade": "cook", "car": True, "years": 4.5}
CASEWORKER = "demo-caseworker"
APUALY = (sys.executable, "-m", "apualy")
SERVE = ("serve", "ltu-small", "--port", "0", "--workers", "1")  # what a test adds, counts


def environment(home: Path, **changed: str) -> dict[str, str]:
    """Return what a server of a demonstration is told, and no more of what this process knows."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPO),
        "OMP_NUM_THREADS": "1",
        "APUALY_HOME": str(home),
        "APUALY_ENV": "demo",
        **changed,
    }


@dataclass
class Server:
    """A server that greeted."""

    process: subprocess.Popen[bytes]
    home: Path
    out: Path
    err: Path
    tokens: dict[str, str]
    address: str
    client: httpx.Client = field(repr=False)

    # ---------------------------------------------------------------- asked

    def ask(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Return the answer to a question of somebody's, on whatever connection."""
        shown = {} if who is None else {"Authorization": f"Bearer {self.tokens[who]}"}
        said = {"Accept-Language": "en", **shown, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.request(method, self.address + path, json=body, headers=said)

    def alone(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Return the same on a connection of its own: any of the workers may answer."""
        return self.ask(who, method, path, body, Connection="close", **headers)

    def ready(self, client: Json | None = None) -> str:
        """Let a client be the caseworker's, consent and be judged; return the judgement's id."""
        client = client or {"pseudonym": secrets.token_hex(16)}
        each = {"client": client, "caseworker": CASEWORKER, "office": "Itä", "since": DAY}
        done(self.ask("demo-integration", "POST", "/v1/assignments", {"assignments": [each]}))
        right = {"client": client, "right": "consent", "in_force": True, "since": DAY}
        done(self.ask(CASEWORKER, "POST", "/v1/rights", right))
        return str(done(self.ask(CASEWORKER, "POST", "/v1/judgements", judgement(client)), 201)["judgement"])

    def advise(self, judged: str, **headers: str) -> httpx.Response:
        """Return the answer to who asks for a hint about new inputs."""
        return self.alone(CASEWORKER, "POST", "/v1/advice", {"judgement": judged, "risk": RISK}, **headers)

    def metrics(self) -> dict[str, float]:
        """Return what Prometheus would read, by name and labels."""
        text = self.alone(None, "GET", "/metrics").text
        lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    # ---------------------------------------------------------------- looked at from outside

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def log(self) -> list[Json]:
        """Return the lines on stderr; each must be one JSON object. Workers write theirs ten times a second."""
        time.sleep(0.3)
        return [json.loads(line) for line in self.err.read_text(encoding="utf-8").splitlines()]

    def events(self, name: str) -> list[Json]:
        """Return the lines of one event."""
        return [line for line in self.log() if line["event"] == name]

    def rows(self, query: str) -> list[Any]:
        """Return what the SQLite database holds."""
        with closing(sqlite3.connect(self.home / "service.db", timeout=10)) as database:
            return database.execute(query).fetchall()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop; return its exit code."""
        self.process.send_signal(how)
        return self.process.wait(SECONDS)


class Traffic:
    """Somebody who asks for the same hint again and again, on fresh connections, and notes what comes back."""

    def __init__(self, server: Server, judged: str, threads: int = 4) -> None:
        self.server, self.judged = server, judged
        self.answers: list[Any] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(threads)]

    def __enter__(self) -> Traffic:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def _ask(self) -> None:
        while not self._over.is_set():
            try:
                answer = self.server.advise(self.judged)
                self.answers.append((answer.status_code, answer.json()))
            except httpx.HTTPError as error:
                self.answers.append((0, repr(error)))
            time.sleep(0.01)  # below the limit of one person's requests


def judgement(client: Json) -> Json:
    """Return what a caseworker posts who judges a client."""
    why = "Has a trade, and looks for work in it."
    return {"client": client, "service_need": "skills", "chance_of_work": "fair", "why": why}


def done(answer: httpx.Response, status: int = 200) -> Any:
    """Return what was answered to a step that must be taken."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def problem(answer: httpx.Response, status: int) -> Json:
    """Return the problem (RFC 9457) that an answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: Json = answer.json()
    assert found["status"] == status
    assert found["detail"]
    return found


def limited(statements: str) -> Sequence[str]:
    """Return apualy in a process that has done something to itself first."""
    return (sys.executable, "-c", f"import os, sys\n{statements}\nos.execv(sys.argv[1], sys.argv[1:])", *APUALY)


@contextmanager
def running(
    home: Path,
    *argv: str,
    program: Sequence[str] = APUALY,
    **environ: str,
) -> Iterator[Server]:
    """Yield a server that has greeted; it is killed at the end unless it was stopped.

    program  what is started in place of apualy
    """
    out, err = home / "out", home / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [*program, *SERVE, *argv], stdout=stdout, stderr=stderr, env=environment(home, **environ), cwd=home,
            start_new_session=True,
        )  # fmt: skip
    try:
        address = wait_for(lambda: _greeted(process, out, err))
        held = home / "demo_tokens.json"
        tokens = {name: each["token"] for name, each in json.loads(held.read_text()).items()} if held.exists() else {}
        with httpx.Client(timeout=SECONDS) as client:
            yield Server(process, home, out, err, tokens, address, client)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _greeted(process: subprocess.Popen[bytes], out: Path, err: Path) -> str | None:
    assert process.poll() is None, err.read_text()
    found = re.search(r"http://127\.0\.0\.1:\d+", out.read_text(encoding="utf-8"))
    return None if found is None else found[0]


def wait_for(found: Callable[[], Any], seconds: float = SECONDS, pause: float = 0.02) -> Any:
    """Return what a question comes to find; fails when it finds nothing in time."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(pause)
    return answer
