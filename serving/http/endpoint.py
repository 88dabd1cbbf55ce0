"""An endpoint: what it takes, who may ask it, and one function from what was asked to an answer.

Every request goes the same way: who asks, may they, not too often; the body, read only then; the function, in a
thread or at once; the answer, once for every idempotency key. OpenAPI is made of the same declaration.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.types import Receive, Scope, Send

from ml.errors import ApualyError
from serving.identity.identity import Identity
from serving.language import Language, preferred
from serving.permissions import Action, acting
from serving.refusals import RefusedError
from serving.store.database import Entry
from serving.store.log import Event
from serving.waiting import WouldWaitError
from serving.wire.problems import PROBLEMS

from .body import MEDIA_TYPE, parse, read_body
from .once import AnswerGoneError, Once, key_of
from .problems import MEDIA_TYPE as PROBLEM_MEDIA_TYPE

if TYPE_CHECKING:
    from serving.service import Service

LARGEST_BODY = 64 * 1024
NOT_MODIFIED = 304
Handler = Callable[["Asked"], Any]
AnyModel = TypeVar("AnyModel", bound=BaseModel)


@dataclass(frozen=True)
class Asked:
    """What a function is handed: who asks, in which role, what, and the service to answer with."""

    service: Service
    who: Identity
    role: str
    body: Any
    query: Any
    path: Mapping[str, str]
    headers: Mapping[str, str]
    language: Language
    once: Once | None

    def recording(self, action: str, client: str | None = None, **content: Any) -> AbstractContextManager[Entry]:
        """Return a transaction that ends with its entry in the log, by who asks."""
        event = Event(action, self.who.subject, self.role, client, content)
        return self.service.database.recording(event)

    def showing(self, action: str, client: str | None = None, **content: Any) -> AbstractContextManager[Entry]:
        """Return such a transaction, of what is shown and changes nothing: nobody waits until it is on the disk."""
        event = Event(action, self.who.subject, self.role, client, content)
        return self.service.database.recording(event, hurried=True)

    def refuse(self, refusal: ApualyError, path: str) -> None:
        """Let the log tell that somebody was refused a client, where it is such a refusal."""
        if isinstance(refusal, RefusedError):
            with self.recording("refused", refusal.client, kind=refusal.kind, endpoint=path):
                pass  # the entry of the log is all that there is to write

    def answer(self, entry: Entry, answer: BaseModel | bytes, status: int, client: str | None = None) -> bytes:
        """Return an answer as JSON; it is kept with the transaction where the question has an Idempotency-Key."""
        body = answer if isinstance(answer, bytes) else answer.model_dump_json(by_alias=True).encode()
        if self.once is not None:
            self.once.keep(entry, body, status, client)
        return body


@dataclass(frozen=True)
class Endpoint:
    """One address and method.

    action    what the permission table calls it
    handler   returns a wire model, bytes of JSON, or a whole Response
    body      wire model of what is posted, None where nothing is; `query`: of what stands after "?"
    answer    wire model of the answer, None for one that is no JSON
    problems  statuses besides 401, 403, 429 and 503, which all have
    writes    whether an Idempotency-Key is kept
    at_once        answered in the thread that listens, unless something makes it wait: for what takes less than a
                   millisecond; elsewhere in a lane (lanes.py)
    still_allowed  raises what stands in the way of telling a kept answer again (None: it is no longer kept)
    """

    method: str
    path: str
    action: Action
    handler: Handler
    tag: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    problems: Sequence[int] = ()
    writes: bool = False
    at_once: bool = False
    still_allowed: Callable[[Asked, bytes | None], None] | None = None
    largest: int = LARGEST_BODY
    media_types: Sequence[str] = ()
    example: Mapping[str, Any] = field(default_factory=dict)

    def statuses(self) -> list[int]:
        """Return every status of a problem that the endpoint can answer with."""
        posted = (400, 413, 415, 422) if self.body is not None else (422,) if self.query is not None else ()
        once = (409,) if self.writes else ()
        return sorted({401, 403, 429, 503, *posted, *once, *self.problems})


class Route(APIRoute):
    """A route whose function takes the request and returns the response: nothing is injected, nothing turned.

    What goes wrong is answered where all of it is (`handle_problems`), and bodies have their own limit (`read_body`).
    """

    def __init__(self, path: str, endpoint: Callable[[Request], Awaitable[Response]], **named: Any) -> None:
        """Answer with the function alone, without the layers that FastAPI needs around its own."""
        super().__init__(path, endpoint, **named)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response = await endpoint(Request(scope, receive, send))
            await response(scope, receive, send)

        self.app = answer


def add(router: APIRouter, endpoint: Endpoint) -> None:
    """Put an endpoint into a router of `Route`, with its OpenAPI."""
    router.add_api_route(
        endpoint.path,
        _route(endpoint),
        methods=[endpoint.method],
        tags=[endpoint.tag],
        status_code=endpoint.status,
        name=endpoint.handler.__name__,
        summary=(endpoint.handler.__doc__ or "").splitlines()[0],
        description=endpoint.handler.__doc__,
        operation_id=endpoint.handler.__name__,
        response_class=Response,
        responses=_responses(endpoint),
        openapi_extra=_parameters(endpoint),
    )


def _route(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        service: Service = request.app.state.service
        loop = asyncio.get_running_loop()
        who = service.remembered(request)
        if who is None:
            who = await loop.run_in_executor(service.lanes.patient, service.identify, request)
        role = request.state.role = acting(who, endpoint.action)
        service.limits.check(who.subject)
        raw = await read_body(request, endpoint.largest) if endpoint.body is not None else b""
        asked = Asked(
            service=service,
            who=who,
            role=role,
            body=None if endpoint.body is None else parse(raw, endpoint.body),
            query=None if endpoint.query is None else _query(request, endpoint.query),
            path=request.path_params,
            headers=request.headers,
            language=service.languages[preferred(request.headers.get("accept-language"))],
            once=key_of(request, who, raw, service.secret) if endpoint.writes else None,
        )
        if endpoint.at_once and service.database.near:
            try:
                with service.database.at_once():
                    return _answer(endpoint, asked)
            except WouldWaitError:
                pass  # nothing was done; a thread that may wait does it
        here = copy_context()  # the thread's lines in the log carry the id of the request, too
        return await loop.run_in_executor(service.lanes.of(endpoint.action), here.run, _answer, endpoint, asked)

    answer.__name__ = endpoint.handler.__name__
    answer.__doc__ = endpoint.handler.__doc__
    return answer


def _answer(endpoint: Endpoint, asked: Asked) -> Response:
    try:
        answer = _answered(endpoint, asked)
    except RefusedError as refusal:
        asked.refuse(refusal, endpoint.path)
        raise
    if isinstance(answer, Response):
        return answer
    body = answer if isinstance(answer, bytes) else answer.model_dump_json(by_alias=True).encode()
    headers = {"Content-Language": asked.language.code, "Vary": "Accept-Language, Authorization, Cookie"}
    return Response(body, endpoint.status, headers, media_type=MEDIA_TYPE)


def _answered(endpoint: Endpoint, asked: Asked) -> Any:
    """Return what the handler says, or what was said to the same question before."""
    answer = _kept(endpoint, asked)
    if answer is None:
        try:
            answer = endpoint.handler(asked)
        except (IntegrityError, ApualyError):
            # The same question may have been answered meanwhile, by another worker: it has one answer all the same.
            asked.service.database.look_anew()
            answer = _kept(endpoint, asked)
            if answer is None:
                raise
    return answer


def _kept(endpoint: Endpoint, asked: Asked) -> Response | None:
    """Return what was answered to the same question before, as far as it may still be told; None: nothing was."""
    if asked.once is None:
        return None
    try:
        kept = asked.once.answered(asked.service.database)
    except AnswerGoneError:
        if endpoint.still_allowed is not None:
            endpoint.still_allowed(asked, None)  # says which right it is, as long as it stands
        raise
    if kept is not None and endpoint.still_allowed is not None:
        endpoint.still_allowed(asked, bytes(kept.body))
    return kept


def _query(request: Request, wire_model: type[AnyModel]) -> AnyModel:
    """Return what stands after "?". Raises RequestValidationError."""
    given = request.query_params.multi_items()
    if len(given) != len({name for name, _ in given}):
        raise RequestValidationError([{"loc": ("query",), "msg": "A parameter is given twice", "type": "twice"}])
    try:
        return wire_model.model_validate_strings(dict(given))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**each, "loc": ("query", *each["loc"])} for each in faults]) from None


# ---------------------------------------------------------------- OpenAPI


def _responses(endpoint: Endpoint) -> dict[int | str, dict[str, Any]]:
    content: dict[str, Any] = {media_type: {"schema": {"type": "string"}} for media_type in endpoint.media_types}
    if endpoint.answer is not None:
        content[MEDIA_TYPE] = {"schema": _ref(endpoint.answer)}
    problem = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answered: dict[int | str, dict[str, Any]] = {
        endpoint.status: {"description": "As asked", **({"content": content} if content else {})}
    }
    return answered | {
        status: {"description": PROBLEMS[status], **({} if status == NOT_MODIFIED else {"content": problem})}
        for status in endpoint.statuses()
    }


def _parameters(endpoint: Endpoint) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}
        for name, pattern in _placeholders(endpoint.path)
    ]
    if endpoint.query is not None:
        schema = endpoint.query.model_json_schema()
        required = schema.get("required", [])
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": each}
            for name, each in schema["properties"].items()
        ]
    if endpoint.writes:
        said = "Makes the same question asked again have one effect and one answer"
        schema = {"type": "string", "pattern": "^[!-~]{1,100}$"}
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": False, "description": said,
                           "schema": schema})  # fmt: skip
    extra: dict[str, Any] = {"parameters": parameters, "security": [{"bearer": []}]}
    if endpoint.body is not None:
        content: dict[str, Any] = {"schema": _ref(endpoint.body)}
        if endpoint.example:
            content["example"] = dict(endpoint.example)
        extra["requestBody"] = {"required": True, "content": {MEDIA_TYPE: content}}
    return extra


def _placeholders(path: str) -> list[tuple[str, str]]:
    return [(name, "^[a-z0-9_.-]{1,64}$") for name in re.findall(r"{(\w+)(?::\w+)?}", path)]


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
