"""Each request has an id, is timed, counted, and told in one line: its endpoint and outcome, never its address."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ml.errors import IDENTITY_CODE
from serving.logs import REQUEST, tell_of_many

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
NOWHERE = "none"  # the endpoint of what was asked at no address of ours
CLIENT_GONE = 499  # nobody was left to be answered; no status of HTTP, but the one that proxies write
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds: told only where they fail
_ID = re.compile(rb"[0-9A-Za-z_-]{8,64}")
_LETTERS = bytes.maketrans(b"0123456789", b"ghijklmnop")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answered:
    """A request that was answered; `endpoint`: the template of its address; `refused`: why not, a kind of problem."""

    method: str
    endpoint: str
    status: int
    seconds: float
    refused: str | None


class Counts(Protocol):
    """Who counts requests."""

    def began(self) -> None:
        """Count a request that somebody sent."""
        ...

    def answered(self, answered: Answered) -> None:
        """Count its answer."""
        ...


class Observed:
    """Middleware, the outermost."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        """Wrap an application."""
        self.app, self._counts = app, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; tell afterwards."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        request, status = _request_id(scope["headers"]), CLIENT_GONE
        began = state.get("arrived", time.perf_counter())
        REQUEST.set(request.decode())
        self._counts.began()

        async def identified(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request)]
            await send(message)

        try:
            await self.app(scope, receive, identified)
        finally:
            method, seconds = scope["method"], time.perf_counter() - began
            endpoint = getattr(scope.get("route"), "path", NOWHERE)
            answered = Answered(method if method in METHODS else OTHER, endpoint, status, seconds, state.get("refused"))
            self._counts.answered(answered)
            _tell(answered, state.get("role"))


def _tell(answered: Answered, role: str | None) -> None:
    if answered.endpoint in PROBES and answered.status == 200:
        return
    told: dict[str, Any] = {
        "method": answered.method,
        "endpoint": answered.endpoint,
        "status": answered.status,
        "ms": round(answered.seconds * 1000, 2),
    }
    if role is not None:
        told["role"] = role
    if answered.refused is not None:
        told["error"] = answered.refused
    level = logging.INFO if answered.status < 500 else logging.WARNING if answered.status == 503 else logging.ERROR
    tell_of_many(_log, level, "request", told)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the id that whoever asks gave the request, where it is safe to write down, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and _ID.fullmatch(value) and not IDENTITY_CODE.search(value.decode()):
            return value
    return secrets.token_hex(8).encode().translate(_LETTERS)  # without digits nothing in it reads like another's code
