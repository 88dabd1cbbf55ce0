"""What is older than the policy lets it be, table by table: which rows, and how they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from .tables import (
    accesses,
    advices,
    batches,
    clients,
    feedback,
    hints,
    idempotency,
    judgements,
    log,
    rights,
    sessions,
)

Key = tuple[Any, ...]
PRIVATE = ("who", "role", "client", "content", "salt")  # of an entry of the log


@dataclass(frozen=True)
class Outdated:
    """What goes of one table.

    policy  the name of its days in the policy
    old     the day before which it goes → which rows
    """

    policy: str
    table: Table
    old: Callable[[str], ColumnElement[bool]]

    def count(self, connection: Connection, before: str) -> int:
        """Return how many rows would go."""
        found = connection.execute(select(func.count()).select_from(self.table).where(self.old(before))).scalar()
        return int(found or 0)

    def keys(self, connection: Connection, before: str, limit: int) -> list[Key]:
        """Return the primary keys of the first rows that go."""
        columns = self.table.primary_key.columns
        query = select(*columns).where(self.old(before)).order_by(*columns).limit(limit)
        return [tuple(row) for row in connection.execute(query)]

    def remove(self, connection: Connection, before: str, keys: Sequence[Key]) -> int:
        """Remove rows, as far as they are still to go; return how many went.

        An entry of the log stays, without its private part.
        """
        these = and_(tuple_(*self.table.primary_key.columns).in_(keys), self.old(before))
        if self.table is log:
            return int(connection.execute(update(log).where(these).values(dict.fromkeys(PRIVATE))).rowcount)
        return int(connection.execute(delete(self.table).where(these)).rowcount)


def _recorded(table: Table) -> Callable[[str], ColumnElement[bool]]:
    return lambda before: table.c.at < before


def _entered(table: Table) -> ColumnElement[str]:
    """Return when the entry was made that a row comes from."""
    return select(log.c.at).where(log.c.seq == table.c.seq).scalar_subquery()


def _ended_rights(before: str) -> ColumnElement[bool]:
    """Say which rows of rights ended, or were replaced by a later one, before a day."""
    later = rights.alias("later")
    replaced = exists().where(
        later.c.client == rights.c.client,
        later.c.right == rights.c.right,
        later.c.seq > rights.c.seq,
        later.c.recorded_at < before,
    )
    return or_(and_(not_(rights.c.in_force), rights.c.recorded_at < before), replaced)


def _forgotten(before: str) -> ColumnElement[bool]:
    """Say which clients are nobody's, have no right in force, and are known by nothing else."""
    kept = ("caseworker", "consent_on", "objection_on", "restriction_on", "erased_on")
    held = (judgements, advices, feedback, accesses, rights, hints)
    return and_(
        *(clients.c[name].is_(None) for name in kept),
        _entered(clients) < before,
        *(not_(exists().where(table.c.client == clients.c.client)) for table in held),
    )


def _no_longer_valid(before: str) -> ColumnElement[bool]:
    """Say which hints of complete batches were last valid before a day."""
    complete = select(batches.c.id).where(batches.c.completed_at.is_not(None))
    return and_(hints.c.valid_until < before, hints.c.batch.in_(complete))


def _unfinished(before: str) -> ColumnElement[bool]:
    return and_(batches.c.completed_at.is_(None), _entered(batches) < before)


def _made_by_unfinished(before: str) -> ColumnElement[bool]:
    return hints.c.batch.in_(select(batches.c.id).where(_unfinished(before)))


def _emptied(before: str) -> ColumnElement[bool]:
    return and_(_unfinished(before), not_(exists().where(hints.c.batch == batches.c.id)))


# In this order: what refers to something goes before it.
OUTDATED = (
    Outdated("feedback", feedback, _recorded(feedback)),
    Outdated("advices", advices, _recorded(advices)),
    Outdated("judgements", judgements, _recorded(judgements)),
    Outdated("accesses", accesses, _recorded(accesses)),
    Outdated("rights", rights, _ended_rights),
    Outdated("hints", hints, _no_longer_valid),
    Outdated("unfinished_batches", hints, _made_by_unfinished),
    Outdated("unfinished_batches", batches, _emptied),
    Outdated("idempotency", idempotency, _recorded(idempotency)),
    Outdated("sessions", sessions, lambda before: sessions.c.expires_at < before),
    Outdated("clients", clients, _forgotten),
    Outdated("log", log, lambda before: and_(log.c.at < before, log.c.salt.is_not(None))),
)
