"""A hint is worked out in the thread that listens to everybody, unless something would make that thread wait."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from .servers import done, running, wait_for


def test_while_another_process_writes_a_hint_waits_and_nobody_else(own_home: Path) -> None:
    with running(own_home, "--workers", "1") as server:
        judged = server.ready()
        done(server.advise(judged))
        file = server.home / "service.db"
        with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor(1) as somebody:
            other.execute("BEGIN IMMEDIATE")
            waiting = somebody.submit(server.advise, judged)
            wait_for(lambda: server.metrics()["apualy_requests_in_progress"] == 2)  # that one, and this for metrics
            for _ in range(20):
                done(server.ask(None, "GET", "/healthz"))
            assert not waiting.done()
            other.execute("COMMIT")
            done(waiting.result())
        wait_for(lambda: [each["status"] for each in server.events("request") if each["endpoint"] == "/v1/advice"]
                 == [200, 200])  # fmt: skip
