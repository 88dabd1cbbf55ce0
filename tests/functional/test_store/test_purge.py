"""Retention: what is older than the policy goes, all of it and nothing else, and the log says so."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from ml.errors import ContractError, UnavailableError
from serving.store import purge as module
from serving.store.database import Database
from serving.store.log import written
from serving.store.purge import Purged, purge, to_purge
from serving.store.retention import POLICY, Days, Retention, read_retention
from serving.store.tables import (
    accesses,
    advices,
    batches,
    clients,
    feedback,
    hints,
    idempotency,
    judgements,
    log,
    metadata,
    rights,
    sessions,
)
from serving.store.verify import Gone, verify

from .writing import (
    ANNA,
    BEN,
    NOW,
    WHO,
    Clock,
    assigned,
    event,
    everything,
    judge,
    keep_answer,
    look,
    make_ready,
    right,
    rows,
    say,
    show,
)

TEN = Days(**dict.fromkeys(Days.__dataclass_fields__, 10))
POLICY_OF_TEN = Retention(TEN, "sha256:ten")


@pytest.fixture
def clock(databases: Database) -> Clock:
    databases.clock = clock = Clock()
    return clock


def run(database: Database, policy: Retention = POLICY_OF_TEN) -> Purged:
    return purge(database, policy, "operator-1", lambda: None)


def counts(database: Database) -> dict[str, int]:
    return {table.name: len(rows(database, table)) for table in metadata.sorted_tables}


def sign_in(database: Database, at: str) -> None:
    with database.migrating() as connection:
        row = {"digest": at, "subject": "x", "name": "X", "roles": "caseworker", "csrf_token": "t"}
        times = dict.fromkeys(("created_at", "seen_at", "expires_at"), at)
        connection.execute(insert(sessions), {**row, **times})


def test_what_is_older_goes_and_what_is_younger_stays(databases: Database, clock: Clock) -> None:
    for client in (ANNA, BEN):
        everything(databases, client)
        sign_in(databases, written(clock.at))
        clock.at += timedelta(days=18)  # a hint is valid for a week, and then kept for ten days
    clock.at -= timedelta(days=9)
    before = counts(databases)
    told = to_purge(databases, POLICY_OF_TEN)
    assert counts(databases) == before
    done = run(databases)
    assert done.removed == {
        "feedback": 1, "advices": 1, "judgements": 1, "accesses": 1, "hints": 2, "batches": 1, "idempotency": 1,
        "sessions": 1, "log": 9,
    }  # fmt: skip
    assert {**told.removed, "batches": 1} == done.removed  # the batch is empty only once its hint went
    for table in (judgements, advices, feedback, accesses, idempotency):
        assert len(rows(databases, table)) == 1, table.name
    assert {each["client"] for each in rows(databases, judgements)} == {BEN}
    assert {each["client"] for each in rows(databases, hints)} == {BEN}
    # a consent in force stays, and so does whose client somebody is, however old
    assert {each["client"] for each in rows(databases, rights)} == {ANNA, BEN}
    assert {each["client"] for each in rows(databases, clients)} == {ANNA, BEN}


def test_the_log_says_what_went_by_which_policy(databases: Database, clock: Clock) -> None:
    judge(databases)
    clock.at += timedelta(days=11)
    done = run(databases)
    first, portion, last = sorted(rows(databases, log), key=lambda each: each["seq"])
    assert {first[name] for name in ("who", "role", "client", "content", "salt")} == {None}
    day = (clock.at.date() - timedelta(days=10)).isoformat()
    for each, finished in ((portion, False), (last, True)):
        assert (each["action"], each["who"], each["role"], each["client"]) == ("purge", "operator-1", "operator", None)
        assert json.loads(each["content"]) == {
            "policy": "sha256:ten",
            "before": dict.fromkeys(TEN.__dataclass_fields__, day),
            "removed": {"judgements": 1, "log": 1},
            "finished": finished,
        }
    assert (done.entry, done.removed) == (3, {"judgements": 1, "log": 1})
    with databases.reading() as connection:
        found = verify(connection)
    assert [(each.purge, each.entries) for each in found.gone] == [(2, 1)]


def test_it_goes_at_midnight_of_the_last_day(databases: Database, clock: Clock) -> None:
    clock.at = NOW.replace(hour=0, minute=0)
    judge(databases)
    clock.at += timedelta(days=11) - timedelta(microseconds=1)  # the last moment of the tenth day after
    assert run(databases).removed == {}
    clock.at += timedelta(microseconds=1)
    assert run(databases).removed == {"judgements": 1, "log": 1}


def test_a_second_purge_finds_nothing(databases: Database, clock: Clock) -> None:
    everything(databases)
    clock.at += timedelta(days=30)
    assert run(databases).removed
    after = counts(databases)
    assert run(databases).removed == {}
    assert counts(databases) == after | {"log": after["log"] + 1}


def test_portions_let_others_write_between_them(
    databases: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 3)
    for _ in range(10):
        judge(databases)
    clock.at += timedelta(days=11)
    others: list[str] = []
    done = purge(databases, POLICY_OF_TEN, "operator-1", lambda: others.append(judge(databases, BEN)))
    assert done.removed == {"judgements": 10, "log": 10}
    assert len(others) == 7
    assert {each["id"] for each in rows(databases, judgements)} == set(others)
    told = [json.loads(each["content"]) for each in rows(databases, log) if each["action"] == "purge"]
    portions = [each["removed"] for each in told if not each["finished"]]
    assert sum((Counter(each) for each in portions), Counter()) == done.removed
    with databases.reading() as connection:
        assert verify(connection).entries == 10 + 7 + 8


def test_broken_off_it_loses_nothing_and_is_finished_by_the_next(
    databases: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 3)
    for _ in range(10):
        judge(databases)
    clock.at += timedelta(days=11)
    pauses = iter(range(10))

    def break_off() -> None:
        if next(pauses) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        purge(databases, POLICY_OF_TEN, "operator-1", break_off)
    assert len(rows(databases, judgements)) == 4
    with databases.reading() as connection:
        assert verify(connection).entries == 12
    assert run(databases).removed == {"judgements": 4, "log": 10}
    with databases.reading() as connection:
        assert verify(connection).gone == (Gone(11, "2026-11-29", 10),)  # the first that names their day


def test_a_database_that_refuses_keeps_all(databases: Database, clock: Clock) -> None:
    judge(databases)
    clock.at += timedelta(days=11)
    with databases.migrating() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text(
                "CREATE TRIGGER no BEFORE DELETE ON judgements BEGIN SELECT RAISE(ABORT, 'append-only here'); END"
            ))  # fmt: skip
        else:
            connection.execute(text(
                "CREATE TRIGGER no BEFORE DELETE ON judgements FOR EACH ROW EXECUTE FUNCTION log_is_append_only()"
            ))  # fmt: skip
    with pytest.raises(UnavailableError, match="the database refused"):
        run(databases)
    assert len(rows(databases, judgements)) == 1
    assert [each["action"] for each in rows(databases, log)] == ["judgement"]


# ---------------------------------------------------------------- rights, clients, batches


def test_rights_stay_while_in_force_and_go_once_they_ended(databases: Database, clock: Clock) -> None:
    def kinds() -> list[tuple[str, bool]]:
        return [(each["right"], each["in_force"]) for each in rows(databases, rights)]

    right(databases, "consent")
    right(databases, "objection")
    clock.at += timedelta(days=100)
    run(databases)
    assert kinds() == [("consent", True), ("objection", True)]
    right(databases, "objection", in_force=False)
    clock.at += timedelta(days=10)
    run(databases)
    assert kinds() == [("consent", True), ("objection", True), ("objection", False)]  # for as long after its end
    clock.at += timedelta(days=1)
    run(databases)
    assert kinds() == [("consent", True)]
    assert rows(databases, clients)[0]["consent_on"] == "2026-11-28"


@pytest.mark.parametrize("kept_by", ["caseworker", "consent", "objection", "judgement", "look", "hint", "youth", None])
def test_a_client_goes_when_nothing_keeps_them(databases: Database, clock: Clock, kept_by: str | None) -> None:
    assigned(databases)
    assigned(databases, caseworker=WHO if kept_by == "caseworker" else None)
    clock.at += timedelta(days=20)
    steps: dict[Any, Any] = {
        "consent": lambda: right(databases, "consent"),
        "objection": lambda: right(databases, "objection"),
        "judgement": lambda: judge(databases),
        "look": lambda: look(databases),
        "hint": lambda: make_ready(databases),
        "youth": lambda: assigned(databases, caseworker=None),
    }
    steps.get(kept_by, lambda: None)()
    run(databases)
    assert len(rows(databases, clients)) == (0 if kept_by is None else 1)


def test_that_somebody_was_erased_stays(databases: Database, clock: Clock) -> None:
    from serving.store.clients import erase

    everything(databases)
    with event(databases, "erase", ANNA) as entry:
        erase(entry, ANNA)
    clock.at += timedelta(days=4000)
    run(databases)
    assert [(each["client"], each["erased_on"]) for each in rows(databases, clients)] == [(ANNA, "2026-11-28")]


def test_a_batch_that_was_never_completed_goes_with_what_it_had_made(databases: Database, clock: Clock) -> None:
    policy = replace(POLICY_OF_TEN, days=replace(TEN, hints=1000))
    whole, unfinished = make_ready(databases), make_ready(databases, complete=False)
    clock.at += timedelta(days=10)
    young = make_ready(databases, BEN, complete=False)
    run(databases, policy)
    assert {each["id"] for each in rows(databases, batches)} == {whole, unfinished, young}
    clock.at += timedelta(days=1)
    run(databases, policy)
    assert {each["id"] for each in rows(databases, batches)} == {whole, young}
    assert {each["batch"] for each in rows(databases, hints)} == {whole, young}


def test_what_a_judgement_led_to_goes_by_its_own_time(databases: Database, clock: Clock) -> None:
    judgement = judge(databases)
    clock.at += timedelta(days=5)
    advice = show(databases, judgement)
    clock.at += timedelta(days=6)
    say(databases, advice)
    keep_answer(databases)
    run(databases)
    assert [len(rows(databases, table)) for table in (judgements, advices, feedback)] == [0, 1, 1]


# ---------------------------------------------------------------- the policy


def test_the_policy_of_the_house_can_be_read() -> None:
    policy = read_retention()
    assert policy.days.idempotency == 1
    assert policy.digest.startswith("sha256:")
    assert policy.before("log", NOW.date()) == "2021-11-28"


def test_every_table_that_holds_people_has_its_days() -> None:
    named = {each.table for each in module.OUTDATED}
    people = {table for table in metadata.sorted_tables if {"client", "subject"} & set(table.c.keys())}
    assert people <= named


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    return tmp_path / "retention.toml"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("judgements = 730\n", "", "days.judgements is missing"),
        ("judgements = 730\n", "judgements = 730\nnames = 5\n", "days.names is nothing that is kept"),
        ("judgements = 730", "judgements = 0", "days.judgements must be a whole number from 1 to 36525"),
        ("judgements = 730", "judgements = true", "days.judgements must be a whole number"),
        ("judgements = 730", "judgements = 1.5", "days.judgements must be a whole number"),
        ("judgements = 730", 'judgements = "730"', "days.judgements must be a whole number"),
        ("judgements = 730", "judgements = 99999", "days.judgements must be a whole number"),
        ("[days]", "[weeks]", "holds one section, [days]"),
        ("[days]", "[days", "cannot be read"),
    ],
)
def test_a_policy_that_says_too_little_or_too_much_is_refused(
    policy_file: Path, old: str, new: str, words: str
) -> None:
    content = POLICY.read_text(encoding="utf-8")
    assert old in content
    policy_file.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as found:
        read_retention(policy_file)
    assert words in str(found.value)


def test_a_policy_that_is_not_there_is_refused(policy_file: Path) -> None:
    with pytest.raises(ContractError, match="cannot be read"):
        read_retention(policy_file)
