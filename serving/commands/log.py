"""`apualy log`: whether the service's log is whole, and where it ends."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from typing import Any

from ml.errors import UsageError

DIGEST = re.compile(r"[0-9a-f]{64}")


def add_commands(commands: Any) -> None:
    """Add `log` and its commands to the parser of `apualy`."""
    log = commands.add_parser("log", help="the service's log: is it whole, and where does it end")
    kinds = log.add_subparsers(required=True, metavar="COMMAND")
    verify = kinds.add_parser("verify", help="hold every entry against the one before, and every row against its entry")
    verify.add_argument("--expect", metavar="DIGEST", help="noted earlier with apualy log head: it must be in the log")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=_verify)
    head = kinds.add_parser("head", help="number and digest of the last entry, to be noted elsewhere")
    head.add_argument("--json", action="store_true")
    head.set_defaults(run=_head)


def _verify(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.progress import progress
    from serving.store.checkpoints import Checkpoints
    from serving.store.verify import head, verify

    from .opened import opened

    expected: str | None = arguments.expect
    if expected is not None and not DIGEST.fullmatch(expected):
        raise UsageError("--expect: a digest has 64 hexadecimal digits, as apualy log head prints it")
    with opened(environ) as database, database.reading() as connection, progress() as say:
        Checkpoints(database).sync()  # what is told here can be noted: it must outlast the power
        entries, _ = head(connection)
        found = verify(connection, expected, lambda count: say(f"{count:,} of {entries:,} entries hold"))
    if arguments.json:
        gone = [vars(each) for each in found.gone]
        print(json.dumps({"entries": found.entries, "last": found.last, "private_parts_gone": gone}))
        return
    print(f"the log is whole: {found.entries} entries, the last is {found.last}")
    for each in found.gone:
        print(f"  private parts gone: {each.entries} entries before {each.before}, by the purge of entry {each.purge}")


def _head(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from serving.store.checkpoints import Checkpoints
    from serving.store.verify import head

    from .opened import opened

    with opened(environ) as database, database.reading() as connection:
        Checkpoints(database).sync()  # what is told here can be noted: it must outlast the power
        entry, digest = head(connection)
    print(json.dumps({"entry": entry, "digest": digest}) if arguments.json else f"{entry} {digest}")
