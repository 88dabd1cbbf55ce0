"""Erasure: nothing of the person is left in any table, nor in the bytes of the database's files."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import make_url, select

from serving.store.clients import erase
from serving.store.database import Database
from serving.store.left import leave_the_disk
from serving.store.purge import purge
from serving.store.retention import read_retention
from serving.store.tables import clients, log, metadata
from serving.store.verify import verify

from .writing import ANNA, BEN, event, everything, rows

PLAIN = "Xylophones, which nobody else plays"
OTHER = "Trombones, which somebody else plays"


def of_person(database: Database, client: str) -> dict[str, int]:
    """Return how many rows each table holds of a client."""
    with database.reading() as connection:
        return {
            table.name: len(connection.execute(select(table).where(table.c.client == client)).all())
            for table in metadata.sorted_tables
            if "client" in table.c and table is not log
        }


def files(database: Database) -> dict[str, bytes]:
    name = make_url(database.engine.url).database
    assert name is not None
    return {each.name: each.read_bytes() for each in Path(name).parent.glob(f"{Path(name).name}*")}


def test_nothing_of_the_person_is_left(databases: Database) -> None:
    for client, words in ((ANNA, PLAIN), (BEN, OTHER)):
        everything(databases, client, words)
    assert all(of_person(databases, ANNA).values()), "a table that holds people has no row to be erased in this test"
    others = of_person(databases, BEN)
    on_sqlite = databases.engine.dialect.name == "sqlite"
    if on_sqlite:
        assert any(PLAIN.encode() in content for content in files(databases).values())

    with event(databases, "erase", ANNA) as entry:
        erase(entry, ANNA)
    leave_the_disk(databases)

    assert {name for name, count in of_person(databases, ANNA).items() if count} == {"clients"}
    (stands,) = (each for each in rows(databases, clients) if each["client"] == ANNA)
    assert {name for name, value in stands.items() if value is not None} == {"client", "erased_on", "seq"}
    assert of_person(databases, BEN) == others
    assert PLAIN not in json.dumps([rows(databases, table) for table in metadata.sorted_tables], default=str)
    with databases.reading() as connection:
        verify(connection)
    if on_sqlite:
        left = files(databases)
        assert any(OTHER.encode() in content for content in left.values())
        assert [name for name, content in left.items() if PLAIN.encode() in content] == []


def test_what_a_purge_took_is_not_in_the_files(databases: Database) -> None:
    everything(databases, ANNA, PLAIN)
    at = databases.clock()
    databases.clock = lambda: at.replace(year=at.year + 20)
    purge(databases, read_retention(), "operator-1", lambda: None)
    said = json.dumps([rows(databases, table) for table in metadata.sorted_tables if table is not clients], default=str)
    assert PLAIN not in said
    (stands,) = rows(databases, clients)  # a client of somebody's, who consented, stays one
    if databases.engine.dialect.name == "sqlite":
        words = json.loads(json.dumps(stands))["office"].encode()
        held = b"".join(files(databases).values())
        assert held.count(PLAIN.encode()) == held.count(words) == 1
