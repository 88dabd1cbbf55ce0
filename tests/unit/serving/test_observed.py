"""A request is timed from when its head was read: what waits for its turn to be answered is slow, too."""

from __future__ import annotations

import asyncio
import time

import pytest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from serving.http.observed import Answered, Observed


class Noted:
    """Counts of one request."""

    def __init__(self) -> None:
        self.answers: list[Answered] = []

    def began(self) -> None:
        assert not self.answers

    def answered(self, answered: Answered) -> None:
        self.answers.append(answered)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(b"{}")(scope, receive, send)


@pytest.mark.parametrize(("waited", "told"), [(None, 0.0), (2.0, 2.0)])
def test_it_is_timed_from_its_head_on(waited: float | None, told: float) -> None:
    counts = Noted()
    state = {} if waited is None else {"arrived": time.perf_counter() - waited}
    scope = {"type": "http", "method": "GET", "path": "/healthz", "headers": [], "state": state}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        pass

    asyncio.run(Observed(app, counts)(scope, receive, send))
    (answer,) = counts.answers
    assert answer.status == 200
    assert told <= answer.seconds < told + 1
