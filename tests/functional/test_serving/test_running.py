"""`apualy serve` with workers: it starts, is told things by signals, loses workers, and stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.lanes import THREADS

from .servers import (
    APUALY,
    CASEWORKER,
    RISK,
    SECONDS,
    SERVE,
    Server,
    Traffic,
    done,
    environment,
    problem,
    running,
    wait_for,
)


def test_two_workers_greet_once_and_stop_when_told(own_home: Path) -> None:
    with running(own_home, "--workers", "2") as server:
        assert done(server.alone(None, "GET", "/readyz")) == {"status": "ready", "stopped": False}
        assert len(wait_for(lambda: len(server.events("worker_answers")) == 2 and server.workers())) == 2
        greeting = server.out.read_text()
        assert greeting.count("ltu-small version 1, approved by Alan until") == 1
        assert server.stop() == 0
        assert server.out.read_text() == greeting
    assert {line["event"] for line in server.log()} == {"model_loaded", "worker_answers"}
    port = int(server.address.rpartition(":")[2])
    with closing(socket.socket()) as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


def refused(home: Path, *argv: str) -> tuple[int, str]:
    ran = subprocess.run(
        [*APUALY, *SERVE, *argv], capture_output=True, text=True, check=False, timeout=SECONDS, env=environment(home)
    )
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    return ran.returncode, ran.stderr


def test_an_address_that_is_taken(own_home: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        code, words = refused(own_home, "--port", str(port), "--workers", "2")
    assert code == 2
    assert words.startswith(f"apualy: cannot listen on 127.0.0.1 port {port}: Address already in use; another program")


def test_two_servers_cannot_have_one_address(own_home: Path) -> None:
    with running(own_home) as server:
        code, words = refused(own_home, "--port", server.address.rpartition(":")[2])
    assert code == 2
    assert "Address already in use" in words


def half_a_question(server: Server, judged: str) -> tuple[socket.socket, bytes]:
    """Return a connection on which half a question was sent, and the other half."""
    host, _, port = server.address.removeprefix("http://").partition(":")
    asked = httpx.Request("POST", f"{server.address}/v1/advice", json={"judgement": judged, "risk": RISK})
    body = asked.read()
    head = (
        f"POST /v1/advice HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {server.tokens[CASEWORKER]}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection((host, int(port)), timeout=SECONDS)
    connection.sendall(head.encode() + body[:10])
    return connection, body[10:]


def test_a_request_in_flight_is_answered_before_it_stops(own_home: Path) -> None:
    with running(own_home) as server:
        connection, rest = half_a_question(server, server.ready())
        with closing(connection):
            wait_for(lambda: server.metrics()["apualy_requests_in_progress"] == 2)  # this one, and that for metrics
            server.process.send_signal(signal.SIGTERM)
            time.sleep(1)  # it is stopping now, and waits
            assert server.process.poll() is None
            connection.sendall(rest)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"connection: close" in answer
        assert b'"human_review_required"' in answer
        assert server.process.wait(SECONDS) == 0
        assert server.rows("SELECT count(*) FROM advices") == [(1,)]


def test_what_is_never_sent_whole_does_not_keep_it_from_stopping(own_home: Path) -> None:
    with running(own_home) as server:
        connection, _ = half_a_question(server, "0" * 32)
        with closing(connection):
            began = time.monotonic()
            assert server.stop() == 0
        assert time.monotonic() - began < 20


def test_ctrl_c_at_a_terminal_is_quiet(own_home: Path) -> None:
    with running(own_home, "--workers", "2") as server:
        wait_for(lambda: len(server.events("worker_answers")) == 2)
        server.client.close()
        began = time.monotonic()
        os.killpg(server.process.pid, signal.SIGINT)  # a terminal tells all of them
        assert server.process.wait(SECONDS) == 0
    assert time.monotonic() - began < 15
    assert {line["event"] for line in server.log()} == {"model_loaded", "worker_answers"}
    assert not list(Path("/dev/shm").glob(f"apualy-*/gauge_*_{server.process.pid}.db"))


def test_fresh_workers_take_over_without_a_failed_request(own_home: Path) -> None:
    with running(own_home, "--workers", "2") as server:
        judged = server.ready()
        wait_for(lambda: len(server.events("worker_answers")) == 2)
        before = set(server.workers())
        with Traffic(server, judged, threads=2) as traffic:
            wait_for(lambda: len(traffic.answers) > 10)
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: len(server.events("worker_answers")) == 4)
            wait_for(lambda: not before & set(server.workers()))
            far = len(traffic.answers)
            wait_for(lambda: len(traffic.answers) > far + 10)
        statuses = [status for status, _ in traffic.answers]
        assert set(statuses) == {200}, [each for each in traffic.answers if each[0] != 200][:3]
        assert server.rows("SELECT count(*) FROM advices") == [(len(statuses),)]
        assert server.out.read_text().count("approved by Alan") == 1


def test_a_worker_that_was_killed_is_replaced(own_home: Path) -> None:
    with running(own_home, "--workers", "2") as server:
        wait_for(lambda: len(server.events("worker_answers")) == 2)
        killed = server.workers()[0]
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len(server.events("worker_answers")) == 3)
        assert killed not in server.workers()
        assert len(server.workers()) == 2
        assert done(server.alone(None, "GET", "/readyz"))["status"] == "ready"
        assert any("SIGKILL" in line["says"] for line in server.events("library"))
        assert server.metrics()["apualy_threads"] == 2 * THREADS  # of the living
        assert server.stop() == 0


def test_a_worker_that_starts_after_a_revocation_says_why(own_home: Path, apualy: Any) -> None:
    with running(own_home, "--workers", "2") as server:
        judged = server.ready()
        wait_for(lambda: len(server.events("worker_answers")) == 2)
        ran = apualy(
            "review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.",
            APUALY_HOME=str(own_home),
        )  # fmt: skip
        assert ran.code == 0, ran.err
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: len(server.events("worker_answers")) == 4)
        assert "version 1 is revoked" in problem(server.advise(judged), 503)["detail"]
        assert problem(server.alone(None, "GET", "/readyz"), 503)["type"] == "urn:apualy:not-ready"
        assert server.alone(None, "GET", "/healthz").status_code == 200
        assert server.process.poll() is None
        time.sleep(1)
        assert len(server.events("worker_answers")) == 4  # none came and went meanwhile


def test_an_artefact_that_is_not_what_was_approved_is_not_served_and_ends_no_worker(own_home: Path) -> None:
    models = list(own_home.glob("mlflow/**/model.json"))
    assert models
    with running(own_home) as server:
        judged = server.ready()
        for model in models:
            model.write_bytes(model.read_bytes().replace(b"1", b"2"))
        assert server.advise(judged).status_code == 200  # what was approved was loaded, and is held
        os.kill(server.workers()[0], signal.SIGKILL)
        wait_for(lambda: len(server.events("worker_answers")) == 2)
        assert "is not what was approved" in problem(server.advise(judged), 503)["detail"]
        assert {line["model"] for line in server.events("model_refused")} == {"ltu-small"}
        server.stop()
    code, words = refused(own_home)
    assert code == 4
    assert "is not what was approved" in words


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_answers_within_seconds(own_home: Path, workers: str) -> None:
    began = time.monotonic()
    with running(own_home, "--workers", workers) as server:
        done(server.alone(None, "GET", "/readyz"))
    assert time.monotonic() - began < 20  # under 3 on a machine that does nothing else; tests share theirs
