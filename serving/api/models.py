"""Which models are in use, and what stands behind them: cards, reviews, reports, descriptions for everybody."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from pathlib import Path

from starlette.responses import Response

from ml.errors import NotFoundError
from ml.models.trained import TrainedModel
from serving.http.endpoint import Asked, Endpoint
from serving.models.held import Loaded
from serving.models.loading import task_of
from serving.permissions import Action
from serving.store.stops import stopping, stops_on
from serving.wire.models import HorizonTime, ModelAnswer, ModelLine, ModelsAnswer, describe

MEDIA_TYPES = {
    ".md": "text/markdown",
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".toml": "application/toml",
    ".jsonl": "application/jsonl",
}
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
FILE = re.compile(r"[1-9][0-9]{0,5}(?:\.[a-z][a-z.]{0,40}|/[a-z][a-z._-]{0,60})")
# Pages of cards hold their style and pictures themselves, and nothing that runs.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


def list_models(asked: Asked) -> ModelsAnswer:
    """Return the models in use; service needs first."""
    models = asked.service.models
    refused = {
        name: why for task, name in models.names.items() if task not in models.held and (why := models.refusal(task))
    }
    return ModelsAnswer(models=[_line(asked, each) for each in models.held.values()], refused=refused)


def see_model(asked: Asked) -> ModelAnswer:
    """Return a model in use: on whose approval, what it takes, which horizons it speaks of."""
    found = _found(asked)
    model = found.model
    outcome = model.outcome if isinstance(model, TrainedModel) else None
    return ModelAnswer(
        **_line(asked, found).model_dump(),
        horizons=[]
        if outcome is None
        else [
            HorizonTime(units=units, unit=outcome.unit, days=units * outcome.unit_days) for units in outcome.horizons
        ],
        inputs=[describe(each.column, asked.language.code) for each in model.encoder.inputs],
    )


def see_card_file(asked: Asked) -> Response:
    """Return a file of a model's cards: `<version>.md`, `.html`, `.json`, `.review.html`, `.public.fi.html`, evidence.

    Links between them lead from one to the other as they stand.
    """
    file = asked.path["file"]
    content = card_file(asked, asked.path["name"], file)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Content-Security-Policy": PAGE_POLICY}
    known = {each.strip().removeprefix("W/") for each in asked.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:  # RFC 9110, 13.1.2
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers=headers, media_type=MEDIA_TYPES.get(Path(file).suffix, "application/octet-stream"))


def card_file(asked: Asked, name: str, file: str) -> bytes:
    """Return a file of a model's cards, whether or not the model is in use. Raises NotFoundError where it is none."""
    if not NAME.fullmatch(name) or not FILE.fullmatch(file):
        raise NotFoundError("no such file is among this model's cards")
    try:
        return (asked.service.cards / name / file).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFoundError("no such file is among this model's cards") from None


def _found(asked: Asked) -> Loaded:
    for each in asked.service.models.held.values():
        if each.approved.name == asked.path["name"]:
            return each
    raise NotFoundError("no such model is in use here; GET /v1/models says which are")


def _line(asked: Asked, found: Loaded) -> ModelLine:
    approved = found.approved
    cards = f"/v1/models/{approved.name}/cards/{approved.version}"
    return ModelLine(
        name=approved.name,
        task=task_of(approved.name).value,
        version=approved.version,
        digest=approved.digest,
        approved_by=approved.approved_by,
        expires=approved.expires,
        stopped=_stopped(asked, found),
        card=f"{cards}.md",
        page=f"{cards}.html",
        public={code: f"{cards}.public.{code}.html" for code in asked.service.languages},
    )


def _stopped(asked: Asked, found: Loaded) -> str | None:
    """Return why a model gives no advice now: the gate, or somebody who stopped it."""
    refused = asked.service.models.refusal(task_of(found.approved.name))
    if refused is not None:
        return refused
    with asked.service.database.reading() as connection:
        stop = stopping(stops_on(connection), found.approved.name)
    return None if stop is None else f"stopped by {stop.by}: {stop.why}"


ENDPOINTS = (
    Endpoint("GET", "/v1/models", Action.SEE_MODELS, list_models, "models", answer=ModelsAnswer),
    Endpoint("GET", "/v1/models/{name}", Action.SEE_MODELS, see_model, "models", answer=ModelAnswer, problems=(404,)),
    Endpoint(
        "GET",
        "/v1/models/{name}/cards/{file:path}",
        Action.SEE_CARDS,
        see_card_file,
        "models",
        problems=(304, 404),
        media_types=tuple(MEDIA_TYPES.values()),
    ),
)
