"""`apualy database`: make or bring up to date the tables, and say how they stand."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serving.store.database import Database


def add_commands(commands: Any) -> None:
    """Add `database` and its commands to the parser of `apualy`."""
    database = commands.add_parser("database", help="the service's database: its tables")
    kinds = database.add_subparsers(required=True, metavar="COMMAND")
    upgrade = kinds.add_parser("upgrade", help="make the tables, or bring them up to date")
    upgrade.set_defaults(run=_upgrade)
    status = kinds.add_parser("status", help="which tables are there; fails where the service would refuse them")
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=_status)


def _upgrade(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from serving.settings import database_address
    from serving.store.database import Database
    from serving.store.schema import upgrade

    database = Database(database_address(environ))
    try:
        before = _revision(database)
        upgrade(database)
        after = _revision(database)
    finally:
        database.close()
    print(f"the tables are up to date ({after})" if before == after else f"the tables were made or changed ({after})")


def _revision(database: Database) -> str | None:
    from serving.store.engines import sqlite_file
    from serving.store.schema import revision

    file = sqlite_file(database.engine)
    if file is not None and not file.exists():
        return None
    with database.reading() as connection:
        return revision(connection)


def _status(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from serving.store.schema import NEWEST
    from serving.store.verify import head

    from .opened import opened

    with opened(environ) as database, database.reading() as connection:
        entry, digest = head(connection)
        address = database.engine.url.render_as_string(hide_password=True)
    if arguments.json:
        print(json.dumps({"database": address, "revision": NEWEST, "entry": entry, "digest": digest}))
        return
    print(f"{address}\n  tables: {NEWEST}, as this version needs them\n  log: {entry} entries, the last is {digest}")
