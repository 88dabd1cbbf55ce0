"""The store's tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from ...serving_databases import database_url, databases, new_database, postgresql

__all__ = ["database_url", "databases", "new_database", "postgresql"]
