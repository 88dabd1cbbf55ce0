"""Statements on the driver's own cursor say what SQLAlchemy says, on both databases, and fail as it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from ml.errors import UnavailableError
from serving.store.database import Database
from serving.store.log import Event
from serving.store.prepared import Prepared
from serving.store.tables import judgements, stops

from ...serving_databases import NewDatabase

EVENT = Event("stop", "olli", "operator")
STOP = {"id": "a" * 32, "model": None, "why": "Ei näin.", "by": "olli", "at": "2026-11-28T12:00:00.000000Z", "seq": 1}
OF = select(stops.c.id, stops.c.model, stops.c.why, stops.c.seq).where(stops.c.seq <= bindparam("most"))
OF_NEWEST = OF.order_by(stops.c.seq.desc()).limit(1)
ADD = insert(stops).values({name: bindparam(name) for name in STOP})


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, lambda: datetime(2026, 11, 28, 12, tzinfo=UTC))
    yield database
    database.close()


def test_it_writes_and_reads_what_sqlalchemy_does(database: Database) -> None:
    add, newest = Prepared(ADD), Prepared(OF_NEWEST)
    with database.recording(EVENT) as entry:
        add.run(entry.connection, STOP)
        entry.connection.execute(ADD, STOP | {"id": "b" * 32, "seq": 2, "model": "ltu-risk"})
    with database.reading() as connection:
        for most, expected in ((1, ("a" * 32, None, "Ei näin.", 1)), (9, ("b" * 32, "ltu-risk", "Ei näin.", 2))):
            row = connection.execute(OF_NEWEST, {"most": most}).first()
            assert newest.first(connection, {"most": most}) == expected == tuple(row or ())
        assert newest.first(connection, {"most": 0}) is None


def test_a_refusal_of_the_database_is_sqlalchemys(database: Database) -> None:
    add = Prepared(ADD)
    with database.recording(EVENT) as entry:
        add.run(entry.connection, STOP)
    with pytest.raises(IntegrityError) as refused, database.recording(EVENT) as entry:
        add.run(entry.connection, STOP)
    assert "Ei näin." not in str(refused.value)  # values are nobody's business in a log
    with pytest.raises(IntegrityError), database.recording(EVENT) as entry:
        add.run(entry.connection, STOP | {"id": "c" * 32, "why": None})
    with database.recording(EVENT) as entry:  # the connection is as good as before
        add.run(entry.connection, STOP | {"id": "d" * 32})


def test_it_is_in_the_transaction_of_its_connection(database: Database) -> None:
    add, newest = Prepared(ADD), Prepared(OF_NEWEST)

    def given_up() -> None:
        with database.recording(EVENT) as entry:
            add.run(entry.connection, STOP)
            assert newest.first(entry.connection, {"most": 9}) is not None
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        given_up()
    with database.reading() as connection:
        assert newest.first(connection, {"most": 9}) is None


def test_a_table_that_is_gone_is_told(database: Database) -> None:
    asked = Prepared(select(judgements.c.id).limit(1))
    with database.migrating() as connection:
        connection.exec_driver_sql("DROP TABLE judgements")
    # "no such table" is an operational error to SQLite.
    with pytest.raises((ProgrammingError, UnavailableError)), database.reading() as connection:
        asked.first(connection)


def test_a_connection_that_broke_is_not_used_again(new_database: NewDatabase) -> None:
    """The server closes a connection between two statements: the next one is told, and the one after is a new one."""
    database, newest = Database(new_database("postgresql")), Prepared(OF_NEWEST)

    def cut_off() -> None:
        with database.reading() as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with database.engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            newest.first(connection, {"most": 9})

    with pytest.raises(UnavailableError):
        cut_off()
    with database.reading() as connection:
        assert newest.first(connection, {"most": 9}) is None
    database.close()


def test_values_it_lacks_are_an_error_and_no_null(database: Database) -> None:
    with pytest.raises((KeyError, DBAPIError)), database.recording(EVENT) as entry:
        Prepared(ADD).run(entry.connection, {name: value for name, value in STOP.items() if name != "why"})
