"""The composition root: a worker's parts → an application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from .api import (
    access_report,
    accesses,
    advice,
    clients,
    counts,
    export,
    feedback,
    health,
    hints,
    judgements,
    log,
    metrics,
    models,
    rights,
    sign_in,
    stops,
    what_if,
)
from .http.addresses import NoIdentityCodes
from .http.endpoint import Endpoint, Route, add
from .http.headers import SecurityHeaders
from .http.observed import Observed
from .http.problems import UnhandledErrors, handle_problems
from .operation import Operation
from .pages import assets
from .pages.problem import problem_page
from .pages.rendering import page_assets
from .pages.routing import routes as page_routes
from .pages.site import PAGES
from .service import Service
from .wire.problems import Problem

TITLE = "apualy"
DESCRIPTION = (
    "Hints for caseworkers of the employment services: which services fit a client, and how long a spell of "
    "unemployment may last. A hint stands beside a person's own judgement, which comes first, and never in its place."
)
API_VERSION = "1"
ENDPOINTS: tuple[Endpoint, ...] = (  # looked through in this order: first what is asked most
    *advice.ENDPOINTS,
    *judgements.ENDPOINTS,
    *feedback.ENDPOINTS,
    *what_if.ENDPOINTS,
    *hints.ENDPOINTS,
    *clients.ENDPOINTS,
    *accesses.ENDPOINTS,
    *counts.ENDPOINTS,
    *access_report.ENDPOINTS,
    *rights.ENDPOINTS,
    *export.ENDPOINTS,
    *log.ENDPOINTS,
    *models.ENDPOINTS,
    *stops.ENDPOINTS,
    *sign_in.ENDPOINTS,
)
# FastAPI would send spans, with addresses and exception messages in them, to whatever collector the environment names;
# http/traced.py sends less, and only where somebody asked for it.
NO_TELEMETRY: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(service: Service, operation: Operation = Operation()) -> FastAPI:  # noqa: B008  # it is frozen
    """Return the application that answers with a worker's parts."""
    from .metrics import Metrics  # prometheus_client reads the environment when it is imported

    counts = Metrics(shared=operation.shared)

    def as_page(request: Request, status: int, headers: Mapping[str, str]) -> Response | None:
        return problem_page(request, service.languages, status, headers)

    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=API_VERSION,
        docs_url=None,  # FastAPI's pages fetch their scripts from elsewhere; /openapi.json stays
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        middleware=[
            Middleware(Observed, counts=counts),
            *_traced(operation),
            Middleware(SecurityHeaders, over_tls=operation.over_tls),
            Middleware(UnhandledErrors, as_page=as_page),
            Middleware(NoIdentityCodes, as_page=as_page),
        ],
    )
    app.state.service, app.state.counts = service, counts
    handle_problems(app, as_page)
    app.router.route_class = Route  # a router of its own would be looked through by one more layer at each request
    for endpoint in ENDPOINTS:
        add(app.router, endpoint)
    app.state.endpoints = [each for each in app.router.routes if isinstance(each, Route)]
    app.include_router(page_routes(PAGES))
    app.include_router(assets.routes(page_assets()))
    app.include_router(health.routes())
    app.include_router(metrics.routes(counts, operation))
    app.openapi = cache(lambda: _document(app, ENDPOINTS))  # type: ignore[method-assign]  # made when somebody asks
    return app


def _traced(operation: Operation) -> list[Middleware]:
    if not operation.traced:
        return []
    from .http.traced import Traced, exporting  # slow to import, and seldom wanted

    return [Middleware(Traced, tracer=exporting())]


def _document(app: FastAPI, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI document, with the schemas that the endpoints name."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    posted: set[type[BaseModel]] = {each.body for each in endpoints if each.body is not None}
    answered: set[type[BaseModel]] = {each.answer for each in endpoints if each.answer is not None} | {Problem}
    asked = sorted(posted, key=lambda model: model.__name__)
    told = sorted(answered, key=lambda model: model.__name__)
    _, extra = models_json_schema(
        [*((model, "validation") for model in asked), *((model, "serialization") for model in told)],
        ref_template="#/components/schemas/{model}",
    )
    components = document.setdefault("components", {})
    components["schemas"] = components.get("schemas", {}) | extra["$defs"]
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return document
