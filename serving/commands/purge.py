"""`apualy purge`: what is older than the retention policy lets it be goes; what managers see of it is made before."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

PAUSE_SECONDS = 0.15  # SQLite's writers look every tenth of a second whether it is their turn


def add_commands(commands: Any) -> None:
    """Add `purge` to the parser of `apualy`."""
    purge = commands.add_parser("purge", help="delete what is older than model_cards/retention.toml says; it is logged")
    purge.add_argument("--dry-run", action="store_true", help="count what would go, and delete nothing")
    purge.add_argument("--json", action="store_true")
    purge.set_defaults(run=_purge)


def _purge(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    import time

    from ml.progress import progress
    from serving.counts.made import countable, make
    from serving.store.purge import ROLE, purge, to_purge
    from serving.store.retention import read_retention

    from .opened import opened
    from .who import who

    policy, dry = read_retention(), arguments.dry_run
    with opened(environ) as database, progress() as say:
        # Nobody may have asked for them yet, and once their hints went nobody can make them any more.
        months = [each.month for each in countable(database, policy) if not each.made]
        if dry:
            done = to_purge(database, policy)
        else:
            for month in months:
                make(database, month, policy, who(environ), ROLE)
            done = purge(database, policy, who(environ), lambda: time.sleep(PAUSE_SECONDS), say)
    if arguments.json:
        counted = [month.name for month in months]
        print(json.dumps({**vars(done), "counts": counted, "entry": done.entry or None, "dry_run": dry}))
        return
    for month in months:
        print(f"the counts of {month.name} {'would be' if dry else 'were'} made")
    for name, count in sorted(done.removed.items()):
        print(f"{count:>9} {'entries without private part' if name == 'log' else f'rows of {name}'}")
    if not done.removed:
        print("nothing is older than the policy lets it be")
    print("nothing was deleted (--dry-run)" if dry else f"entry {done.entry} of the log tells of it")
