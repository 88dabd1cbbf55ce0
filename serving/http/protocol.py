"""HTTP/1.1 on one connection, with an end to everything: time to say what is asked, size of a head, connections.

uvicorn's own protocol waits for ever for a request that somebody began, takes heads of any size, and refuses in plain
text. What is refused here is a problem (RFC 9457) like everything else.
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import Any, cast

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .headers import SECURITY_HEADERS, raw
from .problems import problem_response

WHOLE_REQUEST_SECONDS = 10.0  # from the connection, or from a request's first byte, to its last
LAST_CALL_SECONDS = 1.0  # for the question of who connected to a worker that was told to stop
LARGEST_HEAD = 64 * 1024
BEYOND = 64  # connections beyond the most that are told so; further ones are dropped
RETRY_SECONDS = "5"
UNREADABLE = "what was sent is no HTTP/1.1 request"
TOO_SLOW = f"the request did not arrive whole within {WHOLE_REQUEST_SECONDS:.0f} seconds"
HEAD_TOO_LARGE = f"the request's head is larger than {LARGEST_HEAD // 1024} KiB"
TOO_MANY = "there are too many connections; try again"


async def too_many_connections(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there are too many connections, in place of the application."""
    headers = {**SECURITY_HEADERS, "Connection": "close", "Retry-After": RETRY_SECONDS}
    answer = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, TOO_MANY, kind="too-many-connections", headers=headers)
    await answer(scope, receive, send)


class Protocol(HttpToolsProtocol):
    """One connection.

    most  how many connections this worker has at once; set when the worker starts, from the files it may open
    """

    most: int = 1024

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Begin with nothing received."""
        super().__init__(*arguments, **named)
        self._head_bytes = 0  # of a head that is not whole yet
        self._under_way = False  # a request began and is not whole yet
        self._too_slow: asyncio.TimerHandle | None = None
        self._last = False  # what is asked next is the last that is answered here

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, for so long; one too many is told so, or dropped."""
        super().connection_made(cast("asyncio.Transport", transport))
        if len(self.connections) > self.most + BEYOND:
            self.transport.abort()
            return
        if len(self.connections) > self.most:
            self.app = cast("Any", too_many_connections)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; whoever takes too long over one request is told so."""
        super().data_received(data)
        if self._under_way:
            if self._head_bytes >= 0:
                self._head_bytes += len(data)
                if self._head_bytes > LARGEST_HEAD:
                    self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, HEAD_TOO_LARGE)
                    return
            if self._too_slow is None:
                self._wait()
        elif self._too_slow is not None and self.cycle is not None:
            self._wait_no_more()

    def on_message_begin(self) -> None:
        """Notice that a request begins."""
        self._under_way, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Notice that a head is whole; what is answered is timed from here, however long it waits for its turn."""
        self._head_bytes = -1
        self.scope["state"]["arrived"] = time.perf_counter()
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Notice that a request is whole."""
        self._under_way = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer that this cannot be read, as a problem."""
        self._refuse(HTTPStatus.BAD_REQUEST, UNREADABLE)

    def shutdown(self) -> None:
        """Begin to leave: an idle connection is closed; who connected just now, or is asking, is answered once more."""
        if self.cycle is None or (self._under_way and self.cycle.response_complete):
            self._last = True
            self.loop.call_later(LAST_CALL_SECONDS, self._leave)
        else:
            super().shutdown()

    def _leave(self) -> None:
        if self.cycle is None and not self._under_way:
            self.transport.close()

    def _wait(self) -> None:
        self._too_slow = self.loop.call_later(WHOLE_REQUEST_SECONDS, self._waited)

    def _wait_no_more(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None

    def _waited(self) -> None:
        """Close a connection on which nothing whole arrived; tell who had begun to ask."""
        self._too_slow = None
        if self._under_way:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW)
        elif self.cycle is None and not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer with a problem, unless an answer has begun, and close."""
        self._wait_no_more()
        cycle = self.cycle
        answering = cycle is not None and not cycle.response_complete
        if not self.transport.is_closing() and not (answering and cycle.response_started):
            self.transport.write(_written(status, detail, self.server_state.default_headers))
        if answering:  # whoever waits for the rest of the body is told that nobody is there any more
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()


def _written(status: HTTPStatus, detail: str, default: list[tuple[bytes, bytes]]) -> bytes:
    """Return a problem as it goes over the wire."""
    answer = problem_response(status, detail)
    headers = [*default, *answer.raw_headers, *raw(SECURITY_HEADERS), (b"connection", b"close")]
    lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode()), *(b"%s: %s" % each for each in headers)]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
