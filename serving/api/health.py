"""Whether the service lives, and whether it is ready: open to all, and says nothing about anybody."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request, Response

from ml.errors import ApualyError
from serving.http.problems import problem_response
from serving.store.schema import require_current
from serving.store.stops import stops_on
from serving.wire.wire import Wire

if TYPE_CHECKING:
    from serving.service import Service


class Health(Wire):
    """The server answers."""

    status: Literal["ok"] = "ok"


class Ready(Wire):
    """Advice can be given; `stopped`: somebody has stopped it, which is no fault of the server."""

    status: Literal["ready"] = "ready"
    stopped: bool


async def health() -> Health:
    """Return that the process lives; nothing else is asked."""
    return Health()


async def ready(request: Request) -> Response:
    """Return that advice can be given: people can be identified, the database answers, and a model may be used."""
    service: Service = request.app.state.service
    try:
        stopped = await asyncio.get_running_loop().run_in_executor(service.lanes.patient, _stopped, service)
    except ApualyError as problem:
        return problem_response(HTTPStatus.SERVICE_UNAVAILABLE, str(problem), kind="not-ready")
    return Response(Ready(stopped=stopped).model_dump_json(), media_type="application/json")


def _stopped(service: Service) -> bool:
    if service.provider is not None:
        service.provider()
    with service.database.reading() as connection:
        require_current(connection)
        stopped = bool(stops_on(connection))
    service.models.require_any()
    return stopped


def routes() -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["service"])
    router.add_api_route("/healthz", health, methods=["GET"])
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    router.add_api_route(
        "/readyz",
        ready,
        methods=["GET"],
        response_class=Response,
        responses={
            200: {"model": Ready, "description": "Ready"},
            503: {"description": "Not ready: `detail` says why", "content": content},
        },
    )
    return router
