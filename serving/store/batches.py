"""Batches of hints: begun, gone on with chunk by chunk, and shown to nobody before they are complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Column, Connection, bindparam, delete, insert, select, update

from ml.errors import ConflictError

from .clients import CLIENT, Client
from .database import Entry
from .log import written
from .tables import batches, clients, hints

ASKED_TOGETHER = 1000  # names in one query
TASK_COLUMNS = {"risk": clients.c.risk_pseudonym, "needs": clients.c.needs_pseudonym}


@dataclass(frozen=True)
class Batch:
    """Hints of one version of a model about one cohort.

    cohort       digest of its rows
    valid_until  when its hints are out of date
    done_rows    of the cohort, looked at so far; `hints`: made of them
    """

    id: str
    task: str
    model: str
    version: int
    digest: str
    cohort: str
    as_of: str
    valid_until: str
    done_rows: int = 0
    hints: int = 0


def unfinished(connection: Connection, task: str) -> list[Batch]:
    """Return the batches of a task that are not complete, oldest first."""
    query = select(*_COLUMNS).where(batches.c.task == task, batches.c.completed_at.is_(None)).order_by(batches.c.seq)
    return [Batch(**row._mapping) for row in connection.execute(query)]


def begin(entry: Entry, batch: Batch) -> None:
    """Begin a batch."""
    entry.connection.execute(insert(batches), {**vars(batch), "seq": entry.seq})


def add_hints(entry: Entry, batch: Batch, rows: int, contents: Mapping[str, str]) -> Batch:
    """Keep what a batch says of so many more rows, and return the batch as it is then.

    contents  client → hint
    Raises ConflictError when somebody else goes on with the batch, or dropped it.
    """
    after = replace(batch, done_rows=batch.done_rows + rows, hints=batch.hints + len(contents))
    went_on = entry.connection.execute(
        update(batches)
        .where(batches.c.id == batch.id, batches.c.done_rows == batch.done_rows, batches.c.completed_at.is_(None))
        .values(done_rows=after.done_rows, hints=after.hints)
    )
    _require_ours(went_on.rowcount)
    if contents:
        facts = {name: getattr(batch, name) for name in _OF_EACH_HINT}
        each = [{"batch": batch.id, "client": name, "content": said, **facts} for name, said in contents.items()]
        entry.connection.execute(insert(hints), each)
    return after


def complete(entry: Entry, batch: Batch, gone: Iterable[str]) -> Batch:
    """Let the hints of a batch be shown, but those about clients who may have none any more; return the batch then.

    Raises ConflictError when somebody else completed or dropped it.
    """
    connection = entry.connection
    removed = sum(
        connection.execute(delete(hints).where(hints.c.batch == batch.id, hints.c.client == client)).rowcount
        for client in gone
    )
    after = replace(batch, hints=batch.hints - removed)
    done = connection.execute(
        update(batches)
        .where(batches.c.id == batch.id, batches.c.done_rows == batch.done_rows, batches.c.completed_at.is_(None))
        .values(completed_at=written(entry.at), hints=after.hints, seq=entry.seq)
    )
    _require_ours(done.rowcount)
    return after


def drop_some(entry: Entry, batch: str, most: int) -> int:
    """Remove so many hints of a batch that is not complete, and return how many went; with the last ones it goes."""
    connection = entry.connection
    names = connection.execute(select(hints.c.client).where(hints.c.batch == batch).limit(most)).scalars().all()
    if names:
        connection.execute(_DROP, [{"of_client": name, "of_batch": batch} for name in names])
    if len(names) < most:
        connection.execute(delete(batches).where(batches.c.id == batch, batches.c.completed_at.is_(None)))
    return len(names)


def superseded(connection: Connection, task: str, most: int) -> list[tuple[str, str]]:
    """Return client and batch of so many hints in whose place a later complete batch has another."""
    newer, later = hints.alias("newer"), batches.alias("later")
    query = (
        select(hints.c.client, hints.c.batch)
        .join(batches, batches.c.id == hints.c.batch)
        .where(
            hints.c.task == task,
            batches.c.completed_at.is_not(None),
            select(newer.c.client)
            .join(later, later.c.id == newer.c.batch)
            .where(
                newer.c.client == hints.c.client,
                newer.c.task == task,
                later.c.completed_at.is_not(None),
                later.c.seq > batches.c.seq,
            )
            .exists(),
        )
        .limit(most)
    )
    return [(row.client, row.batch) for row in connection.execute(query)]


def remove(entry: Entry, those: Sequence[tuple[str, str]]) -> None:
    """Remove hints, by client and batch."""
    if those:
        entry.connection.execute(_DROP, [{"of_client": client, "of_batch": batch} for client, batch in those])


def replace_older(entry: Entry, batch: Batch, names: Sequence[str]) -> None:
    """Remove the hints of those clients in whose place a batch, complete now, has others."""
    whole = select(batches.c.id).where(batches.c.completed_at.is_not(None), batches.c.id != batch.id)
    older = delete(hints).where(hints.c.task == batch.task, hints.c.batch.in_(whole))
    for first in range(0, len(names), ASKED_TOGETHER):
        entry.connection.execute(older.where(hints.c.client.in_(names[first : first + ASKED_TOGETHER])))


def matched(connection: Connection, task: str, pseudonyms: Sequence[str]) -> dict[str, Client]:
    """Return pseudonym in the cohort of a task → how that client stands, of those who are known here."""
    return _asked(connection, TASK_COLUMNS[task], pseudonyms)


def clients_named(connection: Connection, pseudonyms: Sequence[str]) -> dict[str, Client]:
    """Return how clients stand, of those who are known here."""
    return _asked(connection, clients.c.client, pseudonyms)


def clients_in(connection: Connection, batch: str) -> dict[str, Client | None]:
    """Return client → how they stand, of everybody of whom a batch has a hint; None: nobody knows them any more."""
    there = select(hints.c.client.label("named"), *CLIENT).outerjoin(clients, clients.c.client == hints.c.client)
    rows = connection.execute(there.where(hints.c.batch == batch))
    return {name: None if client[0] is None else Client(*client) for name, *client in rows}


def _asked(connection: Connection, column: Column[str], pseudonyms: Sequence[str]) -> dict[str, Client]:
    found: dict[str, Client] = {}
    for first in range(0, len(pseudonyms), ASKED_TOGETHER):
        those = column.in_(pseudonyms[first : first + ASKED_TOGETHER])
        rows = connection.execute(select(column.label("named"), *CLIENT).where(those))
        found |= {name: Client(*client) for name, *client in rows}
    return found


def _require_ours(rows: int) -> None:
    if rows != 1:
        raise ConflictError("another apualy score works on this batch, or began one of a newer cohort; let it finish")


_COLUMNS = [batches.c[name] for name in Batch.__dataclass_fields__]
_OF_EACH_HINT = ("task", "model", "version", "digest", "as_of", "valid_until")
_DROP = delete(hints).where(hints.c.client == bindparam("of_client"), hints.c.batch == bindparam("of_batch"))
