"""What a posted body must be: small, JSON, not nested without end, each key once, and what the address takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MEDIA_TYPE = "application/json"
NESTS = (dict, list)
Question = TypeVar("Question", bound=BaseModel)


async def read_body(request: Request, largest: int, media_type: str = MEDIA_TYPE) -> bytes:
    """Return the body. Raises HTTPException 413 or 415; of a body that is too large no more is read than its limit."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"post the body as {media_type}")
    size = request.headers.get("content-length", "")
    if size.isdecimal() and int(size) > largest:
        raise _too_large(largest)
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > largest:
            raise _too_large(largest)
        more = message.get("more_body", False)
    return bytes(body)


def parse(body: bytes, wire_model: type[Question]) -> Question:
    """Return the body as the wire model.

    Raises HTTPException 400 (no JSON, or a key twice) and RequestValidationError.
    """
    try:
        read = wire_model.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if faults[0]["type"] == "json_invalid":
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"the body cannot be read: {faults[0]['msg']}") from None
        raise RequestValidationError(faults) from None
    _require_each_key_once(body)
    return read


def _too_large(largest: int) -> HTTPException:
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {largest // 1024} KiB")


def _require_each_key_once(body: bytes) -> None:
    """Raise HTTPException where a key comes twice: which of the two is meant, nobody can say.

    Each key has its colon, and of two alike one is kept: as many keys as colons, and none came twice. It takes half as
    long as to look at each, which is left for words with colons in them.
    """
    if _keys(from_json(body)) == body.count(b":"):
        return
    try:
        # Numbers are left as text: Python would not take a long one, and that is no key.
        json.loads(body, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body has a key twice; say each thing once") from None


def _keys(read: Any) -> int:
    """Return how many keys the objects of a body have, that and all within."""
    if type(read) not in NESTS:
        return 0
    own, within = (len(read), read.values()) if type(read) is dict else (0, read)
    return own + sum([_keys(each) for each in within if type(each) in NESTS])


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError
    return read
