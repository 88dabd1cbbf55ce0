"""`apualy serve`: a real server in a process of its own, the way through it, and where it will not serve."""

from __future__ import annotations

import gc
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .test_serving.servers import CASEWORKER, DAY, RISK, SECONDS, done, environment, problem, running

CLIENT = {"pseudonym": "0123456789abcdef" * 2}


def test_the_way_from_a_judgement_to_what_became_of_the_hint(in_use: Path, apualy: Any) -> None:
    with running(in_use) as server:
        greeting = server.out.read_text(encoding="utf-8").splitlines()
        assert greeting[0].startswith("ltu-small version 1, approved by Alan until 20")
        assert any(line.split()[:2] == [CASEWORKER, "caseworker"] for line in greeting)
        for address in ("/v1/judgements", "/v1/advice", "/v1/models"):
            assert any(f"{server.address}{address} " in line for line in greeting)
        assert server.ask(None, "GET", "/healthz").json() == {"status": "ok"}
        assert server.ask(None, "GET", "/readyz").json() == {"status": "ready", "stopped": False}
        assert server.ask(None, "GET", "/v1/models").status_code == 401

        judged = server.ready(CLIENT)
        hint = done(server.ask(CASEWORKER, "POST", "/v1/advice", {"judgement": judged, "risk": RISK}))
        assert hint["human_review_required"] is True
        assert hint["risk"]["model"]["name"] == "ltu-small"
        card = server.ask(CASEWORKER, "GET", hint["risk"]["model"]["card"])
        assert card.text == (in_use / "model_cards" / "ltu-small" / "1.md").read_text(encoding="utf-8")
        said = {"advice": hint["advice"], "agrees": "partly", "done": ["skills"]}
        done(server.ask(CASEWORKER, "POST", "/v1/feedback", said), 201)
        objection = {"client": CLIENT, "right": "objection", "in_force": True, "since": DAY}
        done(server.ask("demo-officer", "POST", "/v1/rights", objection))
        refused = server.ask(CASEWORKER, "POST", "/v1/advice", {"judgement": judged, "risk": RISK})
        assert problem(refused, 403)["type"] == "urn:apualy:objection"

        ran = apualy("review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.")
        assert ran.code == 0, ran.err
        judged = server.ready()
        refused = server.ask(CASEWORKER, "POST", "/v1/advice", {"judgement": judged, "risk": RISK})
        assert "ltu-small version 1 was revoked by Grace" in problem(refused, 503)["detail"]
        assert server.ask(None, "GET", "/healthz").status_code == 200

        assert server.stop(signal.SIGTERM) == 0
        assert server.out.read_text(encoding="utf-8").splitlines() == greeting
        told = server.err.read_text(encoding="utf-8")
        assert "Traceback" not in told
        assert all(token not in told for token in server.tokens.values())
        assert CLIENT["pseudonym"] not in told
    with closing(socket.socket()) as free:  # the port is free again
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", int(server.address.rsplit(":", 1)[1])))
    ran = apualy("log", "verify", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["entries"] >= 8


def test_what_was_written_is_there_after_a_restart(in_use: Path) -> None:
    with running(in_use) as server:
        judged = server.ready(CLIENT)
    with running(in_use) as server:
        done(server.ask(CASEWORKER, "POST", "/v1/advice", {"judgement": judged, "risk": RISK}))
        assert server.rows("SELECT id, client FROM judgements") == [(judged, CLIENT["pseudonym"])]


def test_the_program_refuses_with_exit_code_4(drafts: Path) -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("apualy")), "serve", "ltu-small"],
        capture_output=True, text=True, check=False, timeout=SECONDS, env=environment(drafts),
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (4, "")
    assert ran.stderr.startswith("apualy: no version of ltu-small is approved (version 1 is draft, version 2 is draft)")
    assert ran.stderr.count("\n") == 1


def test_for_its_review_a_home_without_an_approved_model_is_served_without_advice(drafts: Path) -> None:
    with running(drafts, "--for-review") as server:
        assert server.out.read_text(encoding="utf-8").startswith("no model may be used yet")
        assert server.ask(None, "GET", "/readyz").status_code == 503
        refused = server.ask(CASEWORKER, "POST", "/v1/advice", {"judgement": server.ready(CLIENT), "risk": RISK})
        assert problem(refused, 503)["detail"].startswith("no version of ltu-small is approved")


# ---------------------------------------------------------------- where it will not serve: exit code 2

NOBODY = "nobody could sign in: name the OpenID provider in APUALY_OIDC_ISSUER and APUALY_OIDC_AUDIENCE"
DEMO = {"APUALY_ENV": "demo"}


@pytest.mark.parametrize(
    ("argv", "environ", "words"),
    [
        ([], {}, NOBODY),
        ([], {"APUALY_ENV": ""}, NOBODY),
        ([], {"APUALY_ENV": "production"}, NOBODY),
        ([], {"APUALY_ENV": "Demo"}, 'APUALY_ENV is "Demo"'),
        (["--host", "0.0.0.0"], DEMO, "0.0.0.0 can be reached from others"),
        (["--host", "::"], DEMO, ":: can be reached from others"),
        (["--host", ""], DEMO, "can be reached from others"),
        (["--host", "192.168.1.5"], DEMO, "192.168.1.5 can be reached from others"),
        (["--host", "example.org"], DEMO, "example.org can be reached from others"),
        (["--host", "0.0.0.0"], {"APUALY_ENV": "production"}, NOBODY),
        (["--port", "65536"], DEMO, "port 65536 is not between 0 and 65535"),
        (["--port", "http"], DEMO, "'http' is not a whole number"),
        (["--workers", "0"], DEMO, "0 workers are not between 1 and 64"),
        (["--workers", "65"], DEMO, "65 workers are not between 1 and 64"),
        ([], {**DEMO, "APUALY_DATABASE": "mysql://root:secret@localhost/x"}, "APUALY_DATABASE must be a SQLite or"),
        ([], {**DEMO, "APUALY_PROFILING_BASIS": "none"}, 'APUALY_PROFILING_BASIS is "none"'),
        ([], {"APUALY_OIDC_ISSUER": "http://login.example.fi"}, "https"),
        ([], {"APUALY_OIDC_AUDIENCE": "apualy"}, "APUALY_OIDC_ISSUER"),
    ],
)
def test_addresses_and_environments_that_are_refused(
    apualy: Any, in_use: Path, argv: list[str], environ: dict[str, str], words: str
) -> None:
    ran = apualy("serve", "ltu-small", *argv, **environ)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "secret" not in ran.err
    assert "Traceback" not in ran.err
    assert not (in_use / "service.db").exists()


def test_an_address_that_is_taken(apualy: Any, in_use: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ran = apualy("serve", "ltu-small", "--port", port, APUALY_ENV="demo")
    assert (ran.code, ran.out) == (2, "")
    assert f"cannot listen on 127.0.0.1 port {port}" in ran.err
    assert ran.err.count("\n") == 1
    assert gc.isenabled()  # a start goes without


def test_a_database_of_another_version(apualy: Any, in_use: Path) -> None:
    with running(in_use) as server:
        assert re.fullmatch(r"0\d{3}", server.rows("SELECT version_num FROM alembic_version")[0][0])
    with closing(sqlite3.connect(in_use / "service.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    ran = apualy("serve", "ltu-small", "--port", 0, APUALY_ENV="demo")
    assert (ran.code, ran.out) == (1, "")
    assert "the database is at 9999" in ran.err
    assert ran.err.count("\n") == 1
