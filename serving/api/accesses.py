"""Breaking the glass: a client who is not theirs, seen for a reason that is logged and reported."""

from __future__ import annotations

from datetime import timedelta

from serving.http.endpoint import Asked, Endpoint
from serving.permissions import Action
from serving.store.accesses import add_access
from serving.store.ids import new_id
from serving.store.log import written
from serving.wire.clients import AccessAnswer, AccessQuestion

from .rights import EXAMPLE

OPEN = timedelta(hours=8)  # a working day; then the reason is asked again


def break_glass(asked: Asked) -> bytes:
    """Let a caseworker see a client who is not theirs for eight hours; the reason is logged and reported.

    The answer is the same whether or not anything is held of the client.
    """
    question: AccessQuestion = asked.body
    pseudonym, id = asked.service.edge.client(question.client), new_id(asked.service.now())
    who, ground = asked.who, question.ground.value
    with asked.recording("break-glass", pseudonym, id=id, ground=ground, office=who.office) as entry:
        until = written(entry.at + OPEN)
        add_access(entry, id, pseudonym, who.subject, who.office, ground, question.why, until)
        return asked.answer(entry, AccessAnswer(id=id, client=pseudonym, until=until), 201, pseudonym)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/accesses",
        Action.BREAK_GLASS,
        break_glass,
        "clients",
        body=AccessQuestion,
        answer=AccessAnswer,
        status=201,
        writes=True,
        example={"client": EXAMPLE, "ground": "absent_colleague", "why": "Covers for a colleague on leave."},
    ),
)
