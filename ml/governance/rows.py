"""What MLflow's database says of a model, read as rows: MLflow's own client takes a second and a half to load.

A server asks when it starts, when a version is approved, and for its pages of reviews: what MLflow remembers of the
log and of a card, and where the artefact is. Rows are read only where the schema is the one that the locked MLflow
makes; of another, or of a server, MLflow's client is to be asked, which knows them all.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

SCHEMA = "dc11669786a5"  # of MLflow 3.17.2: a test compares it with what MLflow makes
WORKSPACE = "default"  # there is no other unless MLflow's own server is told to have some


def readable(connection: Connection) -> bool:
    """Return whether the schema is the one that is known here; where nothing was ever kept it is not."""
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    except (OperationalError, ProgrammingError):  # no such table
        return False
    return list(found) == [SCHEMA]


def tag(connection: Connection, name: str, key: str) -> str | None:
    """Return a tag of a model; None when it has none, or is not known."""
    query = "SELECT value FROM registered_model_tags WHERE workspace = :workspace AND name = :name AND key = :key"
    return _one(connection, query, name=name, key=key)


def version_tag(connection: Connection, name: str, version: int, key: str) -> str | None:
    """Return a tag of a version; None when it has none, or is not known."""
    query = (
        "SELECT value FROM model_version_tags "
        "WHERE workspace = :workspace AND name = :name AND version = :version AND key = :key"
    )
    return _one(connection, query, name=name, version=version, key=key)


def location(connection: Connection, name: str, version: int) -> str | None:
    """Return where the files of a version are, as MLflow writes it; None when it does not know the version."""
    query = (
        "SELECT coalesce(nullif(storage_location, ''), source) FROM model_versions "
        "WHERE workspace = :workspace AND name = :name AND version = :version AND current_stage <> 'Deleted_Internal'"
    )
    return _one(connection, query, name=name, version=version)


def _one(connection: Connection, query: str, **values: str | int) -> str | None:
    found = connection.execute(text(query), {"workspace": WORKSPACE, **values}).scalar()
    return None if found is None else str(found)
