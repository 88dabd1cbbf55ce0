"""`apualy clients`: who is whose client, and who consented, from the customer system's file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serving.batch.taking_in import TakenIn


def add_commands(commands: Any) -> None:
    """Add `clients` and its commands to the parser of `apualy`."""
    clients = commands.add_parser("clients", help="the clients of the service")
    kinds = clients.add_subparsers(required=True, metavar="COMMAND")
    take_in = kinds.add_parser(
        "import", help="take in whose clients people are, and who consented; all of the file or nothing"
    )
    take_in.add_argument("file", type=Path, metavar="FILE.csv")
    take_in.add_argument("--replace", action="store_true", help="who is not in the file is nobody's client any more")
    take_in.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    take_in.add_argument("--json", action="store_true")
    take_in.set_defaults(run=_import)


def _import(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from serving.batch.taking_in import take_in
    from serving.edge import Edge
    from serving.settings import Settings

    from .opened import opened
    from .who import who

    edge = Edge(Settings.from_environ(environ).key)
    with opened(environ) as database:
        found = take_in(
            database, arguments.file, edge, who(environ), replace=arguments.replace, dry_run=arguments.dry_run
        )
    if arguments.json:
        print(json.dumps({"dry_run": arguments.dry_run, **vars(found)}))
        return
    print("\n".join(_told(found, dry_run=arguments.dry_run)))


def _told(found: TakenIn, *, dry_run: bool) -> list[str]:
    lines = [f"{found.clients} clients in the file{'; nothing was changed (--dry-run)' if dry_run else ''}"]
    said = {
        f"  assigned        {found.assigned}, {found.new} of them new here": found.assigned,
        f"  unassigned      {found.unassigned} who are not in the file": found.unassigned,
        f"  consents        {found.consents}": found.consents,
        f"  taken back      {found.consents_taken_back} consents; no hint is kept of them": found.consents_taken_back,
        f"  protected       {found.protected} have objected or had processing restricted, which stays": found.protected,
        f"  left out        {found.erased} were erased, and have not consented since": found.erased,
    }
    return lines + [line for line, count in said.items() if count]
