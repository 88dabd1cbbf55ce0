"""The log of the process over a walk through the API: one JSON object a line, and nothing personal in any of them."""

from __future__ import annotations

import os
import re
import signal
import socket
from contextlib import closing
from pathlib import Path

from .servers import CASEWORKER, RISK, Server, done, judgement, problem, running, wait_for

CODE = "131052-308T"  # of nobody: DVV's example
PSEUDONYM = "00112233445566778899aabbccddeeff"
WHY = "Has a trade, and looks for work in it."
NAMES = ("demo-caseworker", "demo-integration", "demo-officer", "demo-operator", "Grace", "Alan", "Itä")


def raw(server: Server, sent: bytes) -> bytes:
    """Return what comes back when something is sent that is no question."""
    host, _, port = server.address.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=20)) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def walk(server: Server) -> None:
    """Ask for everything, rightly and wrongly."""
    client = {"pseudonym": PSEUDONYM}
    judged = server.ready(client)
    advice = done(server.advise(judged))["advice"]
    server.ask(CASEWORKER, "POST", "/v1/advice", {"judgement": judged, "risk": {**RISK, "trade": CODE}})
    said = {"advice": advice, "agrees": "partly", "why": WHY, "done": ["skills"]}
    done(server.ask(CASEWORKER, "POST", "/v1/feedback", said), 201)
    server.ask(CASEWORKER, "POST", "/v1/judgements", judgement({"identity_code": CODE}))
    server.ask(CASEWORKER, "POST", "/v1/clients/look-up", {"client": {"identity_code": "131052-308U"}})
    server.ask(CASEWORKER, "POST", "/v1/judgements", {**judgement(client), CODE: CODE})
    server.ask(CASEWORKER, "GET", f"/v1/clients/{CODE}")
    server.ask(CASEWORKER, "GET", f"/v1/clients?client={PSEUDONYM}&code={CODE}")
    server.ask(CASEWORKER, "GET", f"/v1/{PSEUDONYM}", X_Request_ID=PSEUDONYM)
    server.ask(CASEWORKER, "GET", "/v1/models", X_Request_ID=f"about-{CODE}")
    server.ask(None, "GET", "/v1/models")
    server.ask(None, "GET", "/v1/models", Authorization=f"Bearer {CODE}")
    stop = done(server.ask("demo-operator", "POST", "/v1/stops", {"why": WHY}), 201)["id"]
    problem(server.advise(judged), 503)
    done(server.ask("demo-operator", "POST", "/v1/stops/lift", {"stop": stop, "why": WHY}))
    done(server.ask("demo-officer", "POST", "/v1/clients/erase", {"client": client, "why": WHY}), 204)
    raw(server, f"GET /{CODE} HTP/1.1\r\n\r\n".encode())
    raw(server, f"{CODE} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def test_nothing_personal_in_the_log_of_a_walk(own_home: Path) -> None:
    key = own_home / "pseudonym.key"
    key.touch(mode=0o600)
    key.write_text("0123456789abcdef" * 4 + "\n")
    with running(own_home, "--workers", "2", APUALY_PSEUDONYM_KEY_FILE=str(key)) as server:
        walk(server)
        with server.home.joinpath("service.db").open("r+b") as database:  # gone bad: what nobody handles
            database.seek(0)
            database.write(b"x" * 4096)
        server.alone(CASEWORKER, "GET", "/v1/clients")
        wait_for(lambda: len(server.events("request")) >= 20)  # a worker that is killed tells nothing more
        os.kill(server.workers()[0], signal.SIGKILL)
        wait_for(lambda: any("SIGKILL" in each["says"] for each in server.events("library")))
        server.stop()
        lines, text = server.log(), server.err.read_text(encoding="utf-8")
        tokens = server.tokens.values()
    assert CODE not in text
    assert CODE[:6] not in text
    assert PSEUDONYM[:9] not in text
    assert PSEUDONYM[:8] in text  # of the request whose id was one
    for each in (*NAMES, WHY, "cook", "Traceback", *tokens):
        assert each not in text, each
    assert not re.search(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", text)
    assert {"request", "library", "model_loaded", "worker_answers"} <= {line["event"] for line in lines}
    for line in lines:
        assert list(line)[:3] == ["ts", "level", "event"]
    requests = [line for line in lines if line["event"] == "request"]
    assert len(requests) >= 20
    assert {line["endpoint"] for line in requests} > {"/v1/advice", "/v1/judgements", "none"}
    assert {line["error"] for line in requests if line["status"] == 400} >= {"identity-code-in-address"}
    assert all({"request", "method", "status", "ms"} <= line.keys() for line in requests)


def test_the_id_of_a_request(shared: Server) -> None:
    def id_for(given: str | None) -> str:
        asked = {} if given is None else {"X_Request_ID": given}
        return shared.ask(None, "GET", "/v1/none", **asked).headers["x-request-id"]

    assert id_for("trace-7_of-a.proxy".replace(".", "-")) == "trace-7_of-a-proxy"
    assert re.fullmatch(r"[a-p]{16}", id_for(None))  # no digit: nothing in it reads like an identity code
    assert id_for(None) != id_for(None)
    for unsafe in ("short", "a" * 65, "with space here", 'quote"quote"', f"about-{CODE}", "a\\nline-of-its-own"):
        assert id_for(unsafe) != unsafe
    assert any(line.get("request") == "trace-7_of-a-proxy" for line in shared.log())


def test_what_happens_below_an_endpoint_carries_its_id(own_home: Path) -> None:
    with running(own_home) as server:
        for file in own_home.glob("service.db*"):
            file.unlink()
        (own_home / "service.db").mkdir()
        problem(server.alone(CASEWORKER, "GET", "/v1/clients", X_Request_ID="that-request"), 503)
        (line,) = server.events("database_unavailable")
        assert line["request"] == "that-request"
