"""Whose clients people are, and how a client stands."""

from __future__ import annotations

from sqlalchemy import Connection

from ml.errors import ApualyError, NotFoundError
from serving.http.endpoint import Asked, Endpoint
from serving.permissions import Action
from serving.refusals import right_in_the_way
from serving.store.advices import stored_hints
from serving.store.clients import Assigned, Client, assign, clients_of
from serving.store.log import written
from serving.wire.clients import (
    Assignment,
    AssignmentsAnswer,
    AssignmentsQuestion,
    ClientAnswer,
    ClientQuestion,
    Listed,
    ListedAnswer,
    PageQuery,
)

from .rights import EXAMPLE, in_force_now
from .seeing import visible

LARGEST_LIST_BODY = 512 * 1024


def list_clients(asked: Asked) -> ListedAnswer:
    """Return the clients of the caseworker who asks, page by page."""
    query: PageQuery = asked.query
    with asked.service.database.reading() as connection:
        found = clients_of(connection, asked.who.subject, query.after, query.limit)
    after = found[-1][0] if len(found) == query.limit else None
    return ListedAnswer(clients=[Listed(client=name, assigned_on=since) for name, since in found], after=after)


def look_up_client(asked: Asked) -> bytes:
    """Return how a client stands: whose they are, their rights, and whether a hint lies ready; it is logged."""
    question: ClientQuestion = asked.body
    pseudonym = asked.service.edge.client(question.client)
    with asked.recording("client.look", pseudonym) as entry:
        found = visible(entry.connection, asked, pseudonym)
        if found is None:
            raise NotFoundError("nothing is held of this client")
        return asked.answer(entry, _answer(asked, entry.connection, found), 200, pseudonym)


def _answer(asked: Asked, connection: Connection, found: Client) -> ClientAnswer:
    now = written(asked.service.now())
    hints = stored_hints(connection, found.client).values()
    refusal: ApualyError | None = right_in_the_way(found, needs_consent=asked.service.needs_consent)
    return ClientAnswer(
        client=found.client,
        yours=found.caseworker == asked.who.subject,
        office=found.office,
        assigned_on=found.assigned_on,
        rights=in_force_now(found),
        hint_ready=refusal is None and any(each.valid_until > now for each in hints),
        refusal=None if refusal is None else str(refusal),
    )


def assign_clients(asked: Asked) -> bytes:
    """Take whose clients people are, from the customer system; all of it or nothing.

    Of a client named twice the last counts. Of who was erased nothing is taken before they consent anew.
    """
    question: AssignmentsQuestion = asked.body
    assigned = [_assigned(asked, each) for each in question.assignments]
    with asked.recording("assign", clients=len(assigned)) as entry:
        taken = assign(entry, assigned)
        return asked.answer(entry, AssignmentsAnswer(assigned=taken), 200)


def _assigned(asked: Asked, said: Assignment) -> Assigned:
    named = asked.service.edge.pseudonyms(said.client)
    since = said.since.isoformat()
    return Assigned(named.client, said.caseworker, said.office, since, named.risk, named.needs)


ENDPOINTS = (
    Endpoint("GET", "/v1/clients", Action.SEE_CLIENT, list_clients, "clients", query=PageQuery, answer=ListedAnswer),
    Endpoint(
        "POST",
        "/v1/clients/look-up",
        Action.SEE_CLIENT,
        look_up_client,
        "clients",
        body=ClientQuestion,
        answer=ClientAnswer,
        problems=(404,),
        example={"client": EXAMPLE},
    ),
    Endpoint(
        "POST",
        "/v1/assignments",
        Action.ASSIGN,
        assign_clients,
        "clients",
        body=AssignmentsQuestion,
        answer=AssignmentsAnswer,
        writes=True,
        largest=LARGEST_LIST_BODY,
        example={"assignments": [{"client": EXAMPLE, "caseworker": "cw-17", "office": "Itä", "since": "2026-11-02"}]},
    ),
)
