"""The log: one chain whoever writes, append-only, and nothing is changed or taken out unnoticed."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, make_url, text
from sqlalchemy.exc import DBAPIError

from ml.errors import DataError, UnavailableError
from serving.store.database import Database
from serving.store.log import Event
from serving.store.tables import judgements, log, stops
from serving.store.verify import Gone, Verified, head, verify

from ...serving_databases import NewDatabase, run_on
from .writing import ANNA, BEN, Clock, event, judge, look, rows, say, show, stop

ROOT = Path(__file__).parents[3]
APPENDER = Path(__file__).with_name("appender.py")
SALTLESS = "UPDATE log SET who = NULL, role = NULL, client = NULL, content = NULL, salt = NULL WHERE "


def verified(database: Database, expected: str | None = None) -> Verified:
    with database.reading() as connection:
        return verify(connection, expected)


# ---------------------------------------------------------------- one chain


def test_processes_append_to_one_chain(databases: Database, database_url: str) -> None:
    writers = [
        subprocess.Popen([sys.executable, APPENDER, database_url, name, "200"], env={"PYTHONPATH": str(ROOT)})
        for name in "abcd"
    ]
    assert [writer.wait(120) for writer in writers] == [0] * 4
    assert verified(databases).entries == 800
    entries = sorted(rows(databases, log), key=lambda each: each["seq"])
    assert [each["seq"] for each in entries] == list(range(1, 801))
    assert Counter(each["who"] for each in entries) == {f"caseworker-{name}": 200 for name in "abcd"}
    written = {each["id"]: each["seq"] for each in rows(databases, judgements)}
    assert all(f'"{id}"' in entries[seq - 1]["content"] for id, seq in written.items())


def test_threads_append_to_one_chain(databases: Database) -> None:
    def write() -> None:
        for _ in range(25):
            judge(databases)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verified(databases).entries == 200
    assert len(rows(databases, judgements)) == 200


def test_what_fails_leaves_neither_row_nor_entry(databases: Database) -> None:
    def write_and_fail() -> None:
        with event(databases, "stop") as entry:
            entry.connection.execute(
                insert(stops), {"id": "1", "why": "no", "by": "x", "at": "2026-11-28", "seq": entry.seq}
            )
            raise KeyError("on the way")

    judge(databases)
    with pytest.raises(KeyError):
        write_and_fail()
    judge(databases)
    assert rows(databases, stops) == []
    assert [each["seq"] for each in rows(databases, log)] == [1, 2]
    assert verified(databases).entries == 2


def test_an_event_is_told_in_single_lines() -> None:
    with pytest.raises(ValueError, match="single lines"):
        Event("judgement", "who\nrole", "caseworker")


# ---------------------------------------------------------------- append-only


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log WHERE seq = 2",
        "DELETE FROM log",
        "UPDATE log SET action = 'advice' WHERE seq = 2",
        "UPDATE log SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2",
        "UPDATE log SET who = 'somebody' WHERE seq = 2",
        "UPDATE log SET content = '{}' WHERE seq = 2",
        "UPDATE log SET client = NULL WHERE seq = 2",
        SALTLESS.replace("SET who", "SET digest = 'x', who") + "seq = 2",
        "UPDATE log SET seq = 9 WHERE seq = 2",
    ],
)
def test_entries_are_neither_changed_nor_taken_out(databases: Database, statement: str) -> None:
    for _ in range(3):
        judge(databases)
    before = rows(databases, log)
    with pytest.raises((UnavailableError, DBAPIError), match="append-only"), event(databases, "trial") as entry:
        entry.connection.execute(text(statement))
    assert rows(databases, log) == before


# ---------------------------------------------------------------- tampering, by whoever owns the database


def tamper(database: Database, *statements: str) -> None:
    """Change the tables as their owner can, who switches the triggers off first."""
    with database.migrating() as connection:
        _switch_off(connection)
        for statement in statements:
            connection.execute(text(statement))


def _switch_off(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE log DISABLE TRIGGER ALL"))
        return
    for trigger in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
        connection.execute(text(f"DROP TRIGGER {trigger}"))


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["UPDATE log SET at = '2026-11-28T12:00:00.000001Z' WHERE seq = 3"], "entry 3 does not follow"),
        (["UPDATE log SET action = 'x' WHERE seq = 3"], "entry 3 does not follow"),
        (["UPDATE log SET who = 'x' WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET role = 'operator' WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET client = 'x' WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET client = NULL WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET content = '{}' WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET salt = 'x' WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET salt = NULL WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET commitment = 'x' WHERE seq = 3"], "private part of entry 3 was changed"),
        (["UPDATE log SET digest = 'x' WHERE seq = 3"], "entry 3 does not follow"),
        (["UPDATE log SET seq = 99 WHERE seq = 3"], "entry 3 is missing"),
        (["DELETE FROM log WHERE seq = 3"], "entry 3 is missing (the next is 4)"),
        (["DELETE FROM log WHERE seq = 1"], "entry 1 is missing"),
        (
            [
                "UPDATE log SET seq = 99 WHERE seq = 2",
                "UPDATE log SET seq = 2 WHERE seq = 3",
                "UPDATE log SET seq = 3 WHERE seq = 99",
            ],
            "entry 2 does not follow",
        ),
        ([f"{SALTLESS} seq IN (3, 4)"], "private part of entry 3 was taken out, and no purge says so"),
        (["UPDATE judgements SET seq = 99"], "a row of judgements comes from entry 99"),
        (["UPDATE stops SET seq = 1"], "a row of stops comes from entry 1"),
        ([f"UPDATE judgements SET client = '{BEN}'"], "a row of judgements comes from entry 1"),
        (["UPDATE advices SET id = 'x'"], "a row of advices comes from entry 2"),
        (["DELETE FROM log WHERE seq > 4"], "a row of accesses comes from entry 5"),
        (["DELETE FROM log"], "a row of accesses comes from entry 5"),
    ],
)
def test_tampering_is_found(databases: Database, statements: list[str], words: str) -> None:
    advice = show(databases, judge(databases))
    say(databases, advice)
    stop(databases)
    look(databases)
    assert verified(databases).entries == 5
    tamper(databases, *statements)
    with pytest.raises(DataError) as found:
        verified(databases)
    assert words in str(found.value)


def test_a_log_cut_short_lacks_the_digest_that_was_noted(databases: Database) -> None:
    for _ in range(3):
        with event(databases, "client.look", ANNA):
            pass
    with databases.reading() as connection:
        entry, noted = head(connection)
    assert (entry, verified(databases, noted)) == (3, Verified(3, noted, ()))
    with event(databases, "client.look", ANNA):
        pass
    assert verified(databases, noted).entries == 4  # it need not be the last
    tamper(databases, "DELETE FROM log WHERE seq >= 3")
    assert verified(databases).entries == 2  # by itself, the rest holds
    with pytest.raises(DataError, match="no entry of the log has the digest that was noted"):
        verified(databases, noted)


# ---------------------------------------------------------------- private parts that are gone


def purged(database: Database, before: str) -> None:
    content = {"before": {"log": before}, "policy": "sha256:0", "removed": {}, "finished": True}
    with database.recording(Event("purge", "operator", "operator", None, content)):
        pass


@pytest.fixture
def clock(databases: Database) -> Clock:
    databases.clock = clock = Clock()
    return clock


@pytest.fixture
def five_days(databases: Database, clock: Clock) -> list[str]:
    """Write an entry a day, and return the days; the clock is a week on then."""
    days = []
    for _ in range(5):
        days.append(clock.at.date().isoformat())
        with event(databases, "client.look", ANNA):
            pass
        clock.at += timedelta(days=1)
    clock.at += timedelta(days=2)
    return days


Taken = Callable[[Database, list[str]], None]


def test_what_purges_took_out_is_told_by_each(databases: Database, five_days: list[str]) -> None:
    tamper(databases, f"{SALTLESS} seq <= 2")
    purged(databases, five_days[2])
    tamper(databases, f"{SALTLESS} seq = 3")
    purged(databases, five_days[3])
    assert verified(databases).gone == (Gone(6, five_days[2], 2), Gone(7, five_days[3], 1))


@pytest.mark.parametrize(
    ("take", "words"),
    [
        # of the very day that the purge names
        (
            lambda db, days: (tamper(db, f"{SALTLESS} seq <= 3"), purged(db, days[2])),
            "private part of entry 3 was taken",
        ),
        # one in the middle that is younger
        (lambda db, days: (tamper(db, f"{SALTLESS} seq IN (1, 4)"), purged(db, days[2])), "entry 4 was taken out"),
        # after the purge, and not by it: what it says of itself is gone, too
        (lambda db, days: (purged(db, days[2]), tamper(db, f"{SALTLESS} seq = 6")), "entry 6 was taken out"),
        # a purge that would let everything go
        (lambda db, _: purged(db, "2027-01-01"), "purge of entry 6 names a day that was still to come"),
    ],
)
def test_private_parts_go_by_a_purge_of_their_day_only(
    databases: Database, five_days: list[str], take: Taken, words: str
) -> None:
    take(databases, five_days)
    with pytest.raises(DataError) as found:
        verified(databases)
    assert words in str(found.value)


def test_a_purge_vouches_for_no_entry_that_came_after_it(
    databases: Database, clock: Clock, five_days: list[str]
) -> None:
    tamper(databases, f"{SALTLESS} seq <= 2")
    purged(databases, five_days[2])
    clock.at -= timedelta(days=30)  # the clock of the machine was set back
    with event(databases, "client.look", ANNA):
        pass
    assert verified(databases).gone == (Gone(6, five_days[2], 2),)
    tamper(databases, f"{SALTLESS} seq = 7")
    with pytest.raises(DataError, match="private part of entry 7 was taken out, and no purge says so"):
        verified(databases)


def test_a_purge_whose_own_words_are_gone_is_vouched_for_by_a_later_one(
    databases: Database, clock: Clock, five_days: list[str]
) -> None:
    tamper(databases, f"{SALTLESS} seq <= 2")
    purged(databases, five_days[2])
    clock.at += timedelta(days=30)
    tamper(databases, f"{SALTLESS} seq <= 6")
    later = (clock.at - timedelta(days=1)).date().isoformat()
    purged(databases, later)
    assert verified(databases).gone == (Gone(7, later, 6),)


def test_the_servers_default_isolation_hides_nothing_from_who_waited(new_database: NewDatabase) -> None:
    url = new_database("postgresql")
    name = make_url(url).database
    run_on(make_url(url), f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    database = Database(url)
    try:
        with event(database, "isolation") as entry:
            assert entry.connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    finally:
        database.close()
