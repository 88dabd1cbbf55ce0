"""What a hint would be if something that somebody can change were different; an association, and no promise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi.exceptions import RequestValidationError

from ml.contracts import Kind
from serving.advising import Given, Question, advise
from serving.http.endpoint import Asked, Endpoint
from serving.language import marked
from serving.models.held import Loaded
from serving.models.loading import Task
from serving.permissions import Action
from serving.store.stops import Stop
from serving.wire.advice import Value, WhatIfAnswer, WhatIfQuestion
from serving.wire.inputs import checked
from serving.worded import worded

from .allowed import allowed, require_still

CHANGEABLE = frozenset({Kind.CAN_CHANGE, Kind.SERVICE_CAN_CHANGE})
WORDS = marked(
    "The model compares people whose situation differs in these points. What goes together need not be the cause: "
    "if this changed for the client, the chances need not change as shown."
)


def try_changes(asked: Asked) -> bytes:
    """Return the risk as it is, and as it would be if inputs that the client or a service can change were different.

    For a caseworker who judged the client first, as for a hint. What goes together need not be the cause: a change need
    not help. It is logged which inputs were changed, not to what; the hints are not kept.
    """
    question: WhatIfQuestion = asked.body
    caseworker, now = asked.who.subject, asked.service.now()
    with asked.service.database.reading() as connection:
        stands, stops = allowed(asked, connection, question.judgement, caseworker, now)
    used = asked.service.models.held.get(Task.RISK)
    if used is None:
        raise _odd(("risk",), "No such model is in use here")
    is_now = checked(used.inputs, question.risk, "risk")
    would_be = checked(used.inputs, {**question.risk, **question.changes}, "changes")
    _require_changes(used, question.changes, is_now, would_be)
    hints = [_given(asked, row, stops, now) for row in (is_now, would_be)]
    model = f"{hints[0].name} {hints[0].version}"
    changes = sorted(question.changes)
    with asked.showing("what-if", stands.client, judgement=stands.judgement, changes=changes, model=model) as entry:
        require_still(asked, entry, stands, [hints[0].name], now)
        return asked.answer(entry, _told(asked, stands.judgement, *hints), 200, stands.client)


def _require_changes(
    used: Loaded, changes: Mapping[str, Value], is_now: Mapping[str, Value], would_be: Mapping[str, Value]
) -> None:
    """Raise RequestValidationError where nothing changes, or something that nobody can change."""
    kinds = {each.column.name: each.column.kind for each in used.model.encoder.inputs}
    for name in changes:
        if kinds[name] not in CHANGEABLE:
            raise _odd(("changes", name), "Nobody can change this; leave it as it is")
    if all(is_now[name] == would_be[name] for name in changes):
        raise _odd(("changes",), "Nothing is different; change an input that the client or a service can change")


def _given(asked: Asked, row: Mapping[str, Any], stops: tuple[Stop, ...], now: datetime) -> Given:
    return advise(asked.service.models, Question(row, None, None), {}, stops, now).require_any().given[Task.RISK]


def _told(asked: Asked, judgement: str, as_it_is: Given, as_it_would_be: Given) -> bytes:
    language = asked.language
    told = {
        "judgement": judgement,
        "as_it_is": worded(as_it_is, language),
        "as_it_would_be": worded(as_it_would_be, language),
        "association_only": True,
        "words": language.gettext(WORDS),
        "language": language.code,
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _odd(place: tuple[str, ...], what: str) -> RequestValidationError:
    return RequestValidationError([{"loc": place, "msg": what, "type": "what_if"}])


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/what-if",
        Action.TRY_CHANGES,
        try_changes,
        "advice",
        body=WhatIfQuestion,
        answer=WhatIfAnswer,
        problems=(404, 409),
        example={"judgement": "0" * 32, "risk": {"age": 44}, "changes": {"age": 45}},
    ),
)
