"""Whether a hint may be given about a client now, to whom: rights, assignment, judgement, stop switch, in one look."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from .log import written
from .prepared import Prepared
from .tables import accesses, clients, judgements, log, stops


class Standing(NamedTuple):
    """What one judgement and its client look like now.

    client        pseudonym
    caseworker    who wrote the judgement; `assigned`: whose client it is, None: nobody's
    judged_at     when
    consent, objection, restriction, erased  the day since which it is in force; None: it is not
    broke_glass   the caseworker gave a reason to see this client, and its time is not over
    stops         how many stops are on
    newest        entry of the log: as long as it is the newest, nothing is otherwise, for every write has its entry
    """

    judgement: str
    client: str
    caseworker: str
    judged_at: str
    service_need: str
    assigned: str | None
    office: str | None
    consent: str | None
    objection: str | None
    restriction: str | None
    erased: str | None
    broke_glass: bool
    stops: int
    newest: int | None


_BROKE_GLASS = Standing._fields.index("broke_glass")
_STANDING = Prepared(
    select(
        judgements.c.id.label("judgement"),
        judgements.c.client,
        judgements.c.caseworker,
        judgements.c.at.label("judged_at"),
        judgements.c.service_need,
        clients.c.caseworker.label("assigned"),
        clients.c.office,
        clients.c.consent_on.label("consent"),
        clients.c.objection_on.label("objection"),
        clients.c.restriction_on.label("restriction"),
        clients.c.erased_on.label("erased"),
        select(accesses.c.id)
        .where(
            accesses.c.client == judgements.c.client,
            accesses.c.staff == judgements.c.caseworker,
            accesses.c.until > bindparam("now"),
        )
        .exists()
        .label("broke_glass"),
        select(func.count()).select_from(stops).where(stops.c.lifted_at.is_(None)).scalar_subquery().label("stops"),
        select(func.max(log.c.seq)).scalar_subquery().label("newest"),
    )
    .select_from(judgements.outerjoin(clients, clients.c.client == judgements.c.client))
    .where(judgements.c.id == bindparam("judgement"))
)


def standing(connection: Connection, judgement: str, now: datetime) -> Standing | None:
    """Return how a judgement and its client stand; None where there is no such judgement."""
    row = _STANDING.first(connection, {"judgement": judgement, "now": written(now)})
    if row is None:
        return None
    return Standing._make((*row[:_BROKE_GLASS], bool(row[_BROKE_GLASS]), *row[_BROKE_GLASS + 1 :]))
