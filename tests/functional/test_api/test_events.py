"""Every write has its event: no transaction changes a row without an entry of the log, whatever is asked."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, make_url

from serving.store.purge import purge
from serving.store.retention import read_retention
from serving.store.verify import verify

from .house import ANNA, CASEWORKER, COLLEAGUE, House, done

WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)
MARK = "Xylophones, which nobody else plays"


def telling(ran: Callable[[str], None]) -> type[psycopg.Cursor[Any]]:
    """Return cursors of PostgreSQL that tell what is run."""

    class Telling(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **how: Any) -> Any:
            ran(query)
            return super().execute(query, *given, **how)

        def executemany(self, query: Any, *given: Any, **how: Any) -> None:
            ran(query)
            super().executemany(query, *given, **how)

    return Telling


@pytest.fixture
def transactions(each_house: House) -> Iterator[list[list[str]]]:
    """Yield the tables written by each transaction that was committed, as the driver sees them."""
    engine, committed = each_house.service.database.engine, []

    def began(connection: Connection) -> None:
        connection.info["written"] = []

    def done(written: list[str]) -> None:
        if written:
            committed.append(written)

    def watched(driver: Any, record: Any, _: object) -> None:
        def ran(statement: str) -> None:
            found = WRITES.match(statement)
            if found:
                record.info["written"].append(found[2])
            elif statement.startswith("BEGIN"):
                record.info["written"] = []
            elif statement == "COMMIT":
                done(record.info["written"])

        if isinstance(driver, sqlite3.Connection):
            driver.set_trace_callback(ran)
        else:
            driver.cursor_factory = telling(ran)

    listeners: list[tuple[str, Callable[..., None]]] = [("checkout", watched)]
    if engine.dialect.name == "postgresql":  # it is not by a cursor that one begins or ends there
        listeners += [("begin", began), ("commit", lambda connection: done(connection.info["written"]))]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield committed
    for name, listener in listeners:
        event.remove(engine, name, listener)


def walk(house: House) -> int:
    """Take every step that writes; return how many there were."""
    judgement = house.ready()  # three: assigned, consented, judged
    advice = house.advise(judgement)["advice"]
    body = {"advice": advice, "agrees": "agree", "why": MARK, "done": ["skills"]}
    done(house.post(CASEWORKER, "/v1/feedback", body, Idempotency_Key="f"), 201)
    done(house.post(COLLEAGUE, "/v1/accesses", {"client": ANNA, "ground": "other", "why": MARK}), 201)
    done(house.post(COLLEAGUE, "/v1/clients/look-up", {"client": ANNA}))
    stop = done(house.post("demo-operator", "/v1/stops", {"why": "A fault."}), 201)["id"]
    done(house.post("demo-operator", "/v1/stops/lift", {"stop": stop, "why": "Mended."}))
    done(house.post("demo-officer", "/v1/clients/export", {"client": ANNA}))
    done(house.get("demo-officer", "/v1/log"))
    done(house.post("demo-officer", "/v1/log/search", {"client": ANNA}))
    house.right("objection")
    house.judge(why=MARK)
    purge(house.service.database, read_retention(), "operator", lambda: None)
    house.erase()
    return 3 + 13


def test_every_write_has_its_event(each_house: House, transactions: list[list[str]]) -> None:
    steps = walk(each_house)
    assert len(transactions) == steps
    assert [written.count("log") for written in transactions] == [1] * steps
    assert [written[-1] for written in transactions] == ["log"] * steps  # after all that it tells of
    with each_house.service.database.reading() as connection:
        assert verify(connection).entries == steps


def test_reading_writes_nothing_but_that_it_was_read(each_house: House, transactions: list[list[str]]) -> None:
    walk(each_house)
    transactions.clear()
    done(each_house.get(CASEWORKER, "/v1/clients"))
    done(each_house.get(CASEWORKER, "/v1/models"))
    done(each_house.get(CASEWORKER, "/v1/stops"))
    assert transactions == []
    done(each_house.get("demo-officer", "/v1/log"))
    assert transactions == [["log"]]


def test_what_was_erased_is_in_no_file(house: House) -> None:
    walk(house)
    file = make_url(house.service.database.engine.url).database
    assert file is not None
    left = {each.name: each.read_bytes() for each in Path(file).parent.glob(f"{Path(file).name}*")}
    assert any(ANNA["pseudonym"].encode() in content for content in left.values())  # that they were erased
    assert [name for name, content in left.items() if MARK.encode() in content] == []
