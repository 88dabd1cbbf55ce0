"""Pages over the same models, people and databases as the API's tests have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..test_api.conftest import (
    approved,
    cards,
    database_url,
    model,
    new_database,
    parts,
    postgresql,
    saved,
    sqlite_url,
)
from ..test_api.house import Parts
from .browsing import Reader, Site, site_on

__all__ = ["approved", "cards", "database_url", "model", "new_database", "parts", "postgresql", "saved", "sqlite_url"]


@pytest.fixture
def site(parts: Parts, sqlite_url: str) -> Iterator[Site]:  # a fixture's name
    """Yield the pages of a worker on SQLite."""
    with site_on(parts, sqlite_url) as site:
        yield site


@pytest.fixture
def caseworker(site: Site) -> Reader:
    """Return a caseworker at a browser, signed in."""
    return site.reader()
