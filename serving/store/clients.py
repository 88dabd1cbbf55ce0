"""Clients: whose they are, and which of their rights are in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from .database import Entry
from .log import written
from .tables import accesses, advices, clients, feedback, hints, idempotency, judgements, rights

RIGHT_COLUMNS = {"consent": "consent_on", "objection": "objection_on", "restriction": "restriction_on"}


@dataclass(frozen=True)
class Client:
    """How a client stands; each right is the day since which it is in force, None where it is not."""

    client: str
    caseworker: str | None
    office: str | None
    assigned_on: str | None
    consent: str | None
    objection: str | None
    restriction: str | None
    erased: str | None


@dataclass(frozen=True)
class Assigned:
    """Whose client somebody is now; the pseudonyms in the cohorts of the models where they are known."""

    client: str
    caseworker: str | None
    office: str | None
    since: str | None
    risk_pseudonym: str | None = None
    needs_pseudonym: str | None = None


CLIENT = (  # the columns of a Client, in their order
    clients.c.client,
    clients.c.caseworker,
    clients.c.office,
    clients.c.assigned_on,
    clients.c.consent_on,
    clients.c.objection_on,
    clients.c.restriction_on,
    clients.c.erased_on,
)
_CLIENT = select(*CLIENT).where(clients.c.client == bindparam("client"))


def client(connection: Connection, pseudonym: str) -> Client | None:
    """Return how a client stands; None: nobody knows them here."""
    row = connection.execute(_CLIENT, {"client": pseudonym}).first()
    return None if row is None else Client(*row)


def broke_glass(connection: Connection, pseudonym: str, staff: str, now: str) -> bool:
    """Return whether somebody gave a reason to see a client, and its time is not over."""
    found = connection.execute(
        select(accesses.c.id)
        .where(accesses.c.client == pseudonym, accesses.c.staff == staff, accesses.c.until > now)
        .limit(1)
    ).first()
    return found is not None


def clients_of(connection: Connection, caseworker: str, after: str | None, limit: int) -> list[tuple[str, str | None]]:
    """Return pseudonym and day of assignment of a caseworker's clients, in the order of pseudonyms, after one."""
    query = select(clients.c.client, clients.c.assigned_on).where(clients.c.caseworker == caseworker)
    if after is not None:
        query = query.where(clients.c.client > after)
    return [(row.client, row.assigned_on) for row in connection.execute(query.order_by(clients.c.client).limit(limit))]


def assign(entry: Entry, assigned: Sequence[Assigned]) -> int:
    """Say whose clients people are; who is not known yet is from now on. Of a client named twice the last counts.

    Nothing is taken of who was erased, before they consent anew. Return of how many something was taken.
    """
    last = {each.client: each for each in assigned}
    for erased in _known(entry.connection, list(last), clients.c.erased_on.is_not(None)):
        del last[erased]
    known = _known(entry.connection, list(last))
    rows = [
        {
            "it": each.client,
            "risk": each.risk_pseudonym,
            "needs": each.needs_pseudonym,
            "caseworker": each.caseworker,
            "office": each.office,
            "assigned_on": each.since,
            "seq": entry.seq,
        }
        for each in last.values()
    ]
    old, new = [each for each in rows if each["it"] in known], [each for each in rows if each["it"] not in known]
    if new:
        entry.connection.execute(_NEW, new)
    if old:
        entry.connection.execute(_CHANGED, old)
    return len(rows)


def _known(connection: Connection, pseudonyms: Sequence[str], *which: ColumnElement[bool]) -> set[str]:
    """Return who of some has a row, of which more may be asked."""
    found: set[str] = set()
    for start in range(0, len(pseudonyms), 500):
        part = clients.c.client.in_(pseudonyms[start : start + 500])
        found.update(connection.execute(select(clients.c.client).where(part, *which)).scalars())
    return found


def record_right(entry: Entry, pseudonym: str, right: str, since: str, by: str, *, in_force: bool) -> int:
    """Keep what a client said of a right; return how many stored hints went, because they may not be used any more.

    An objection, a restriction, or a consent taken back removes the stored hints of the client at once.
    """
    connection = entry.connection
    if not _known(connection, [pseudonym]):
        connection.execute(insert(clients), {"client": pseudonym, "seq": entry.seq})
    connection.execute(
        insert(rights),
        {
            "client": pseudonym,
            "right": right,
            "in_force": in_force,
            "since": since,
            "recorded_by": by,
            "recorded_at": written(entry.at),
            "seq": entry.seq,
        },
    )
    now: dict[str, object] = {RIGHT_COLUMNS[right]: since if in_force else None}
    if right == "consent" and in_force:
        now["erased_on"] = None
    connection.execute(update(clients).where(clients.c.client == pseudonym).values(now))
    return 0 if (right == "consent") == in_force else remove_hints(connection, pseudonym)


def remove_hints(connection: Connection, pseudonym: str) -> int:
    """Remove the stored hints of a client, also those of a batch under way and kept answers; return how many went."""
    went = connection.execute(delete(hints).where(hints.c.client == pseudonym)).rowcount
    # The keys stay: a question that is sent again must not be done again.
    connection.execute(update(idempotency).where(idempotency.c.client == pseudonym).values(answer=None, client=None))
    return int(went)


def erase(entry: Entry, pseudonym: str) -> bool:
    """Remove all that is held of a client but that they were erased; return whether anything was held."""
    connection = entry.connection
    known, gone = bool(_known(connection, [pseudonym])), remove_hints(connection, pseudonym)
    for table in (judgements, advices, feedback, rights, accesses):
        gone += connection.execute(delete(table).where(table.c.client == pseudonym)).rowcount
    if not known and not gone:
        return False
    day = written(entry.at)[:10]
    bare = dict.fromkeys((*RIGHT_COLUMNS.values(), "caseworker", "office", "assigned_on"))
    bare |= {"risk_pseudonym": None, "needs_pseudonym": None}
    if known:
        connection.execute(
            update(clients).where(clients.c.client == pseudonym).values(**bare, erased_on=day, seq=entry.seq)
        )
    else:
        connection.execute(insert(clients), {"client": pseudonym, "erased_on": day, "seq": entry.seq})
    return True


_NEW = insert(clients).values(
    client=bindparam("it"),
    risk_pseudonym=bindparam("risk"),
    needs_pseudonym=bindparam("needs"),
    caseworker=bindparam("caseworker"),
    office=bindparam("office"),
    assigned_on=bindparam("assigned_on"),
    seq=bindparam("seq"),
)
_CHANGED = (
    update(clients)
    .where(clients.c.client == bindparam("it"))
    .values(
        # Who is named by pseudonym alone keeps those that an identity code gave before.
        risk_pseudonym=func.coalesce(bindparam("risk"), clients.c.risk_pseudonym),
        needs_pseudonym=func.coalesce(bindparam("needs"), clients.c.needs_pseudonym),
        caseworker=bindparam("caseworker"),
        office=bindparam("office"),
        assigned_on=bindparam("assigned_on"),
        seq=bindparam("seq"),
    )
)
