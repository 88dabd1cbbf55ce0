"""`apualy serve`: a real server in a process of its own, and the addresses it will not serve at."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

REPO = Path(__file__).parents[2]
SECONDS = 60  # a server that is not there by then will not come


def environment(**changed: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPO), "USER": "ada", "OMP_NUM_THREADS": "1", **changed}


@dataclass(frozen=True)
class Server:
    """A server that greeted."""

    process: subprocess.Popen[str]
    greeting: list[str]

    @property
    def address(self) -> str:
        return re.findall(r"http://127\.0\.0\.1:\d+", "\n".join(self.greeting))[0]

    @property
    def curl(self) -> list[str]:
        """Return the question that the greeting offers, as a shell would take it apart."""
        start = next(number for number, line in enumerate(self.greeting) if line.strip().startswith("curl"))
        return shlex.split(" ".join(line.rstrip("\\") for line in self.greeting[start:]))


@contextmanager
def serving(*argv: str, **environ: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "apualy", "serve", *argv]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**environ)
    ) as process:
        try:
            assert process.stdout is not None
            greeting: list[str] = []
            for line in process.stdout:
                greeting.append(line.rstrip("\n"))
                if line.strip().startswith("-H 'Content-Type"):
                    break
            else:
                assert process.stderr is not None
                pytest.fail(process.stderr.read())
            yield Server(process, greeting)
        finally:
            process.kill()


def test_an_approved_model_answers_until_it_is_revoked(in_use: Path, apualy: Any) -> None:
    with (
        serving("ltu-small", "--port", "0", APUALY_ENV="demo") as server,
        httpx.Client(base_url=server.address, timeout=SECONDS) as client,
    ):
        assert client.get("/healthz").status_code == 200
        assert server.greeting[0].startswith("ltu-small version 1, approved by Alan until 20")

        program, address, *options = server.curl
        headers = dict(options[place + 1].split(": ", 1) for place, word in enumerate(options) if word == "-H")
        question = json.loads(options[options.index("-d") + 1])
        assert (program, address) == ("curl", f"{server.address}/v1/advice")
        assert question["inputs"].keys() == {"trade", "car", "years"}
        answer = client.post("/v1/advice", json=question, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["human_review_required"] is True
        assert client.post("/v1/advice", json=question).status_code == 401
        wrong = {**headers, "Authorization": "Bearer " + "x" * 43}
        assert client.post("/v1/advice", json=question, headers=wrong).status_code == 401
        card = client.get("/v1/model/card", headers=headers)
        written = [(in_use / "model_cards" / "ltu-small" / name).read_text(encoding="utf-8")
                   for name in ("1.md", "1.review.md")]  # fmt: skip
        assert card.text == "\n".join(written)

        ran = apualy("review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.")
        assert ran.code == 0, ran.err
        refused = client.post("/v1/advice", json=question, headers=headers)
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert "ltu-small version 1 was revoked by Grace" in refused.text
        assert client.get("/healthz").status_code == 200

        server.process.send_signal(signal.SIGTERM)
        out, err = server.process.communicate(timeout=SECONDS)
    assert server.process.returncode in {0, -signal.SIGTERM}
    assert out == ""
    assert "Traceback" not in err
    assert all(token not in err for token in re.findall(r"[\w-]{40,}", "\n".join(server.greeting)))
    with closing(socket.socket()) as free:  # the port is free again
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", int(server.address.rsplit(":", 1)[1])))


def test_the_program_refuses_with_exit_code_4(drafts: Path) -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("apualy")), "serve", "ltu-small"],
        capture_output=True, text=True, check=False, timeout=SECONDS, env=environment(APUALY_ENV="demo"),
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (4, "")
    assert ran.stderr.startswith("apualy: no version of ltu-small is approved (version 1 is draft, version 2 is draft)")
    assert ran.stderr.count("\n") == 1


# ---------------------------------------------------------------- where it will not serve: exit code 2


@pytest.mark.parametrize(
    ("argv", "environ", "words"),
    [
        ([], {}, "OpenID Connect is not built yet; run with APUALY_ENV=demo"),
        ([], {"APUALY_ENV": ""}, "OpenID Connect is not built yet"),
        ([], {"APUALY_ENV": "production"}, "OpenID Connect is not built yet"),
        ([], {"APUALY_ENV": "Demo"}, 'APUALY_ENV is "Demo"'),
        (["--host", "0.0.0.0"], {"APUALY_ENV": "demo"}, "0.0.0.0 can be reached from others"),
        (["--host", "::"], {"APUALY_ENV": "demo"}, ":: can be reached from others"),
        (["--host", ""], {"APUALY_ENV": "demo"}, "can be reached from others"),
        (["--host", "192.168.1.5"], {"APUALY_ENV": "demo"}, "192.168.1.5 can be reached from others"),
        (["--host", "example.org"], {"APUALY_ENV": "demo"}, "example.org can be reached from others"),
        (["--host", "0.0.0.0"], {"APUALY_ENV": "production"}, "OpenID Connect is not built yet"),
        (["--port", "65536"], {"APUALY_ENV": "demo"}, "port 65536 is not between 0 and 65535"),
        (["--port", "http"], {"APUALY_ENV": "demo"}, "'http' is not a whole number"),
    ],
)
def test_addresses_and_environments_that_are_refused(
    apualy: Any, in_use: Path, argv: list[str], environ: dict[str, str], words: str
) -> None:
    ran = apualy("serve", "ltu-small", *argv, **environ)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not (in_use / "demo_tokens.json").exists()


def test_an_address_that_is_taken(apualy: Any, in_use: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ran = apualy("serve", "ltu-small", "--port", port, APUALY_ENV="demo")
    assert (ran.code, ran.out) == (2, "")
    assert f"cannot listen on 127.0.0.1 port {port}" in ran.err
    assert ran.err.count("\n") == 1


def test_of_several_models_one_must_be_named(apualy: Any, in_use: Path) -> None:
    other = in_use / "model_cards" / "ltu-other"
    other.mkdir()
    (other / "1.json").write_text("", encoding="utf-8")
    ran = apualy("serve", APUALY_ENV="demo")
    assert (ran.code, ran.out) == (2, "")
    assert "say which model to serve: ltu-other, ltu-small" in ran.err
