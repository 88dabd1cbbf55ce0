"""A newer approval takes over while people ask; a revocation stops at once; MLflow is not needed for either to hold."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .servers import Traffic, done, problem, running, wait_for


def version_of(answer: Any) -> int:
    return int(answer["risk"]["model"]["version"])


def test_a_newer_version_takes_over_without_a_failed_request_and_a_revocation_holds_at_once(
    own_home: Path, review_in: Callable[..., Any], apualy: Any
) -> None:
    with running(own_home, "--workers", "2") as server:
        judged = server.ready()
        with Traffic(server, judged, threads=2) as traffic:
            wait_for(lambda: len(traffic.answers) > 10)
            review_in(own_home, 2)
            wait_for(lambda: len([each for each in server.events("model_loaded") if each["version"] == 2]) == 2)
            far = len(traffic.answers)
            wait_for(lambda: len(traffic.answers) > far + 10)
        assert {status for status, _ in traffic.answers} == {200}
        told = [version_of(answer) for _, answer in traffic.answers]
        assert set(told) == {1, 2}
        assert set(told[-5:]) == {2}  # both workers exchanged it
        assert server.metrics()['apualy_model_version{name="ltu-small",task="risk"}'] == 2

        ran = apualy(
            "review", "revoke", "ltu-small", 2, "--as", "Grace", "--reason", "A complaint came in.",
            APUALY_HOME=str(own_home),
        )  # fmt: skip
        assert ran.code == 0, ran.err
        for _ in range(8):  # on whatever worker, with no second to wait
            assert "version 2 was revoked by Grace" in problem(server.advise(judged), 503)["detail"]
        assert server.metrics()['apualy_model_usable{name="ltu-small",task="risk"}'] == 0
        assert server.metrics()['apualy_advice_total{outcome="gate"}'] >= 8


def test_what_is_approved_is_served_while_mlflow_is_gone(own_home: Path, apualy: Any) -> None:
    with running(own_home) as server:
        judged = server.ready()
        shutil.move(own_home / "mlflow", own_home / "gone")
        (own_home / "trust.toml").write_text((own_home / "trust.toml").read_text() + "\n")  # all is asked again
        for _ in range(10):
            assert version_of(done(server.advise(judged))) == 1
            time.sleep(0.3)
        apualy(  # MLflow cannot be told, which it says; the revocation holds all the same
            "review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.",
            APUALY_HOME=str(own_home),
        )  # fmt: skip
        assert "revoked by Grace" in problem(server.advise(judged), 503)["detail"]


def test_a_registry_that_hangs_holds_up_nobody(own_home: Path) -> None:
    """MLflow's database is locked by somebody for long: what is approved is served, what is revoked is refused."""
    with running(own_home) as server:
        judged = server.ready()
        with contextlib.closing(sqlite3.connect(own_home / "mlflow" / "mlflow.db")) as locked:
            locked.execute("BEGIN EXCLUSIVE")
            trust = own_home / "trust.toml"
            trust.write_text(trust.read_text() + "\n")  # all is asked again
            for _ in range(10):
                began = time.monotonic()
                assert version_of(done(server.advise(judged))) == 1
                assert time.monotonic() - began < 2
                time.sleep(0.3)
            trust.write_text("")  # nobody's signature counts any more
            began = time.monotonic()
            problem(server.advise(judged), 503)
            assert time.monotonic() - began < 6
            locked.rollback()
