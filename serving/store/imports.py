"""Clients in bulk: how everybody stands, and what a file of clients changes, written in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from .clients import remove_hints
from .database import Entry
from .log import written
from .tables import clients, rights

BY_FILE = "apualy clients import"  # who recorded it: the customer system, through its file
CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Statement:
    """The newest thing that was recorded of a client's consent: given or taken back, since a day, by whom."""

    in_force: bool
    since: str
    by: str


@dataclass(frozen=True, slots=True)
class Known:
    """How a client stands; days, None where a right is not in force."""

    caseworker: str | None
    office: str | None
    assigned_on: str | None
    risk: str | None
    needs: str | None
    objection: str | None
    restriction: str | None
    erased: str | None
    consent: Statement | None


def known_clients(connection: Connection) -> dict[str, Known]:
    """Return how everybody stands."""
    said = {row.client: Statement(row.in_force, row.since, row.recorded_by) for row in connection.execute(_SAID)}
    return {row[0]: Known(*row[1:], said.get(row[0])) for row in connection.execute(_KNOWN)}


def record_consents(entry: Entry, days: Mapping[str, str], *, in_force: bool) -> None:
    """Record of many clients that they consent since a day, or do no more; who does no more keeps no stored hint."""
    if not days:
        return
    entry.connection.execute(
        insert(rights),
        [
            {
                "client": client,
                "right": CONSENT,
                "in_force": in_force,
                "since": day,
                "recorded_by": BY_FILE,
                "recorded_at": written(entry.at),
                "seq": entry.seq,
            }
            for client, day in days.items()
        ],
    )
    if in_force:
        entry.connection.execute(_GIVEN, [{"it": client, "day": day} for client, day in days.items()])
        return
    entry.connection.execute(_TAKEN_BACK, [{"it": client} for client in days])
    for client in days:
        remove_hints(entry.connection, client)


def unassign(entry: Entry, names: Iterable[str]) -> None:
    """Let clients be nobody's."""
    rows = [{"it": name, "entry": entry.seq} for name in names]
    if rows:
        entry.connection.execute(_NOBODYS, rows)


_KNOWN = select(
    clients.c.client,
    clients.c.caseworker,
    clients.c.office,
    clients.c.assigned_on,
    clients.c.risk_pseudonym,
    clients.c.needs_pseudonym,
    clients.c.objection_on,
    clients.c.restriction_on,
    clients.c.erased_on,
)
_SAID = (
    select(rights.c.client, rights.c.in_force, rights.c.since, rights.c.recorded_by)
    .where(rights.c.right == CONSENT)
    .order_by(rights.c.seq)
)
_ITS = update(clients).where(clients.c.client == bindparam("it"))
_GIVEN = _ITS.values(consent_on=bindparam("day"), erased_on=None)
_TAKEN_BACK = _ITS.values(consent_on=None)
_NOBODYS = _ITS.values(caseworker=None, office=None, assigned_on=None, seq=bindparam("entry"))
