"""The counts of a month: made once, when somebody first asks or before what they are made of goes; then kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from ml.errors import NotFoundError
from serving.store.counts import first_entry_at, keep_counts, published_counts, published_months, seen_in
from serving.store.database import Database
from serving.store.log import Event
from serving.store.retention import Retention

from .month import CLOSES_AFTER, Month
from .published import publish

SEED_BITS = 128
COUNTED = ("judgements", "advices", "feedback")  # of what counts are made, as the policy names it


class _MadeMeanwhileError(Exception):
    """Somebody else has kept counts of the month; ours were shown to nobody."""


@dataclass(frozen=True)
class Made:
    """Counts of a month as they are kept, and when they were made."""

    at: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Countable:
    """A month whose counts can be told, and whether they were made already."""

    month: Month
    made: bool


def kept(database: Database, month: Month) -> Made | None:
    """Return the counts of a month; None: nobody has asked for them yet."""
    with database.reading() as connection:
        found = published_counts(connection, month.name)
    return None if found is None else Made(*found)


def make(database: Database, month: Month, policy: Retention, who: str, role: str) -> Made:
    """Make the counts of a month and keep them; where somebody else did so meanwhile, theirs stand.

    who, role  for the log
    Raises MonthOpenError while feedback of the month is still awaited, NotFoundError where nothing was done in it, or
    what was is no longer kept whole.
    """
    now = database.clock()
    month.require_closed(now)
    if not still_whole(month, policy, now.date()):
        raise NotFoundError(f"what was shown in {month.name} is no longer kept, and nobody asked for its counts before")
    with database.reading() as connection:
        first = first_entry_at(connection)
        if first is None or first[:7] > month.name:
            raise NotFoundError(f"nothing was done here in {month.name}")
        seen = seen_in(connection, month.start, month.end, month.closes)
    content = publish(seen, np.random.default_rng(secrets.randbits(SEED_BITS))).as_json()
    told = {"month": month.name, "tables": len(content["tables"])}
    try:
        with database.recording(Event("counts.publish", who, role, None, told)) as entry:
            if published_counts(entry.connection, month.name) is not None:
                raise _MadeMeanwhileError
            return Made(keep_counts(entry, month.name, content), content)
    except _MadeMeanwhileError:
        found = kept(database, month)
        assert found is not None  # noqa: S101 - what is published stays
        return found


def countable(database: Database, policy: Retention) -> list[Countable]:
    """Return the months whose counts were made or can be made now, newest first."""
    now = database.clock()
    with database.reading() as connection:
        first, made = first_entry_at(connection), published_months(connection)
    closed = [month for month in _months(first, now) if month.closes <= now]
    open_to_make = {month.name for month in closed if still_whole(month, policy, now.date())}
    return [Countable(Month(name), name in made) for name in sorted(open_to_make | made, reverse=True)]


def closes_next(now: datetime) -> Month:
    """Return the first month whose counts cannot be made yet."""
    return Month(f"{now - CLOSES_AFTER:%Y-%m}")


def still_whole(month: Month, policy: Retention, today: date) -> bool:
    """Return whether no purge can have taken what counts are made of: else too few would be shown, for good."""
    return all(policy.before(name, today) <= f"{month.start:%Y-%m-%d}" for name in COUNTED)


def _months(first: str | None, now: datetime) -> Iterator[Month]:
    """Yield the months from that of the first entry of the log to that of now."""
    month = None if first is None else Month(first[:7])
    while month is not None and month.start <= now:
        yield month
        month = Month(f"{month.end:%Y-%m}")
