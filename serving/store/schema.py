"""The schema of the database: brought up to date by Alembic's migrations; the service only looks whether it is."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from ml.errors import UnavailableError

from .database import Database

MIGRATIONS = Path(__file__).parent.parent / "migrations"
NEWEST = "0002"  # the revision that this version of the code is written for


def upgrade(database: Database) -> None:
    """Bring the schema up to date; all of it appears, or nothing. Raises UnavailableError where it is a newer one."""
    from alembic import command  # slow to import, and the service needs none of it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.migrating() as connection:
        _require_ours(revision(connection))
        config.attributes["connection"] = connection
        command.upgrade(config, NEWEST)


def require_current(connection: Connection) -> None:
    """Raise UnavailableError when the schema is another than this version of the code is written for."""
    found = revision(connection)
    _require_ours(found)
    if found != NEWEST:
        what = "has no tables yet" if found is None else f"is at {found}"
        raise UnavailableError(f"the database {what}, this version needs {NEWEST}; run apualy database upgrade")


def _require_ours(found: str | None) -> None:
    if found is not None and found > NEWEST:  # revisions are numbered
        raise UnavailableError(
            f"the database is at {found}, of a newer apualy; this version knows {NEWEST}: run the newer version"
        )


def revision(connection: Connection) -> str | None:
    """Return which migration the database has seen last; None: none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
