"""`apualy database`, `apualy log` and `apualy purge`, as an operator runs them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from serving.store.database import Database

from .writing import Clock, judge, keep_answer


@pytest.fixture
def run(apualy: Any, database_url: str) -> Any:
    return lambda *argv: apualy(*argv, APUALY_DATABASE=database_url)


def test_a_database_is_made_and_told_of(apualy: Any, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'service.db'}"
    absent = apualy("log", "verify", APUALY_DATABASE=address)
    assert (absent.code, absent.out) == (1, "")
    assert absent.err == f"apualy: there is no database at {tmp_path}/service.db yet; run apualy database upgrade\n"
    assert not (tmp_path / "service.db").exists()
    assert apualy("database", "upgrade", APUALY_DATABASE=address).out == "the tables were made or changed (0002)\n"
    assert apualy("database", "upgrade", APUALY_DATABASE=address).out == "the tables are up to date (0002)\n"
    assert (tmp_path / "service.db").stat().st_mode & 0o077 == 0  # it holds people
    status = apualy("database", "status", "--json", APUALY_DATABASE=address)
    assert json.loads(status.out) == {"database": address, "revision": "0002", "entry": 0, "digest": "0" * 64}


def test_status_shows_no_password(new_database: Any, apualy: Any) -> None:
    address = new_database("postgresql").replace("postgres:@", "postgres:pass-word@")
    assert "pass-word" in address
    ran = apualy("database", "status", APUALY_DATABASE=address)
    assert ran.code == 0
    assert "pass-word" not in ran.out + ran.err


def test_a_whole_log_is_told(databases: Database, run: Any) -> None:
    for _ in range(3):
        judge(databases)
    head = run("log", "head").out
    number, digest = head.split()
    assert (number, len(digest)) == ("3", 64)
    assert json.loads(run("log", "head", "--json").out) == {"entry": 3, "digest": digest}
    assert run("log", "verify").out == f"the log is whole: 3 entries, the last is {digest}\n"
    told = json.loads(run("log", "verify", "--expect", digest, "--json").out)
    assert told == {"entries": 3, "last": digest, "private_parts_gone": []}


def test_a_broken_log_is_told_with_its_first_broken_entry(databases: Database, run: Any) -> None:
    for _ in range(3):
        judge(databases)
    with databases.migrating() as connection:
        connection.execute(text("UPDATE log SET who = NULL, role = NULL, client = NULL, content = NULL, salt = NULL"))
    ran = run("log", "verify")
    words = "apualy: the log is broken: the private part of entry 1 was taken out, and no purge says so\n"
    assert (ran.code, ran.out, ran.err) == (3, "", words)


@pytest.mark.parametrize(
    ("expected", "code", "words"),
    [
        ("f" * 64, 3, "no entry of the log has the digest that was noted"),
        ("f" * 63, 2, "--expect: a digest has 64 hexadecimal digits"),
        ("-- drop", 2, ""),
    ],
)
def test_a_digest_that_is_not_in_the_log(databases: Database, run: Any, expected: str, code: int, words: str) -> None:
    judge(databases)
    ran = run("log", "verify", f"--expect={expected}")
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_a_purge_counts_first_and_then_deletes(databases: Database, run: Any) -> None:
    clock = Clock()
    clock.at -= timedelta(days=5000)
    databases.clock = clock
    judge(databases)
    keep_answer(databases)
    counted = run("purge", "--dry-run").out
    assert re.findall(r"^ *(\d+) (.+)$", counted, re.MULTILINE) == [
        ("1", "rows of idempotency"), ("1", "rows of judgements"), ("2", "entries without private part"),
    ]  # fmt: skip
    assert counted.endswith("nothing was deleted (--dry-run)\n")
    done = json.loads(run("purge", "--json").out)
    assert done["removed"] == {"idempotency": 1, "judgements": 1, "log": 2}
    made = len(done["counts"])  # of each month of the last two years: managers may want them later
    assert 20 <= made <= 24
    assert (done["dry_run"], done["entry"]) == (False, 4 + made)
    assert run("purge").out == f"nothing is older than the policy lets it be\nentry {5 + made} of the log tells of it\n"
    verified = run("log", "verify")
    assert verified.out.splitlines()[1] == (
        f"  private parts gone: 2 entries before {done['before']['log']}, by the purge of entry {3 + made}"
    )
