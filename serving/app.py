"""The composition root: one approved model and the people who may ask → an application."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.middleware import Middleware

from ml.errors import GateError
from ml.models.trained import TrainedModel

from .api import Service, routes
from .auth import User
from .body import BodyLimit
from .headers import SecurityHeaders
from .language import read_languages
from .problems import UnhandledErrors, handle_problems
from .schemas import Problem, advice_question
from .settings import Settings

if TYPE_CHECKING:
    from ml.governance.registry import Approved

TITLE = "apualy"
DESCRIPTION = (
    "Hints for caseworkers of the employment services about how long a spell of unemployment may last. "
    "A hint stands beside a person's own judgement and never in its place."
)
API_VERSION = "1"
# FastAPI would send spans and exception messages to whatever collector the environment names.
NO_TELEMETRY: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(
    settings: Settings,
    approved: Approved,
    model: TrainedModel,
    users: Sequence[User],
    still_approved: Callable[[], None],
) -> FastAPI:
    """Return the application that serves one approved model.

    still_approved  called before each advice; raises GateError when the approval does not hold any more.
    Raises UsageError when nobody can be identified at this address, GateError when the card says too little.
    """
    settings.require_identity_provider()
    service = Service(
        approved=approved,
        model=model,
        weak=_weak(approved),
        users=tuple(users),
        still_approved=still_approved,
        languages=read_languages(),
        question=advice_question([each.column for each in model.encoder.inputs]),
    )
    app = FastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=API_VERSION,
        docs_url=None,  # FastAPI's pages fetch their scripts from elsewhere; /openapi.json stays
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
        middleware=[Middleware(SecurityHeaders), Middleware(UnhandledErrors), Middleware(BodyLimit)],
    )
    app.state.service = service
    handle_problems(app)
    app.include_router(routes(service))
    document = _document(app, service)
    app.openapi = lambda: document  # type: ignore[method-assign]
    return app


def _weak(approved: Approved) -> bool:
    """Return whether the card calls the model weak; a card that does not say stops the start."""
    weak = approved.card.get("weak")
    if not isinstance(weak, bool):
        raise GateError(
            f"the card of {approved.name} version {approved.version} does not say whether the model is weak; "
            "make the card anew and have it reviewed"
        )
    return weak


def _document(app: FastAPI, service: Service) -> dict[str, Any]:
    """Return the OpenAPI document, with the schemas that no route names by itself."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    _, extra = models_json_schema(
        [(Problem, "serialization"), (service.question, "validation")], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"] |= extra["$defs"]
    return document
