"""`apualy score`: the night's cohorts → hints that lie ready in the morning."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ml.contracts import CurrentCohort
    from serving.batch.scoring import Scored

LONGEST_DAYS = 14  # so long a hint of new inputs stands, too


def add_commands(commands: Any, read: Callable[[Path], CurrentCohort]) -> None:
    """Add `score` to the parser of `apualy`.

    read  folder of those unemployed now → checked people
    """
    score = commands.add_parser("score", help="make the hints of those unemployed now; goes on where a run stopped")
    score.add_argument("cohorts", type=Path, nargs="+", metavar="FOLDER",
                       help="made by apualy register build --current, at most one for each model")  # fmt: skip
    score.add_argument("--valid-days", type=_days, default=7, metavar="N", help="how long the hints stand (default 7)")
    score.add_argument("--json", action="store_true")
    score.set_defaults(run=partial(_score, read))


def _days(text: str) -> int:
    """Return a number of days. Raises ValueError, which argparse tells."""
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"must be 1 to {LONGEST_DAYS} days")
    return int(text)


def _score(read: Callable[[Path], CurrentCohort], arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from datetime import UTC, datetime, timedelta

    from ml.errors import UsageError
    from ml.governance.deployment import open_registry
    from ml.progress import progress
    from serving.batch.scoring import Night, score
    from serving.edge import Edge
    from serving.models.loading import load
    from serving.settings import Settings

    from .opened import opened
    from .who import who

    settings, registry = Settings.from_environ(environ), open_registry(environ)
    with opened(environ) as database, progress() as say:
        night = Night(
            database=database,
            load=lambda name: load(registry, name, datetime.now(UTC), settings.basis),
            edge=Edge(settings.key),
            needs_consent=settings.needs_consent,
            who=who(environ),
            valid=timedelta(days=arguments.valid_days),
            say=say,
        )
        cohorts = [read(folder) for folder in arguments.cohorts]
        if len({each.purpose for each in cohorts}) < len(cohorts):
            raise UsageError("two of the cohorts are for the same model; give the newer one")
        found = [score(night, each) for each in cohorts]
    if arguments.json:
        print(json.dumps([vars(each) for each in found]))
        return
    print("\n".join(line for each in found for line in _told(each)))


def _told(scored: Scored) -> list[str]:
    went_on = f"; went on after {scored.went_on} of them" if scored.went_on else ""
    lines = [
        f"{scored.model} version {scored.version}: {scored.people} people{went_on}",
        f"  {scored.hints} hints lie ready until {scored.valid_until[:16].replace('T', ' ')} UTC",
    ]
    if scored.hints < scored.people:
        lines.append(f"  {scored.people - scored.hints} people have none: not known here, or a right stands in the way")
    return lines
