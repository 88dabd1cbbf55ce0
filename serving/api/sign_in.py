"""Signing in and out on the pages, through the identity provider; and who one is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from serving.http.endpoint import Asked, Endpoint
from serving.identified import Pages
from serving.identity.cookie import Cookie
from serving.identity.identity import Identity
from serving.identity.sessions import LONGEST
from serving.identity.sign_in import REDIRECT_PATH, SIGNED_OUT_PATH
from serving.permissions import Action
from serving.store.log import Event
from serving.wire.wire import Wire

if TYPE_CHECKING:
    from serving.service import Service


class Me(Wire):
    """Who asks, as the identity provider says."""

    subject: str
    name: str
    roles: list[str]
    office: str | None
    expires: datetime


class Signed(Wire):
    """The token that writes of the pages show (header X-CSRF-Token)."""

    csrf_token: str


def see_me(asked: Asked) -> Me:
    """Return who one is here, and in which roles."""
    who = asked.who
    roles = sorted(role.value for role in who.roles)
    return Me(subject=who.subject, name=who.name, roles=roles, office=who.office, expires=who.expires)


def routes(pages: Pages) -> APIRouter:
    """Return the routes of signing in and out; they belong to people in a browser, not to the API."""
    router = APIRouter(include_in_schema=False)
    for path, method, answer in (
        ("/sign-in", "GET", _begin),
        (REDIRECT_PATH, "GET", _complete),
        ("/sign-in/session", "GET", _session),
        ("/sign-out", "POST", _sign_out),
        (SIGNED_OUT_PATH, "GET", _signed_out),
    ):
        router.add_api_route(path, _in_thread(answer, pages), methods=[method], response_class=Response)
    return router


Answer = Callable[[Request, "Service", Pages], Response]


def _in_thread(answer: Answer, pages: Pages) -> Callable[[Request], object]:
    async def route(request: Request) -> Response:
        service: Service = request.app.state.service
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(service.threads, answer, request, service, pages)

    return route


def _begin(request: Request, _: Service, pages: Pages) -> Response:
    address, cookie = pages.sign_in.begin(request.query_params.get("return_to", "/"))
    return _away(address, cookie)


def _complete(request: Request, service: Service, pages: Pages) -> Response:
    asked, flow = request.query_params, pages.sign_in
    came = flow.complete(
        asked.get("code"), asked.get("state"), request.cookies.get(flow.cookie_name), asked.get("error")
    )
    opened = pages.sessions.open(came.identity)
    _log(service, "sign-in", came.identity)
    cookie = pages.cookie(opened.session_id, int(LONGEST.total_seconds()))
    return _away(came.return_to, flow.over(), cookie)


def _session(request: Request, _: Service, pages: Pages) -> Response:
    token = pages.identified.session(request).csrf_token
    return Response(Signed(csrf_token=token).model_dump_json(), media_type="application/json")


def _sign_out(request: Request, service: Service, pages: Pages) -> Response:
    who = pages.identified.session(request).identity
    pages.sessions.close(request.cookies[pages.identified.cookie])
    _log(service, "sign-out", who)
    return _away(pages.sign_in.sign_out_address() or SIGNED_OUT_PATH, pages.cookie("", 0))


def _signed_out(_: Request, __: Service, ___: Pages) -> Response:
    return Response("You are signed out. / Olet kirjautunut ulos. / Du är utloggad.\n", media_type="text/plain")


def _away(address: str, *cookies: Cookie) -> Response:
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": address})
    for cookie in cookies:
        answer.headers.append("Set-Cookie", cookie.header())
    return answer


def _log(service: Service, action: str, who: Identity) -> None:
    with service.database.recording(Event(action, who.subject, " ".join(sorted(who.roles)))):
        pass  # the session is a table of its own; this is the log's entry of it


ENDPOINTS = (Endpoint("GET", "/v1/me", Action.SEE_MODELS, see_me, "identity", answer=Me),)
