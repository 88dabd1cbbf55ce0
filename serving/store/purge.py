"""Purge: what is older than the policy lets it be goes, and the log says so.

It goes in portions, each a transaction with its entry, and whoever else writes gets their turn between two. Killed in
the middle, what went is told in the log, and the next purge goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from .database import Database
from .left import leave_the_disk
from .log import Event
from .outdated import OUTDATED, Key, Outdated
from .retention import Retention
from .verify import PURGE

TOGETHER = 2_000  # rows of one portion: nobody waits much longer for it than for any other write
ROLE = "operator"
Portion = list[tuple[Outdated, list[Key]]]


@dataclass(frozen=True)
class Purged:
    """What went: rows by table, the day before which each went, the policy's digest, and the entry that tells it."""

    policy: str
    before: Mapping[str, str]
    removed: Mapping[str, int]
    entry: int


def purge(
    database: Database,
    policy: Retention,
    who: str,
    pause: Callable[[], None],
    say: Callable[[str], None] = lambda _: None,
) -> Purged:
    """Remove what is older than the policy lets it be; return what went.

    who    runs it, for the log
    pause  called between two portions, for whoever waits
    say    told how far it is
    Raises UnavailableError when the database cannot take it; what went until then is in the log.
    """
    today, removed = database.clock().date(), Counter[str]()
    before = _before(policy, today)
    while portion := _portion(database, before):
        removed += _remove(database, policy, before, portion, who)
        say(f"{removed.total():,} rows went")
        pause()
    content = _content(policy, before, removed, finished=True)
    with database.recording(Event(PURGE, who, ROLE, None, content)) as entry:
        done = entry.seq
    leave_the_disk(database)
    return Purged(policy.digest, before, dict(removed), done)


def to_purge(database: Database, policy: Retention) -> Purged:
    """Return what would go now; nothing does. What goes only once something else went is not counted yet."""
    before = _before(policy, database.clock().date())
    with database.reading() as connection:
        counts = Counter[str]()  # of a table two kinds of rows may go
        for each in OUTDATED:
            counts[each.table.name] += each.count(connection, before[each.policy])
    return Purged(policy.digest, before, {name: count for name, count in counts.items() if count}, 0)


def _before(policy: Retention, today: date) -> dict[str, str]:
    return {each.policy: policy.before(each.policy, today) for each in OUTDATED}


def _portion(database: Database, before: Mapping[str, str]) -> Portion:
    """Return the next rows that go: they are sought while others may write, and removed by their keys."""
    with database.reading() as connection:
        return _sought(connection, before)


def _sought(connection: Connection, before: Mapping[str, str]) -> Portion:
    portion: Portion = []
    room = TOGETHER
    for each in OUTDATED:
        keys = each.keys(connection, before[each.policy], room) if room else []
        if keys:
            portion.append((each, keys))
            room -= len(keys)
    return portion


def _remove(
    database: Database, policy: Retention, before: Mapping[str, str], portion: Portion, who: str
) -> Counter[str]:
    removed = Counter[str]()
    content = _content(policy, before, removed, finished=False)
    # The counts are known at the end, when the entry is written.
    with database.recording(Event(PURGE, who, ROLE, None, content)) as entry:
        for each, keys in portion:
            removed[each.table.name] += each.remove(entry.connection, before[each.policy], keys)
    return removed


def _content(policy: Retention, before: Mapping[str, str], removed: Counter[str], *, finished: bool) -> dict[str, Any]:
    """Return what an entry tells: of a portion what went with it, of the last one what went in all."""
    return {"policy": policy.digest, "before": dict(before), "removed": removed, "finished": finished}
