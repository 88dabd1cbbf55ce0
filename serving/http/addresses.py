"""No identity code in an address: addresses end up in histories, in the logs of proxies and on screens."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ml.errors import IDENTITY_CODE

from .problems import AsPage, problem_response

REFUSED = "an address must hold no identity code: post it in the body, where it is turned into a pseudonym"
KIND = "identity-code-in-address"
TOO_LONG = "no address here is as long as this one"
LONGEST_PATH = 1024  # characters; Python reads no number of more than 4300 digits
ENCODED = 3  # times over that an address may be percent-encoded and still be read here


class NoIdentityCodes:
    """Middleware: what asks at an address in which an identity code can be read goes no further."""

    def __init__(self, app: ASGIApp, as_page: AsPage) -> None:
        """Wrap an application; `as_page` as `handle_problems` has it."""
        self.app, self._as_page = app, as_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif len(scope["path"]) > LONGEST_PATH:
            await problem_response(HTTPStatus.REQUEST_URI_TOO_LONG, TOO_LONG)(scope, receive, send)
        elif _holds_code(scope["path"], scope["query_string"].decode("latin-1")):
            scope.setdefault("state", {})["refused"] = KIND
            answer = self._as_page(Request(scope), HTTPStatus.BAD_REQUEST, {})
            await (answer or problem_response(HTTPStatus.BAD_REQUEST, REFUSED, kind=KIND))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _holds_code(path: str, query: str) -> bool:
    address = f"{path}?{query}"
    for _ in range(ENCODED):
        if IDENTITY_CODE.search(address) is not None:
            return True
        if "%" not in address and "+" not in address:
            return False
        address = unquote_plus(address)
    return IDENTITY_CODE.search(address) is not None
