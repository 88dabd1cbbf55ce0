"""Whether the log is whole: each entry follows from the one before, and no row is without the entry that made it.

What a row says is not held against the log, which knows ids and no words: it tells that a judgement was recorded, by
whom and about whom, and not what stood in it.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, not_, or_, select

from ml.errors import DataError

from .log import FIRST, chained, commitment
from .tables import accesses, advices, feedback, judgements, log, metadata, stops

BATCH = 20_000  # entries fetched together
PURGE = "purge"
# Whose rows come one from an entry of their own, which names their id; others share one, or are only changed.
MADE_BY = {judgements: "judgement", advices: "advice", feedback: "feedback", accesses: "break-glass", stops: "stop"}


@dataclass(frozen=True)
class Gone:
    """Private parts whose time was over: the first purge that names their day, that day, and how many entries."""

    purge: int
    before: str
    entries: int


@dataclass(frozen=True)
class Verified:
    """What was found: how many entries, the digest of the last, and which private parts were taken out."""

    entries: int
    last: str
    gone: tuple[Gone, ...]


def head(connection: Connection) -> tuple[int, str]:
    """Return the number of the last entry and its digest, to be noted where nobody who writes here can reach."""
    last = connection.execute(select(log.c.seq, log.c.digest).order_by(log.c.seq.desc()).limit(1)).first()
    return (0, FIRST) if last is None else (last.seq, last.digest)


def verify(
    connection: Connection, expected: str | None = None, seen: Callable[[int], None] = lambda _: None
) -> Verified:
    """Return what the log holds, after every entry was held against the one before.

    expected  a digest noted earlier, which must be that of some entry: a log cut short lacks it
    seen      told how many entries were held so far
    Raises DataError that names the first entry that is not as it was written.
    """
    held, taken, found = _Held(), _Taken(), expected in (None, FIRST)
    with closing(_entries(connection)) as entries:
        for entry in entries:
            held.hold(entry, taken)
            found = found or held.last == expected
            if held.count % BATCH == 0:
                seen(held.count)
    if not found:
        raise DataError("no entry of the log has the digest that was noted: the log was cut short or replaced")
    gone = taken.accounted()
    _require_entries(connection)
    return Verified(held.count, held.last, gone)


@dataclass
class _Held:
    """How far the chain was held: how many entries, and the digest of the last."""

    count: int = 0
    last: str = FIRST

    def hold(self, entry: Sequence[Any], taken: _Taken) -> None:
        """Hold the next entry against the chain. Raises DataError where it is not as it was written."""
        seq, at, action, who, role, client, content, salt, committed, digest = entry
        self.count += 1
        if seq != self.count:
            raise DataError(f"the log is broken: entry {self.count} is missing (the next is {seq})")
        if salt is None:
            if (who, role, client, content) != (None, None, None, None):
                raise DataError(f"the log is broken: the private part of entry {seq} was changed")
            taken.gone(seq, at)
        elif commitment(salt, who, role, client, content) != committed:
            raise DataError(f"the log is broken: the private part of entry {seq} was changed")
        elif action == PURGE:
            taken.purged(seq, at, content)
        if chained(self.last, seq, at, action, committed) != digest:
            raise DataError(f"the log is broken: entry {seq} does not follow from the one before")
        self.last = digest


def _entries(connection: Connection) -> Generator[Sequence[Any], None, None]:
    columns = ("seq", "at", "action", "who", "role", "client", "content", "salt", "commitment", "digest")
    query = select(*(log.c[name] for name in columns)).order_by(log.c.seq).execution_options(yield_per=BATCH)
    with connection.execute(query) as result:
        for part in result.partitions():
            yield from part


@dataclass
class _Taken:
    """Entries whose private part is gone, by their day; and the purges, each with the day before which it took."""

    days: dict[str, array[int]] = field(default_factory=dict)
    purges: list[tuple[int, str]] = field(default_factory=list)

    def gone(self, seq: int, at: str) -> None:
        self.days.setdefault(at[:10], array("q")).append(seq)

    def purged(self, seq: int, at: str, content: str) -> None:
        before = json.loads(content)["before"]["log"]
        if before > at[:10]:
            raise DataError(f"the log is broken: the purge of entry {seq} names a day that was still to come")
        self.purges.append((seq, before))

    def accounted(self) -> tuple[Gone, ...]:
        """Return by which purge each went. Raises DataError where no later purge says that it took an entry's."""
        counts: dict[tuple[int, str], int] = {}
        strays: list[int] = []
        for day, entries in self.days.items():
            done = 0
            for purge, before in self.purges:
                upto = bisect_right(entries, purge)
                if before > day and upto > done:
                    counts[purge, before] = counts.get((purge, before), 0) + upto - done
                    done = upto
            strays += entries[done : done + 1]
        if strays:
            raise DataError(
                f"the log is broken: the private part of entry {min(strays)} was taken out, and no purge says so"
            )
        return tuple(Gone(purge, before, entries) for (purge, before), entries in sorted(counts.items()))


def _require_entries(connection: Connection) -> None:
    """Raise DataError where a row says that an entry made it which is not in the log, or tells of something else."""
    for table in metadata.sorted_tables:
        if table is log or "seq" not in table.c:
            continue
        wrong: ColumnElement[bool] = log.c.seq.is_(None)
        if table in MADE_BY:
            wrong = or_(wrong, _of_another(table))
        joined = select(table.c.seq).outerjoin(log, log.c.seq == table.c.seq).where(wrong)
        stray = connection.execute(joined.order_by(table.c.seq).limit(1)).scalar()
        if stray is not None:
            raise DataError(
                f"the log is broken: a row of {table.name} comes from entry {stray}, which tells of no such row"
            )


def _of_another(table: Table) -> ColumnElement[bool]:
    """Return the condition that an entry is not the one that made a row; of what was taken out it is not known."""
    another = or_(log.c.action != MADE_BY[table], not_(log.c.content.contains(table.c.id)))
    return or_(another, log.c.client != table.c.client) if "client" in table.c else another
