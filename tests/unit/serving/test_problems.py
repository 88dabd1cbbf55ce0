"""Errors as problems: nothing posted is echoed or logged, and a body stays within its size."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.body import read_body
from serving.http.headers import SecurityHeaders
from serving.http.problems import UnhandledErrors, problem_response

SECRET = "010190-123A"
LARGEST = 64 * 1024


def call(app: ASGIApp, chunks: Iterable[bytes] = (b"",), headers: Iterable[tuple[bytes, bytes]] = ()) -> list[Message]:
    """Return the messages that an application sends in answer to a POST."""
    pieces = list(chunks)
    sent: list[Message] = []

    async def receive() -> Message:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": list(headers), "query_string": b""}
    asyncio.run(_finish(app(scope, receive, send)))
    return sent


async def _finish(answer: Awaitable[None]) -> None:
    await answer


def no_page(request: Request, status: int, headers: Mapping[str, str]) -> Response | None:
    """Return that a program asks, and no browser."""
    return None


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError(f"could not convert {SECRET}")


async def leaves(scope: Scope, receive: Receive, send: Send) -> None:
    raise ClientDisconnect


async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError(SECRET)


async def reads(scope: Scope, receive: Receive, send: Send) -> None:
    body = await read_body(Request(scope, receive), LARGEST)
    await problem_response(418, str(len(body)))(scope, receive, send)


def test_what_nobody_handled_is_a_problem_without_details(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        start, body = call(UnhandledErrors(fails, no_page))
    problem: dict[str, Any] = json.loads(body["body"])
    assert start["status"] == problem["status"] == 500
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert SECRET not in body["body"].decode() + caplog.text
    (record,) = (each for each in caplog.records if each.name.startswith("serving"))
    assert vars(record)["facts"]["error"] == "ValueError"
    assert vars(record)["facts"]["at"].startswith("test_problems.py:")


def test_whoever_left_gets_no_answer_and_no_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert call(UnhandledErrors(leaves, no_page)) == []
    assert not caplog.records


def test_an_answer_that_breaks_off_tells_the_server_nothing_personal() -> None:
    with pytest.raises(RuntimeError, match="broke off") as error:
        call(UnhandledErrors(breaks_off, no_page))
    assert SECRET not in str(error.value)
    assert error.value.__suppress_context__


def test_a_problem_holds_no_identity_code() -> None:
    assert SECRET.encode() not in bytes(problem_response(400, f"no {SECRET} here").body)


@pytest.mark.parametrize(
    ("headers", "chunks", "status"),
    [
        ([], [b"x" * LARGEST], 418),
        ([(b"content-length", b"%d" % LARGEST)], [b"x" * LARGEST], 418),
        ([(b"content-length", b"%d" % (LARGEST + 1))], [], 413),  # nothing of it is read
        ([(b"content-length", b"5")], [b"x" * (LARGEST + 1)], 413),  # a lie
        ([(b"content-length", b"-5")], [b"x" * (LARGEST + 1)], 413),
        ([], [b"x" * 30_000] * 10, 413),
    ],
)
def test_the_size_of_a_body(headers: list[tuple[bytes, bytes]], chunks: list[bytes], status: int) -> None:
    said = [(b"content-type", b"application/json"), *headers]
    start, _ = call(UnhandledErrors(handled(reads), no_page), chunks, said)
    assert start["status"] == status


def handled(app: ASGIApp) -> ASGIApp:
    """Return the application with HTTPException turned into its status, as Starlette does."""
    from starlette.middleware.exceptions import ExceptionMiddleware

    return ExceptionMiddleware(app)


def test_an_answer_keeps_headers_of_its_own() -> None:
    async def cached(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"max-age=60")]})

    (start,) = call(SecurityHeaders(cached, over_tls=False))
    headers = dict(start["headers"])
    assert headers[b"cache-control"] == b"max-age=60"
    assert headers[b"x-content-type-options"] == b"nosniff"
