"""A hint, after the caseworker's own judgement: the one route that all else serves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json

from ml.errors import GateError
from ml.models.needs.rule import IntegrationPlan
from serving.advising import Parts, Question, advise, require_going
from serving.http.endpoint import Asked, Endpoint
from serving.models.loading import Task
from serving.permissions import Action
from serving.store.advices import Shown, add_advice, stored_hints
from serving.store.ids import new_id
from serving.store.log import written
from serving.store.standing import Standing
from serving.wire.advice import AdviceAnswer, AdviceQuestion, Plan
from serving.wire.inputs import checked
from serving.worded import worded

from .allowed import allowed, require_still
from .judgements import acting_caseworker


def give_advice(asked: Asked) -> bytes:
    """Return a hint about a client whom the caseworker has judged first: service needs, then the risk.

    Chances with intervals, a band, words, reasons (what goes together with a longer spell, not what causes it), and
    what the hint does not know. Without inputs it is the hint of the nightly batch. What is shown is kept, and logged.
    """
    question: AdviceQuestion = asked.body
    caseworker = acting_caseworker(asked, question.caseworker)
    now = asked.service.now()
    with asked.service.database.reading() as connection:
        stands, stops = allowed(asked, connection, question.judgement, caseworker, now)
        new = {Task.RISK: question.risk, Task.NEEDS: question.needs}
        live = all(new[task] is not None for task in asked.service.models.names)
        ready = {} if live else stored_hints(connection, stands.client)
    parts = advise(asked.service.models, _question(asked, question), ready, stops, now).require_any()
    return _shown(asked, stands, parts, now)


def require_still_allowed(asked: Asked, kept: bytes | None) -> None:
    """Raise what stands in the way of a hint that was kept for its Idempotency-Key: the same as of a new one."""
    question: AdviceQuestion = asked.body
    caseworker = acting_caseworker(asked, question.caseworker)
    with asked.service.database.reading() as connection:
        _, stops = allowed(asked, connection, question.judgement, caseworker, asked.service.now())
    told: Mapping[str, Any] = {"needs": None, "risk": None} if kept is None else json.loads(kept)
    for part, usable in (("needs", asked.service.models.needs), ("risk", asked.service.models.risk)):
        if told[part] is not None:
            require_going(stops, told[part]["model"]["name"])
            usable()


def _shown(asked: Asked, stands: Standing, parts: Parts, now: datetime) -> bytes:
    """Keep what is shown, and return it; what was refused meanwhile is not shown."""
    id, models = new_id(now), [f"{each.name} {each.version}" for each in parts.given.values()]
    need, risk = parts.given.get(Task.NEEDS), parts.given.get(Task.RISK)
    shown = Shown(
        id=id,
        judgement=stands.judgement,
        client=stands.client,
        caseworker=stands.caseworker,
        office=stands.office,
        source=parts.source,
        need=None if need is None else need.hint.answer,
        band=None if risk is None else risk.hint.band,
        models=", ".join(models),
        content=to_json({task.value: each.as_json() for task, each in parts.given.items()}).decode(),
    )
    with asked.showing(
        "advice", stands.client, id=id, judgement=stands.judgement, source=parts.source, models=models
    ) as entry:
        require_still(asked, entry, stands, (each.name for each in parts.given.values()), now)
        add_advice(entry, shown)
        told = _told(asked, shown, parts, written(entry.at))
        return asked.answer(entry, to_json(told), 200, stands.client)


def _told(asked: Asked, shown: Shown, parts: Parts, at: str) -> dict[str, Any]:
    language = asked.language
    return {
        "advice": shown.id,
        "judgement": shown.judgement,
        "at": at,
        "source": shown.source,
        "needs": None if (need := parts.given.get(Task.NEEDS)) is None else worded(need, language),
        "risk": None if (risk := parts.given.get(Task.RISK)) is None else worded(risk, language),
        "missing": [{"part": task.value, "why": why} for task, why in parts.missing.items()],
        "human_review_required": True,
        "language": language.code,
    }


def _question(asked: Asked, question: AdviceQuestion) -> Question:
    """Return the new inputs, as far as the models in use take them. Raises RequestValidationError."""
    plan = None if question.plan is None else _plan(question.plan)
    return Question(
        _inputs(asked, Task.RISK, question.risk, "risk"), _inputs(asked, Task.NEEDS, question.needs, "needs"), plan
    )


def _inputs(asked: Asked, task: Task, given: Mapping[str, Any] | None, place: str) -> Mapping[str, Any] | None:
    if given is None:
        return None
    models = asked.service.models
    used = models.held.get(task)
    if used is None and task in models.names:
        raise GateError(models.refusal(task) or "")
    if used is None:
        raise RequestValidationError([{"loc": (place,), "msg": "No such model is in use here", "type": "no_model"}])
    return checked(used.inputs, given, place)


def _plan(plan: Plan) -> IntegrationPlan:
    return IntegrationPlan(plan.start, plan.end)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/advice",
        Action.ASK_ADVICE,
        give_advice,
        "advice",
        body=AdviceQuestion,
        answer=AdviceAnswer,
        problems=(404, 409),
        writes=True,
        at_once=True,
        still_allowed=require_still_allowed,
        example={"judgement": "0" * 32},
    ),
)
