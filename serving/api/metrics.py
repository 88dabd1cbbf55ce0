"""What Prometheus asks for. Open to programs of this machine, or to whoever shows the token of the deployment."""

from __future__ import annotations

import asyncio
import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from serving.http.problems import problem_response
from serving.identity.address import is_loopback

if TYPE_CHECKING:
    from serving.metrics import Metrics
    from serving.operation import Operation
    from serving.service import Service

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("forwarded", "x-forwarded-for", "via")  # a proxy on this machine is here, whom it asks for is not
NEEDED = "the metrics of this service are read with its token (header Authorization: Bearer …)"
NOT_HERE = "metrics are for programs of this machine; name a token in APUALY_METRICS_TOKEN_FILE to read them from afar"


def routes(metrics: Metrics, operation: Operation) -> APIRouter:
    """Return the route."""

    async def read_metrics(request: Request) -> Response:
        """Return counts and standings in Prometheus' text format."""
        refusal = _refusal(request, operation.metrics_token)
        if refusal is not None:
            return refusal
        service: Service = request.app.state.service
        text = await asyncio.get_running_loop().run_in_executor(service.lanes.patient, metrics.written, service)
        return Response(text, media_type=TEXT_FORMAT)

    router = APIRouter(tags=["service"])
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    router.add_api_route(
        "/metrics",
        read_metrics,
        methods=["GET"],
        response_class=Response,
        responses={
            200: {
                "description": "In Prometheus' text format",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            401: {"description": "The token is missing or wrong", "content": content},
            403: {"description": "Not asked from this machine", "content": content},
        },
    )
    return router


def _refusal(request: Request, token: str | None) -> Response | None:
    if token is not None:
        shown = request.headers.get("authorization", "").encode()
        if hmac.compare_digest(shown, f"Bearer {token}".encode()):
            return None
        return problem_response(HTTPStatus.UNAUTHORIZED, NEEDED, headers={"WWW-Authenticate": "Bearer"})
    near = request.client is not None and is_loopback(request.client.host)
    if near and not any(name in request.headers for name in FORWARDED):
        return None
    return problem_response(HTTPStatus.FORBIDDEN, NOT_HERE)
