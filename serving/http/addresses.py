"""No identity code in an address: addresses end up in histories, in the logs of proxies and on screens."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote_plus

from starlette.types import ASGIApp, Receive, Scope, Send

from ml.errors import IDENTITY_CODE

from .problems import problem_response

REFUSED = "an address must hold no identity code: post it in the body, where it is turned into a pseudonym"
ENCODED = 3  # times over that an address may be percent-encoded and still be read here


class NoIdentityCodes:
    """Middleware: what asks at an address in which an identity code can be read goes no further."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a 400 problem, or pass on."""
        if scope["type"] == "http" and _holds_code(scope["path"], scope["query_string"].decode("latin-1")):
            scope.setdefault("state", {})["refused"] = "identity-code-in-address"
            answer = problem_response(HTTPStatus.BAD_REQUEST, REFUSED, kind="identity-code-in-address")
            await answer(scope, receive, send)
            return
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
