"""Writers killed with kill -9 at random moments: nothing is half written, lost or doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from serving.store.database import Database
from serving.store.tables import idempotency, judgements, log
from serving.store.verify import verify

from .writing import rows

ROOT = Path(__file__).parents[3]
KILLS = 30


def test_a_killed_writer_leaves_whole_writes_only(databases: Database, database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, Path(__file__).with_name("killed.py"), database_url, tmp_path, str(KILLS), "20261128"]
    ran = subprocess.run(
        command, env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    answered = [(number, id) for number, id in json.loads(ran.stdout)]
    numbers = range(answered[-1][0] + 1)
    assert len(numbers) > 2 * KILLS

    written = {each["why"]: each["id"] for each in rows(databases, judgements)}
    assert Counter(each["why"] for each in rows(databases, judgements)) == {f"Number {each}.": 1 for each in numbers}
    assert [written[f"Number {number}."] for number, _ in answered] == [id for _, id in answered]
    assert Counter(each["key"] for each in rows(databases, idempotency)) == {f"number-{each}": 1 for each in numbers}

    entries = [each for each in rows(databases, log) if each["action"] == "judgement"]
    assert {(each["seq"], json.loads(each["content"])["id"]) for each in entries} == {
        (each["seq"], each["id"]) for each in rows(databases, judgements)
    }
    with databases.reading() as connection:
        assert verify(connection).entries == 1 + len(numbers)
