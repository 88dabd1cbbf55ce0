"""The night's scoring killed at any point, with no chance to tidy up: nothing is lost, nothing is there twice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving.batch.scoring import score
from serving.store.advices import StoredHint, stored_hints
from serving.store.database import Database
from serving.store.verify import verify

from ..serving_databases import DATABASES, new_database, postgresql
from .scoring import client, cohort, known, night

__all__ = ["new_database", "postgresql"]

REPO = Path(__file__).parents[2]
PEOPLE = 400
KILLS = 20
LONG = 60.0  # seconds in which a run comes to an end


class Runs:
    """A process whose children score: a child takes no time to start, and can be killed."""

    def __init__(self, url: str) -> None:
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPO), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.functional.scoring", url, str(PEOPLE)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ, cwd=REPO,
        )  # fmt: skip

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def run(self, seed: int, seconds: float) -> int:
        """Score a cohort, kill the run after so many seconds, and return how it ended."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{seed} {seconds}\n")
        stdin.flush()
        return int(stdout.readline())


def shown(database: Database) -> list[tuple[str, Any] | None]:
    """Return which day's hint of what content each client would be shown now."""
    with database.reading() as connection:
        found = [stored_hints(connection, client(number)).get("needs") for number in range(PEOPLE)]
    return [None if each is None else _what(each) for each in found]


def _what(hint: StoredHint) -> tuple[str, Any]:
    return hint.as_of, hint.content


def count(database: Database, of: str) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {of}").scalar() or 0)


@pytest.fixture
def undisturbed(new_database: Callable[[str], str]) -> Callable[[str, int], Any]:
    """Return what each client is shown after a night that nobody disturbed, on a database of its own."""

    def after(kind: str, seed: int) -> Any:
        with contextlib.closing(Database(new_database(kind))) as database:
            known(database, PEOPLE)
            score(night(database), cohort(PEOPLE, seed))
            return shown(database)

    return after


@pytest.mark.parametrize("kind", DATABASES)
def test_killed_anywhere_it_ends_as_if_it_had_not_been(
    kind: str, new_database: Callable[[str], str], undisturbed: Callable[[str, int], Any]
) -> None:
    expected = [undisturbed(kind, seed) for seed in (0, 1)]
    assert sum(old != new for old, new in zip(*expected, strict=True)) > PEOPLE / 2
    url = new_database(kind)
    with contextlib.closing(Database(url)) as database, Runs(url) as runs:
        known(database, PEOPLE)
        assert runs.run(0, LONG) == 0
        began = time.perf_counter()
        assert runs.run(1, LONG) == 0
        seconds = time.perf_counter() - began
        killed = under_way = 0
        for number, share in enumerate(np.random.default_rng(7).uniform(0.0, 1.0, 4 * KILLS)):
            if killed == KILLS:
                break
            seed, began = number % 2, time.perf_counter()
            ended = runs.run(seed, share * seconds)
            assert ended in {0, -signal.SIGKILL}
            killed += ended != 0
            if ended == 0:  # the machine has less to do than when the time of a run was taken
                seconds = time.perf_counter() - began
            assert shown(database) in (expected[1 - seed], expected[seed])  # all of a night, or nothing of it
            under_way += count(database, "batches WHERE completed_at IS NULL AND done_rows > 0")
            assert runs.run(seed, LONG) == 0
            assert shown(database) == expected[seed]
            assert count(database, "hints") == PEOPLE
            assert count(database, "batches WHERE completed_at IS NULL") == 0
        with database.reading() as connection:
            verify(connection)
    assert killed == KILLS
    assert under_way > KILLS / 4
