"""The stop switch: one call, and no worker gives advice any more."""

from __future__ import annotations

from sqlalchemy import Connection

from ml.errors import NotFoundError
from serving.http.endpoint import Asked, Endpoint
from serving.permissions import Action
from serving.store.ids import new_id
from serving.store.stops import add_stop, lift_stop, stops_on
from serving.wire.stops import LiftQuestion, StopAnswer, StopQuestion, StopsAnswer


def stop_advice(asked: Asked) -> bytes:
    """Stop all advice, or that of one model, everywhere and at once; the next request is refused, with the reason."""
    question: StopQuestion = asked.body
    if question.model is not None and question.model not in asked.service.models.names.values():
        raise NotFoundError(f"no model {question.model} is served here; leave the model out to stop all advice")
    id = new_id(asked.service.now())
    with asked.recording("stop", id=id, model=question.model, why=question.why) as entry:
        stop = add_stop(entry, id, question.model, question.why, asked.who.subject)
        return asked.answer(entry, StopAnswer.model_validate(stop), 201)


def lift(asked: Asked) -> bytes:
    """Let advice go on that was stopped, and say why."""
    question: LiftQuestion = asked.body
    with asked.recording("stop.lift", id=question.stop, why=question.why) as entry:
        if not lift_stop(entry, question.stop, question.why, asked.who.subject):
            raise NotFoundError("no such stop is on; GET /v1/stops says which are")
        return asked.answer(entry, _all(entry.connection), 200)


def see_stops(asked: Asked) -> StopsAnswer:
    """Return which stops are on."""
    with asked.service.database.reading() as connection:
        return _all(connection)


def _all(connection: Connection) -> StopsAnswer:
    return StopsAnswer(stops=[StopAnswer.model_validate(each) for each in stops_on(connection)])


ENDPOINTS = (
    Endpoint("GET", "/v1/stops", Action.SEE_STOPS, see_stops, "stop", answer=StopsAnswer),
    Endpoint(
        "POST",
        "/v1/stops",
        Action.STOP,
        stop_advice,
        "stop",
        body=StopQuestion,
        answer=StopAnswer,
        status=201,
        problems=(404,),
        writes=True,
        example={"model": None, "why": "A fault was reported; we look into it."},
    ),
    Endpoint(
        "POST",
        "/v1/stops/lift",
        Action.STOP,
        lift,
        "stop",
        body=LiftQuestion,
        answer=StopsAnswer,
        problems=(404,),
        writes=True,
        example={"stop": "0" * 32, "why": "The fault was in a report, not in the model."},
    ),
)
