"""What a posted body must be: small, JSON, each key once, and what the model takes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import problem_response

LARGEST_BODY = 64 * 1024
MEDIA_TYPE = "application/json"
TOO_LARGE = f"the body is larger than {LARGEST_BODY // 1024} KiB"


async def read_body(request: Request, wire_model: type[BaseModel]) -> BaseModel:
    """Return the body as the wire model.

    Raises HTTPException 400 (no JSON, or a key twice), 413 or 415, and RequestValidationError.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"post the body as {MEDIA_TYPE}")
    body = await request.body()
    try:
        read = wire_model.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if faults[0]["type"] == "json_invalid":
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"the body cannot be read: {faults[0]['msg']}") from None
        raise RequestValidationError(faults) from None
    _require_each_key_once(body)
    return read


def _require_each_key_once(body: bytes) -> None:
    """Raise HTTPException where a key comes twice: which of the two is meant, nobody can say."""
    try:
        # Numbers are left as text: they have been read already, and a long one would be slow.
        json.loads(body, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body has a key twice; say each thing once") from None


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise ValueError
        read[key] = value
    return read


class BodyLimit:
    """Middleware: bodies over 64 KiB get a 413 problem, whether they say their size or only stream on."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what says that it is too large; count what does not say."""
        size = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if size.isdecimal() and int(size) > LARGEST_BODY:
            await problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)
            return message

        await self.app(scope, counted, send)
