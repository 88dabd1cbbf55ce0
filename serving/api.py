"""The routes that other systems use (JSON): thin, each asks who, whether they may, and answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from starlette.responses import PlainTextResponse

from ml.errors import GateError
from ml.models.trained import TrainedModel

from . import schemas
from .advice import advise
from .auth import Identity, User, identify
from .body import MEDIA_TYPE, read_body
from .language import Language, preferred
from .permissions import check_ask_advice, check_see_card, check_see_model
from .problems import MEDIA_TYPE as PROBLEM_MEDIA_TYPE

if TYPE_CHECKING:
    from ml.governance.registry import Approved

_log = logging.getLogger(__name__)
_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="The token of a member of staff")


@dataclass(frozen=True)
class Service:
    """All that the routes need; `still_approved` raises GateError when the model may not be used any more."""

    approved: Approved
    model: TrainedModel
    weak: bool
    users: tuple[User, ...]
    still_approved: Callable[[], None]
    languages: Mapping[str, Language]
    question: type[BaseModel]


class Markdown(PlainTextResponse):
    """A text in Markdown."""

    media_type = "text/markdown"


# ---------------------------------------------------------------- what a route depends on


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _identity(
    request: Request,
    service: Annotated[Service, Depends(_service)],
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],  # documents the scheme; read in auth.py
) -> Identity:
    return identify(request.headers.get("Authorization"), service.users)


def _language(request: Request, response: Response, service: Annotated[Service, Depends(_service)]) -> Language:
    language = service.languages[preferred(request.headers.get("Accept-Language"))]
    response.headers["Content-Language"] = language.code
    response.headers["Vary"] = "Accept-Language"
    return language


def _asker(who: Annotated[Identity, Depends(_identity)], service: Annotated[Service, Depends(_service)]) -> Identity:
    check_ask_advice(who)
    try:
        service.still_approved()
    except GateError as refusal:
        _log.warning("event=no_advice model=%s reason=%s", service.approved.name, refusal)
        raise
    return who


async def _posted(
    request: Request,
    _: Annotated[Identity, Depends(_asker)],  # nobody's body is read before it is known that they may ask
    service: Annotated[Service, Depends(_service)],
) -> BaseModel:
    return await read_body(request, service.question)


# ---------------------------------------------------------------- the routes


def health() -> schemas.Health:
    """Return that the server answers; open to all."""
    return schemas.Health()


def see_model(
    who: Annotated[Identity, Depends(_identity)],
    service: Annotated[Service, Depends(_service)],
    language: Annotated[Language, Depends(_language)],
) -> schemas.ModelDescription:
    """Return which model is in use, on whose approval, and what it takes."""
    check_see_model(who)
    outcome = service.model.outcome
    return schemas.ModelDescription(
        **_name(service.approved).model_dump(),
        horizons=[
            schemas.HorizonTime(units=units, unit=outcome.unit, days=units * outcome.unit_days)
            for units in outcome.horizons
        ],
        inputs=[schemas.describe(each.column, language.code) for each in service.model.encoder.inputs],
        stopped=_stopped(service),
    )


def see_card(who: Annotated[Identity, Depends(_identity)], service: Annotated[Service, Depends(_service)]) -> Markdown:
    """Return the model card."""
    check_see_card(who)
    stopped = _stopped(service)
    told = "" if stopped is None else f"> **No advice is given now: {stopped}**\n\n"
    return Markdown(told + service.approved.card_text)


def _stopped(service: Service) -> str | None:
    """Return why no advice is given now, None where it is."""
    try:
        service.still_approved()
    except GateError as refusal:
        return str(refusal)
    return None


def ask_advice(
    who: Annotated[Identity, Depends(_asker)],
    service: Annotated[Service, Depends(_service)],
    question: Annotated[BaseModel, Depends(_posted)],
    language: Annotated[Language, Depends(_language)],
) -> schemas.AdviceAnswer:
    """Return a hint about one jobseeker, beside which a person has a judgement of their own.

    The chances of still being unemployed at each horizon, the reasons in words (what goes together with a longer
    or a shorter spell, not what causes it), and what the hint does not know.
    """
    advice = advise(service.model, schemas.posted_inputs(question), language, weak=service.weak)
    _log.info("event=advice who=%s model=%s version=%d", who.name, service.approved.name, service.approved.version)
    return schemas.AdviceAnswer.model_validate(
        {
            "advice": advice,
            "reasons": advice.reasons,
            "caveats": advice.caveats,
            "model": _name(service.approved),
            "language": language.code,
        }
    )


def routes(service: Service) -> APIRouter:
    """Return the routes, with what they take and answer as the model at hand makes it."""
    router = APIRouter()
    router.add_api_route("/healthz", health, methods=["GET"], tags=["service"])
    router.add_api_route("/v1/model", see_model, methods=["GET"], tags=["model"], responses=_problems(401, 403))
    router.add_api_route(
        schemas.CARD_ADDRESS,
        see_card,
        methods=["GET"],
        tags=["model"],
        response_class=Markdown,
        responses=_problems(401, 403),
    )
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{service.question.__name__}"}}}
    router.add_api_route(
        "/v1/advice",
        ask_advice,
        methods=["POST"],
        tags=["advice"],
        responses=_problems(400, 401, 403, 413, 415, 422, 503),
        openapi_extra={"requestBody": {"required": True, "content": content}},
    )
    return router


def _name(approved: Approved) -> schemas.ModelName:
    return schemas.ModelName.model_validate(approved)


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": f"#/components/schemas/{schemas.Problem.__name__}"}
    return {
        status: {"description": schemas.PROBLEMS[status], "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }
