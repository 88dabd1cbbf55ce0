"""A home with an approved model and a database with its tables, and a server that tests may share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.store.database import Database
from serving.store.schema import upgrade

from ...conftest import copy_home
from ...serving_databases import new_database, postgresql
from .servers import Server, running

__all__ = ["new_database", "postgresql"]


@pytest.fixture(scope="session")
def serving_home(approved_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which version 1 of ltu-small is approved and the database has its tables; copy it."""
    home = copy_home(approved_home, tmp_path_factory.mktemp("serving") / "home")
    database = Database(f"sqlite:///{home / 'service.db'}")
    upgrade(database)
    database.close()
    return home


@pytest.fixture
def own_home(serving_home: Path, tmp_path: Path) -> Path:
    """Return such a home of one's own."""
    return copy_home(serving_home, tmp_path / "home")


@pytest.fixture(scope="module")
def shared(serving_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a server with two workers that the tests of a module share, and leave as it is."""
    home = copy_home(serving_home, tmp_path_factory.mktemp("shared") / "home")
    with running(home, "--workers", "2") as server:
        yield server
