"""How a request becomes a page: who asks, may they, not too often; the form, read only then; the page, in a thread.

The same way as the API's (http/endpoint.py), but for a person in a browser: without a session a page leads to the
sign-in and back, a form is shown again with all that was typed (one that came too often is read for that alone), and
what cannot be done is told in words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import URL
from starlette.exceptions import HTTPException

from ml.errors import AccessError, ApualyError, ForbiddenError, TooManyError, UnavailableError
from serving.http.body import read_body
from serving.http.problems import note_refused
from serving.identified import OVER, Entrance
from serving.identity.identity import Identity
from serving.identity.own_path import is_own_path
from serving.identity.roles import Role
from serving.identity.same_origin import check_token
from serving.identity.sessions import Session
from serving.language import Language, marked
from serving.permissions import acting
from serving.refusals import RefusedError

from .form import CSRF, MEDIA_TYPE, ONCE, OURS, FormError, faults_of, fields_of, read_form
from .once import answered_once, once_of
from .page import Away, Page, Shown, Typed, View, Visit
from .refused import GONE, Refusal, refusal_of, refused
from .rendering import Scene, rendered
from .sign_in import chosen_language

if TYPE_CHECKING:
    from serving.service import Service

LARGEST_FORM = 256 * 1024
SIGN_IN = "/sign-in"
PATH_LETTERS = "/:@!$&'()*+,;=~"  # that stand in a path as they are
NOBODY_HERE = marked("Nobody can sign in here: no identity provider is named.")
SEND_AGAIN = marked("Nothing was sent yet: your session had ended meanwhile. Look at it once more, and send it again.")
SECRET = ("passphrase",)  # is never shown again, to nobody
Refusals = (ApualyError, HTTPException, RequestValidationError)


@dataclass(frozen=True)
class SessionOver:
    """A form that was sent after its session had ended: what was typed, to be sent again after a new sign-in."""

    path: str
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Kept:
    """A form that could not be taken now: why, and what was typed, to be sent again as the one that it was.

    once, token  as they were sent: who has signed in since does not send it as theirs
    """

    refusal: Refusal
    path: str
    once: str
    token: str
    fields: Sequence[tuple[str, str]]


def routes(pages: Sequence[Page]) -> APIRouter:
    """Return the routes of pages; they are for people, so OpenAPI does not name them."""
    router = APIRouter(include_in_schema=False)
    for page in pages:
        router.add_api_route(page.path, _route(page), methods=[page.method], name=page.handler.__name__)
    return router


def _route(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        service: Service = request.app.state.service
        language = service.languages[chosen_language(request)]
        scene = Scene(language, _here(request))
        try:
            return await _answered(page, request, service, scene)
        except _SeenError as seen:
            note_refused(request, seen.refusal)
            return rendered(_refused(page, seen.refusal, language), seen.scene)
        except Refusals as refusal:
            note_refused(request, refusal)
            return rendered(_refused(page, refusal, language), scene)

    answer.__name__ = page.handler.__name__
    return answer


def _refused(page: Page, refusal: ApualyError | HTTPException | RequestValidationError, language: Language) -> View:
    """Return the page of a refusal; what a page that is open asks by itself is told in a part of that page."""
    if not page.by_itself:
        return refused(refusal, language)
    told, status = refusal_of(refusal, language)
    return View(GONE, told, status)


class _SeenError(Exception):
    """A refusal to somebody who is signed in: its page names them, and lets them go elsewhere."""

    def __init__(self, refusal: ApualyError | HTTPException | RequestValidationError, scene: Scene) -> None:
        super().__init__("refused")
        self.refusal, self.scene = refusal, scene


async def _answered(page: Page, request: Request, service: Service, scene: Scene) -> Response:
    session = await _session(page, request, service)
    if session is None and not page.open_to_all:
        return await _without_session(page, request, scene)
    who = None if session is None else session.identity
    if session is not None:
        scene = replace(scene, who=who, csrf=session.csrf_token)
    try:
        visit = await _visit(page, request, service, session, scene)
    except TooManyError as refusal:
        return await _too_soon(page, request, refusal, scene)
    except Refusals as refusal:
        raise _SeenError(refusal, scene) from None
    try:
        here = copy_context()  # the thread's lines in the log carry the id of the request, too
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(service.lanes.of(page.action), here.run, _shown, page, visit, scene)
    except UnavailableError as refusal:
        if page.method == "GET":
            raise _SeenError(refusal, scene) from None
        return _for_later(request, refusal, visit.typed.values, scene)
    except Refusals as refusal:
        raise _SeenError(refusal, scene) from None


async def _too_soon(page: Page, request: Request, refusal: TooManyError, scene: Scene) -> Response:
    """Keep a form that came too soon after the last page. Raises _SeenError where there is none, or it is too large."""
    if page.method == "GET":
        raise _SeenError(refusal, scene)
    try:
        typed = fields_of(await read_body(request, LARGEST_FORM, MEDIA_TYPE))
    except Refusals as worse:
        raise _SeenError(worse, scene) from None
    return _for_later(request, refusal, typed, scene)


def _for_later(request: Request, refusal: ApualyError, typed: Mapping[str, Sequence[str]], scene: Scene) -> Response:
    """Say why a form cannot be taken now, and keep what was typed."""
    note_refused(request, refusal)
    told, status = refusal_of(refusal, scene.language)
    sent = Typed(typed)
    kept = Kept(told, request.url.path, sent.one(ONCE), sent.one(CSRF), _kept(typed))
    return rendered(View("kept.html.jinja", kept, status), scene)


async def _session(page: Page, request: Request, service: Service) -> Session | None:
    """Return the session of a request; None: there is none, or it is over."""
    entrance: Entrance | None = service.entrance
    if entrance is None:
        if page.open_to_all:
            return None
        raise AccessError(NOBODY_HERE)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(service.lanes.prompt, partial(entrance.session, request, used=not page.by_itself))


async def _without_session(page: Page, request: Request, scene: Scene) -> Response:
    """Lead to the sign-in; what was typed is kept on the way."""
    if page.by_itself:
        told, _ = refusal_of(AccessError(OVER), scene.language)
        return rendered(View(GONE, told), scene)
    if page.method == "GET":
        return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": _sign_in_for(scene.here)})
    fields = fields_of(await read_body(request, LARGEST_FORM, MEDIA_TYPE))
    view = View("session_over.html.jinja", SessionOver(request.url.path, _kept(fields)), HTTPStatus.UNAUTHORIZED)
    return rendered(view, scene)


def _kept(fields: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return what was typed, as it can be sent again."""
    return [(name, value) for name, values in fields.items() if name not in {*OURS, *SECRET} for value in values]


def _sign_in_for(here: str) -> str:
    return f"{SIGN_IN}?return_to={quote(here, safe='')}"


async def _visit(page: Page, request: Request, service: Service, session: Session | None, scene: Scene) -> Visit:
    """Return a visit with what was typed; its form is read only now, when who asks may ask."""
    who = NOBODY if session is None else session.identity
    role = request.state.role = _role(page, who)
    if session is not None:
        service.limits.check(who.subject)
    typed = Typed()
    if page.method == "POST":
        typed = Typed(fields_of(await read_body(request, LARGEST_FORM, MEDIA_TYPE)))
    visit = Visit(
        service=service,
        who=who,
        role=role,
        body=None,
        query=None if page.query is None else _query(request, page, scene.language),
        path=request.path_params,
        headers=request.headers,
        language=scene.language,
        once=None,
        csrf=scene.csrf,
        here=scene.here,
        typed=typed,
    )
    return replace(visit, once=once_of(page, visit, request.url.path))


NOBODY = Identity("", "", frozenset(), None, datetime.max.replace(tzinfo=UTC))  # asks a page that is open to all


def _role(page: Page, who: Identity) -> str:
    """Return in which role a page is asked. Raises ForbiddenError where none of theirs may."""
    if page.open_to_all:
        return next((role.value for role in Role if role in who.roles), "")
    if page.action is None:
        return next(role for role in Role if role in who.roles)
    return acting(who, page.action)


def _shown(page: Page, visit: Visit, scene: Scene) -> Response:
    """Return the page, or the form again with what is wrong with it; that somebody was refused a client is logged."""
    try:
        return _answer(page, visit, scene)
    except RefusedError as refusal:
        visit.refuse(refusal, page.path)
        raise


def _answer(page: Page, visit: Visit, scene: Scene) -> Response:
    if page.method == "POST":
        try:
            visit = _read(page, visit)
        except _AgainError as again:
            if page.again is None:
                raise again.refusal from None
            return _again(page, replace(visit, typed=again.typed), scene, again.status)
    try:
        answer = answered_once(page, visit)
    except FormError as odd:
        if page.again is None:
            raise RequestValidationError([]) from None
        typed = replace(visit.typed, faults=odd.faults)
        return _again(page, replace(visit, typed=typed), scene, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _response(answer, visit, scene)


class _AgainError(Exception):
    """A form that is to be shown again."""

    def __init__(self, typed: Typed, status: HTTPStatus, refusal: ApualyError | RequestValidationError) -> None:
        super().__init__("again")
        self.typed, self.status, self.refusal = typed, status, refusal


def _read(page: Page, visit: Visit) -> Visit:
    """Return the visit with its form read. Raises _AgainError where the form must be shown again."""
    values = visit.typed.values
    try:
        check_token(visit.typed.one(CSRF), visit.csrf)
    except ForbiddenError as refusal:
        notice = visit.language.gettext(SEND_AGAIN)
        raise _AgainError(replace(visit.typed, notice=notice), HTTPStatus.CONFLICT, refusal) from None
    if page.form is None:
        return visit
    try:
        return replace(visit, body=read_form(values, page.form, visit.language))
    except FormError as odd:
        again = replace(visit.typed, faults=odd.faults)
        raise _AgainError(again, HTTPStatus.UNPROCESSABLE_ENTITY, RequestValidationError([])) from None


def _again(page: Page, visit: Visit, scene: Scene, status: HTTPStatus) -> Response:
    assert page.again is not None  # noqa: S101 - both callers asked
    return _response(replace(page.again(visit), status=status), visit, scene)


def _response(answer: Shown, visit: Visit, scene: Scene) -> Response:
    if isinstance(answer, View):
        return rendered(answer, replace(scene, typed=visit.typed))
    if isinstance(answer, Away):
        return Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": answer.path})
    return answer


def _query(request: Request, page: Page, language: Language) -> object:
    """Return what stands after "?". Raises RequestValidationError: a person does not type it."""
    assert page.query is not None  # noqa: S101 - the caller asked
    given: Mapping[str, str] = dict(request.query_params)
    known = {name: value for name, value in given.items() if name in page.query.model_fields and value != ""}
    try:
        return page.query.model_validate_strings(known)
    except ValidationError as error:
        raise RequestValidationError([{"loc": ("query", name)} for name in faults_of(error, language)]) from None


def _here(request: Request) -> str:
    """Return where a reader is: the page itself, or the one whose form was sent."""
    address = request.url
    if request.method != "GET":
        came_from = URL(request.headers.get("referer", ""))
        if came_from.netloc != request.headers.get("host"):
            return "/"
        address = came_from
    here = quote(address.path, safe=PATH_LETTERS) + (f"?{address.query}" if address.query else "")
    return here if is_own_path(here) else "/"  # a way back that would be refused is none
