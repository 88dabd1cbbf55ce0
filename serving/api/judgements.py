"""A caseworker's own judgement, which comes before any hint."""

from __future__ import annotations

from ml.errors import ForbiddenError
from serving.http.endpoint import Asked, Endpoint
from serving.identity.roles import Role
from serving.permissions import Action
from serving.refusals import JUDGEMENT_STANDS, NotYoursError
from serving.store.clients import client
from serving.store.ids import new_id
from serving.store.judgements import Judgement, add_judgement
from serving.store.log import written
from serving.wire.advice import JudgementAnswer, JudgementQuestion

from .seeing import visible


def record_judgement(asked: Asked) -> bytes:
    """Record a caseworker's own view of a client; a hint can be asked for with it, and only so.

    An integration hands on the view that a caseworker recorded elsewhere, names that caseworker, and can do so for
    the caseworker's own clients only.
    """
    question: JudgementQuestion = asked.body
    pseudonym = asked.service.edge.client(question.client)
    caseworker = acting_caseworker(asked, question.caseworker)
    judgement = Judgement(
        new_id(asked.service.now()),
        pseudonym,
        caseworker,
        question.service_need.value,
        question.chance_of_work.value,
        question.why,
    )
    with asked.recording("judgement", pseudonym, id=judgement.id, caseworker=caseworker) as entry:
        if asked.role == Role.INTEGRATION:
            found = client(entry.connection, pseudonym)
            if found is None or found.caseworker != caseworker:
                raise NotYoursError(pseudonym)
        else:
            visible(entry.connection, asked, pseudonym)
        add_judgement(entry, judgement)
        until = written(entry.at + JUDGEMENT_STANDS)
        told = JudgementAnswer(judgement=judgement.id, at=written(entry.at), valid_until=until)
        return asked.answer(entry, told, 201, pseudonym)


def acting_caseworker(asked: Asked, named: str | None) -> str:
    """Return for which caseworker something is asked: who asks, or whom an integration names.

    Raises ForbiddenError where an integration names nobody, or a caseworker another.
    """
    if asked.role == Role.INTEGRATION:
        if named is None:
            raise ForbiddenError("an integration acts for a caseworker; name them (field caseworker)")
        return named
    if named is not None and named != asked.who.subject:
        raise ForbiddenError("a caseworker acts for themselves; leave the field caseworker out")
    return asked.who.subject


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/judgements",
        Action.JUDGE,
        record_judgement,
        "advice",
        body=JudgementQuestion,
        answer=JudgementAnswer,
        status=201,
        writes=True,
        example={
            "client": {"pseudonym": "00112233445566778899aabbccddeeff"},
            "service_need": "skills",
            "chance_of_work": "fair",
            "why": "Has a trade, and looks for work in it.",
        },
    ),
)
