"""What a client says of the use of their data: consent, objection, restriction, erasure."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from fastapi import Response

from ml.errors import ConflictError, NotFoundError
from serving.http.endpoint import Asked, Endpoint
from serving.identity.roles import Role
from serving.permissions import Action
from serving.store.clients import Client, client, erase, record_right
from serving.store.left import leave_the_disk
from serving.wire.clients import ErasureQuestion, Right, RightAnswer, RightQuestion, RightsInForce

from .seeing import visible

EXAMPLE = {"pseudonym": "00112233445566778899aabbccddeeff"}


def record_right_of_client(asked: Asked) -> bytes:
    """Record that a client consents, objects or has processing restricted, or takes that back, since a day.

    It holds from the next request on, with every worker. An objection, a restriction and a consent taken back remove
    the hints that lie ready.
    """
    question: RightQuestion = asked.body
    if question.since > asked.service.now().date():
        raise ConflictError("since: this day is still to come; record a right when it is used")
    pseudonym = asked.service.edge.client(question.client)
    right, in_force = question.right.value, question.in_force
    with asked.recording("right", pseudonym, right=right, in_force=in_force) as entry:
        if asked.role == Role.CASEWORKER:
            visible(entry.connection, asked, pseudonym)
        if question.right is Right.CONSENT and in_force:
            _require_anew(client(entry.connection, pseudonym), question.since.isoformat())
        since = question.since.isoformat()
        removed = record_right(entry, pseudonym, right, since, asked.who.subject, in_force=in_force)
        found = client(entry.connection, pseudonym)
        assert found is not None  # noqa: S101 - it was written in this transaction
        told = RightAnswer(client=pseudonym, rights=in_force_now(found), hints_removed=removed)
        return asked.answer(entry, told, 200, pseudonym)


def _require_anew(found: Client | None, since: str) -> None:
    """Raise ConflictError where a consent is older than the erasure that ended it."""
    if found is not None and found.erased is not None and since < found.erased:
        raise ConflictError(
            f"this consent is older than the erasure of {found.erased}, which ended it: ask the client anew"
        )


def erase_client(asked: Asked) -> Response:
    """Erase what is held of a client: judgements, hints, feedback, what was recorded of their rights.

    What stays: that they were erased, so that no hint is made again unless they consent anew, and the entries of the
    log, which hold ids and what is said here as `why`, until the log's own time is over: name no facts there.
    """
    question: ErasureQuestion = asked.body
    pseudonym = asked.service.edge.client(question.client)
    with asked.recording("erase", pseudonym, why=question.why) as entry:
        if not erase(entry, pseudonym):
            raise NotFoundError("nothing is held of this client")
        asked.answer(entry, b"", HTTPStatus.NO_CONTENT)
    leave_the_disk(asked.service.database)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def in_force_now(found: Client) -> RightsInForce:
    """Return the rights of a client that are in force."""
    return RightsInForce.model_validate(found)


_TODAY = date(2026, 11, 2).isoformat()
ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/rights",
        Action.RECORD_RIGHTS,
        record_right_of_client,
        "rights",
        body=RightQuestion,
        answer=RightAnswer,
        writes=True,
        example={"client": EXAMPLE, "right": "objection", "in_force": True, "since": _TODAY},
    ),
    Endpoint(
        "POST",
        "/v1/clients/erase",
        Action.ERASE,
        erase_client,
        "rights",
        body=ErasureQuestion,
        status=204,
        problems=(404,),
        writes=True,
        example={"client": EXAMPLE, "why": "Asked for in writing, our number 12/2026."},
    ),
)
