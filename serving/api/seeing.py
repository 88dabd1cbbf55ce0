"""Whose clients somebody may see: their own, those of a reason that is logged, or anybody's in some roles."""

from __future__ import annotations

from sqlalchemy import Connection

from serving.http.endpoint import Asked
from serving.identity.roles import Role
from serving.refusals import NotYoursError
from serving.store.clients import Client, broke_glass, client
from serving.store.log import written

ANYBODY = frozenset({Role.DATA_PROTECTION_OFFICER, Role.INTEGRATION})


def visible(connection: Connection, asked: Asked, pseudonym: str) -> Client | None:
    """Return how a client stands, as far as who asks may see them; None: nobody knows them here.

    Raises NotYoursError where a caseworker asks for a client who is not theirs, known or not.
    """
    found = client(connection, pseudonym)
    if asked.role in ANYBODY:
        return found
    theirs = found is not None and found.caseworker == asked.who.subject
    if not theirs and not broke_glass(connection, pseudonym, asked.who.subject, written(asked.service.now())):
        raise NotYoursError(pseudonym)
    return found
