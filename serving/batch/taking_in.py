"""A file of clients, taken in: whole or not at all, as one entry of the log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from serving.edge import Edge
from serving.store.clients import assign
from serving.store.database import Database, Entry
from serving.store.imports import known_clients, record_consents, unassign
from serving.store.log import Event

from .changes import Changes, changes_of
from .clients_file import read_clients


@dataclass(frozen=True)
class TakenIn:
    """How many people a file is of, and how many each change.

    protected  objected or had processing restricted, which stays
    erased     were erased, and have not consented since: nothing of theirs was taken in
    """

    clients: int
    new: int
    assigned: int
    unassigned: int
    consents: int
    consents_taken_back: int
    protected: int
    erased: int


def take_in(database: Database, path: Path, edge: Edge, who: str, *, replace: bool, dry_run: bool) -> TakenIn:
    """Take in a file of clients, and return what it changed; of a dry run what it would.

    who      at the keyboard, for the log
    replace  whether who is not in the file is nobody's client any more
    Raises DataError, UsageError as `read_clients`, UnavailableError of the database; nothing was taken in then.
    """
    today = database.clock().date()
    listed = read_clients(path, edge, today)
    with database.reading() as connection:
        changes = changes_of(listed, known_clients(connection), today, replace=replace)
    if dry_run or changes.nothing:
        return _counts(len(listed), changes)
    content: dict[str, int] = {}
    with database.recording(Event("clients.import", who, "operator", content=content)) as entry:
        # Somebody may have objected meanwhile: what counts is how people stand in this transaction.
        changes = changes_of(listed, known_clients(entry.connection), today, replace=replace)
        _write(entry, changes)
        counts = _counts(len(listed), changes)
        content |= vars(counts)
    return counts


def _write(entry: Entry, changes: Changes) -> None:
    assign(entry, changes.assigned)
    record_consents(entry, changes.consents, in_force=True)
    record_consents(entry, changes.taken_back, in_force=False)
    unassign(entry, changes.unassigned)


def _counts(clients: int, changes: Changes) -> TakenIn:
    return TakenIn(
        clients=clients,
        new=changes.new,
        assigned=len(changes.assigned),
        unassigned=len(changes.unassigned),
        consents=len(changes.consents),
        consents_taken_back=len(changes.taken_back),
        protected=changes.protected,
        erased=changes.erased,
    )
