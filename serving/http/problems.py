"""Every error as RFC 9457 problem details: what is wrong and what to do, and nothing of what was posted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ml.errors import ApualyError, TooManyError, without_identity_codes
from serving.logs import facts, place
from serving.wire.problems import Fault, Problem

MEDIA_TYPE = "application/problem+json"
UNKNOWN_FIELD = "extra_forbidden"  # pydantic's name for it
WHAT_TO_DO = {
    404: "there is nothing at this address; GET /openapi.json says what there is",
    405: "this address is not asked in that way; the header Allow says how",
}

_log = logging.getLogger(__name__)


def problem_response(
    status: int,
    detail: str,
    *,
    kind: str | None = None,
    errors: Sequence[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem as a response, in English, as whoever builds against the service reads it."""
    problem = Problem(
        type="about:blank" if kind is None else f"urn:apualy:{kind}",
        title=HTTPStatus(status).phrase,
        status=int(status),
        detail=without_identity_codes(detail),
        errors=None if errors is None else list(errors),
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=int(status),
        headers={**(headers or {}), "Content-Language": "en"},
        media_type=MEDIA_TYPE,
    )


AsPage = Callable[[Request, int, Mapping[str, str]], Response | None]


def handle_problems(app: FastAPI, as_page: AsPage) -> None:
    """Let every error that the routes raise become a problem.

    as_page  request, status, headers → the problem as a page; None: whoever asks is no browser
    """

    def of_http(request: Request, error: HTTPException) -> Response:
        answer = _of_http(request, error)
        return as_page(request, error.status_code, error.headers or {}) or answer

    app.exception_handler(ApualyError)(_of_ours)
    app.exception_handler(HTTPException)(of_http)
    app.exception_handler(RequestValidationError)(_of_validation)


def note_refused(request: Request, error: ApualyError | HTTPException | RequestValidationError) -> None:
    """Let whoever counts answers know which refusal this one is."""
    if isinstance(error, RequestValidationError):
        request.state.refused = "validation"
    elif isinstance(error, ApualyError):
        request.state.refused = error.kind or type(error).__name__.removesuffix("Error").lower()


def _of_ours(request: Request, error: ApualyError) -> Response:
    note_refused(request, error)
    headers = {"WWW-Authenticate": "Bearer"} if error.status is HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(error.seconds)
    return problem_response(error.status, str(error), kind=error.kind, headers=headers)


def _of_http(request: Request, error: HTTPException) -> Response:
    detail = WHAT_TO_DO.get(error.status_code, error.detail)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed(request) or headers["Allow"]
    return problem_response(error.status_code, detail, headers=headers)


def _allowed(request: Request) -> str:
    """Return every method that the address is asked in; Starlette's own header has those of one route alone."""
    routes: Iterable[Route] = request.app.state.endpoints
    found = {
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return ", ".join(sorted(found))


def _of_validation(request: Request, error: RequestValidationError) -> Response:
    note_refused(request, error)
    faults = faults_of(error)
    detail = "what was posted is not what this address takes: see `errors`, and /openapi.json"
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=faults)


def faults_of(error: RequestValidationError) -> list[Fault]:
    """Return where and what is wrong."""
    return [_fault(each) for each in error.errors()]


def _fault(error: Mapping[str, Any]) -> Fault:
    """Return where and what is wrong; a field that nobody declared is not named, for it was posted, too."""
    place = list(error["loc"])
    if error["type"] == UNKNOWN_FIELD:
        return Fault(loc=place[:-1], msg="There is a field here that this address does not take")
    return Fault(loc=place, msg=error["msg"])


class UnhandledErrors:
    """Middleware: what nobody handled becomes a 500 problem; the log gets its type and place, never its words.

    The words of an exception may hold a value that somebody posted, and Starlette's own handling would
    hand them to the server's log.
    """

    def __init__(self, app: ASGIApp, as_page: AsPage) -> None:
        """Wrap an application; `as_page` as `handle_problems` has it."""
        self.app, self._as_page = app, as_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem when the application fails before it has begun to answer."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return  # there is nobody left to answer
        except Exception as error:
            _log.error("unhandled", extra=facts(error=type(error).__qualname__, at=place(error.__traceback__)))
            scope.setdefault("state", {})["refused"] = "unhandled"
            if scope["type"] != "http" or begun:
                raise RuntimeError("the answer broke off; the cause is in the line above") from None
            detail = "something went wrong here; whoever runs the service finds the place in its log"
            answer = self._as_page(Request(scope), HTTPStatus.INTERNAL_SERVER_ERROR, {})
            answer = answer or problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
            await answer(scope, receive, send)
