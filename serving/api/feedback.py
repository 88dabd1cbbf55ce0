"""What became of a hint."""

from __future__ import annotations

from ml.errors import ConflictError, NotFoundError
from serving.http.endpoint import Asked, Endpoint
from serving.permissions import Action
from serving.store.advices import add_feedback, advice_of, has_feedback
from serving.store.ids import new_id
from serving.store.log import written
from serving.wire.advice import FeedbackAnswer, FeedbackQuestion

from .judgements import acting_caseworker


def give_feedback(asked: Asked) -> bytes:
    """Record whether a caseworker agrees with a hint that they were shown, why, and what was done; once."""
    question: FeedbackQuestion = asked.body
    caseworker = acting_caseworker(asked, question.caseworker)
    with asked.service.database.reading() as connection:
        shown = advice_of(connection, question.advice)
    if shown is None or shown[1] != caseworker:
        raise NotFoundError("no such hint was shown to you")
    client, id = shown[0], new_id(asked.service.now())
    said = {"agrees": question.agrees.value, "why": question.why, "done": [each.value for each in question.done]}
    with asked.recording("feedback", client, id=id, advice=question.advice, agrees=said["agrees"]) as entry:
        if advice_of(entry.connection, question.advice) is None:  # erased meanwhile
            raise NotFoundError("no such hint was shown to you")
        if has_feedback(entry.connection, question.advice):
            raise ConflictError("it was said already what became of this hint")
        add_feedback(entry, id, question.advice, client, caseworker, said)
        return asked.answer(entry, FeedbackAnswer(feedback=id, at=written(entry.at)), 201, client)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/feedback",
        Action.GIVE_FEEDBACK,
        give_feedback,
        "advice",
        body=FeedbackQuestion,
        answer=FeedbackAnswer,
        status=201,
        problems=(404,),
        writes=True,
        example={"advice": "0" * 32, "agrees": "partly", "why": "Is about to start a course.", "done": ["skills"]},
    ),
)
