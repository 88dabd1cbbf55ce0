"""Workers that are killed, that revoke and advise at once, without the identity provider, under a clock that jumps.

No hint is given that may not be, nothing is lost or doubled, and the log must verify.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from .servers import done, problem, running, wait_for
from .writers import Writer, rows, sqlite_of, verified, writer

# ---------------------------------------------------------------- killed, revoked


def test_workers_killed_in_the_middle_of_writes(own_home: Path) -> None:
    with running(own_home, "--workers", "2") as server:
        people = [writer(server) for _ in range(3)]
        over = threading.Event()

        def write(somebody: Writer) -> None:
            while not over.is_set():
                somebody.write()

        threads = [threading.Thread(target=write, args=(each,)) for each in people]
        for each in threads:
            each.start()
        killed = 0
        while killed < 6 or not any(status == 0 for each in people for status, _ in each.refused):
            time.sleep(0.3 + 0.11 * (killed % 6))
            before, one = len(server.events("worker_answers")), server.workers()[0]
            wait_for(lambda: any(each.asking for each in people), pause=0.0001)
            time.sleep(0.0003 * (killed % 6))
            os.kill(one, signal.SIGKILL)
            wait_for(lambda before=before: len(server.events("worker_answers")) > before)
            killed += 1
            assert killed < 40  # in the middle of a request, one of these times
        over.set()
        for each in threads:
            each.join()
        url = sqlite_of(own_home)
        for somebody in people:
            found = rows(url, f"SELECT id FROM judgements WHERE client = '{somebody.client['pseudonym']}'")
            assert sorted(id for (id,) in found) == sorted(somebody.answered.values())
        assert rows(url, "SELECT count(*) FROM log WHERE action = 'judgement'") == rows(
            url, "SELECT count(*) FROM judgements"
        )
        verified(url)


def test_two_workers_that_revoke_and_advise_at_once(own_home: Path, apualy: Any) -> None:
    """Objections and stops land on one worker while the other advises: no hint was given after one was answered."""
    with running(own_home, "--workers", "2") as server:
        client = {"pseudonym": secrets.token_hex(16)}
        judged = server.ready(client)
        over = threading.Event()
        answers: list[tuple[float, int]] = []  # when it was asked, and the status

        def advise() -> None:
            while not over.is_set():
                began = time.monotonic()
                answers.append((began, server.advise(judged).status_code))
                time.sleep(0.03)

        threads = [threading.Thread(target=advise) for _ in range(2)]
        for each in threads:
            each.start()
        spans: list[tuple[float, float, int]] = []  # while a right or a stop was certainly in force, and the status
        for _ in range(3):
            time.sleep(0.3)
            right = {"client": client, "right": "objection", "since": "2026-11-02"}
            done(server.alone("demo-officer", "POST", "/v1/rights", {**right, "in_force": True}))
            since = time.monotonic()
            time.sleep(0.3)
            spans.append((since, time.monotonic(), 403))
            done(server.alone("demo-officer", "POST", "/v1/rights", {**right, "in_force": False}))
            stop = done(server.alone("demo-operator", "POST", "/v1/stops", {"why": "A test."}), 201)["id"]
            since = time.monotonic()
            time.sleep(0.3)
            spans.append((since, time.monotonic(), 503))
            done(server.alone("demo-operator", "POST", "/v1/stops/lift", {"stop": stop, "why": "Over."}))
        time.sleep(0.3)
        ran = apualy(
            "review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.",
            APUALY_HOME=str(own_home),
        )  # fmt: skip
        assert ran.code == 0, ran.err
        since = time.monotonic()
        time.sleep(0.5)
        spans.append((since, time.monotonic(), 503))
        over.set()
        for each in threads:
            each.join()
        for since, until, status in spans:
            told = {found for began, found in answers if since <= began < until - 0.05} - {429}
            assert told == {status}
        given = len([status for _, status in answers if status == 200])
        assert given > 5
        assert {status for _, status in answers} - {429} == {200, 403, 503}
        assert server.rows("SELECT count(*) FROM advices") == [(given,)]
        verified(sqlite_of(own_home))


# ---------------------------------------------------------------- the provider of identities, the clock


def test_the_identity_provider_is_gone(own_home: Path) -> None:
    """Nobody can be identified, so nobody is answered; it lives, says so, and does not say it with a 500."""
    nowhere = {"APUALY_ENV": "production", "APUALY_OIDC_ISSUER": "http://127.0.0.1:9", "APUALY_OIDC_AUDIENCE": "apualy"}
    with running(own_home, **nowhere) as server:
        assert server.alone(None, "GET", "/healthz").status_code == 200
        assert "identity provider" in problem(server.alone(None, "GET", "/readyz"), 503)["detail"]
        problem(server.alone(None, "GET", "/v1/models"), 401)
        forged = "eyJhbGciOiJub25lIn0.e30."
        answer = server.alone(None, "GET", "/v1/models", Authorization=f"Bearer {forged}")
        assert answer.status_code in {401, 503}
        problem(answer, answer.status_code)


CLOCK = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import serving.run, serving.models.watch, serving.store.database as database, serving.models.loading as loading
import apualy, os
shift = Path(os.environ["CLOCK"])  # hours by which the machine's clock is off, as a test says

class Clock(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(hours=float(shift.read_text()))

for module in (database, loading, serving.models.watch, serving.run):
    module.datetime = Clock
sys.exit(apualy.main(sys.argv[1:]))
"""


def test_a_clock_that_jumps(own_home: Path) -> None:
    """Forward a year: the approval has ended. Back: the service does not believe it. The log verifies throughout."""
    clock = own_home / "clock"
    clock.write_text("0")
    script = own_home / "with_clock.py"
    script.write_text(CLOCK)
    with running(own_home, program=(sys.executable, str(script)), CLOCK=str(clock)) as server:
        judged = server.ready()
        done(server.advise(judged))
        clock.write_text("-2")
        done(server.advise(judged))
        clock.write_text("9000")
        later = server.advise(judged)
        assert later.status_code in {409, 503}, later.text
        assert later.headers["content-type"] == "application/problem+json"
        clock.write_text("0")
        again = server.advise(judged)
        assert again.status_code in {200, 503}, again.text
        given = 2 + (again.status_code == 200)
        assert server.rows("SELECT count(*) FROM advices") == [(given,)]
        verified(sqlite_of(own_home))
