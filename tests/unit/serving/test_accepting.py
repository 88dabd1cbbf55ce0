"""Connections go to the worker that has fewest, here of two that listen on one socket in one loop."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable

import pytest

from serving import accepting
from serving.accepting import PLACES, Accepting, Tally


class Taken(asyncio.Protocol):
    """A connection that says who took it."""

    def __init__(self, name: bytes, open_: set[Taken]) -> None:
        self.name, self.open = name, open_

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open.add(self)
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.name)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open.discard(self)


class Shop:
    """A socket, and workers that take connections from it."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.tally, self.workers = Tally(), list[Accepting]()
        self.sockets, self.visitors = [self.listening], list[asyncio.StreamWriter]()

    def open(self, worker: int, has: int = 0) -> None:
        """Let one more worker take connections; it has some already."""
        name, open_ = str(worker).encode(), set[Taken]()
        self.sockets.append(self.listening.dup())
        self.workers.append(
            Accepting(self.sockets[-1], worker, self.tally, lambda: Taken(name, open_), lambda: len(open_) + has)
        )

    async def visit(self) -> int:
        """Return who took a connection."""
        reader, writer = await asyncio.open_connection(*self.listening.getsockname())
        self.visitors.append(writer)
        return int(await reader.read(1))

    async def close(self) -> None:
        for worker in self.workers:
            await worker.close()
        for visitor in self.visitors:
            visitor.close()
            await visitor.wait_closed()
        for each in self.sockets:
            each.close()


def in_a_loop(walk: Callable[[Shop], Awaitable[None]]) -> None:
    async def run() -> None:
        shop = Shop()
        try:
            await asyncio.wait_for(walk(shop), 30)
        finally:
            await shop.close()

    asyncio.run(run())


def test_two_workers_have_as_many() -> None:
    async def walk(shop: Shop) -> None:
        shop.open(1)
        shop.open(2)
        took = [await shop.visit() for _ in range(20)]
        assert sorted(took) == [1] * 10 + [2] * 10

    in_a_loop(walk)


def test_who_has_fewer_takes_all_until_they_have_as_many() -> None:
    async def walk(shop: Shop) -> None:
        shop.open(1, has=5)
        shop.open(2)
        took = [await shop.visit() for _ in range(9)]
        assert took[:5] == [2] * 5
        assert sorted(took[5:]) == [1, 1, 2, 2]

    in_a_loop(walk)


def test_a_connection_waits_for_nobody_who_does_not_take_it() -> None:
    """The other worker has fewer, and is busy or stuck."""

    async def walk(shop: Shop) -> None:
        shop.open(1, has=5)
        shop.tally.say(2, 0)
        assert [await shop.visit() for _ in range(3)] == [1, 1, 1]

    in_a_loop(walk)


def test_who_is_closed_or_gone_is_left_nothing() -> None:
    async def walk(shop: Shop) -> None:
        shop.open(1, has=5)
        shop.open(2)
        await shop.workers[1].close()
        assert shop.tally.fewest_of_others(1) is None
        assert await shop.visit() == 1
        shop.tally.say(3, 0)
        shop.tally.gone(3)
        assert shop.tally.fewest_of_others(1) is None

    in_a_loop(walk)


def test_places_are_used_again() -> None:
    tally = Tally()
    tally.say(7, 3)
    tally.say(7 + PLACES, 1)  # 256 workers later
    assert tally.fewest_of_others(8) == 1
    assert tally.fewest_of_others(7) is None


class Full:
    """A socket for whose connections no file is left, once."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening, self.refused = listening, 0

    def accept(self) -> tuple[socket.socket, object]:
        if not self.refused:
            self.refused += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._listening.accept()

    def setblocking(self, flag: bool) -> None:
        self._listening.setblocking(flag)

    def fileno(self) -> int:
        return self._listening.fileno()


def test_where_no_file_is_left_it_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "NO_FILE_SECONDS", 0.01)

    async def walk(shop: Shop) -> None:
        full, open_ = Full(shop.listening), set[Taken]()
        shop.workers.append(Accepting(full, 1, shop.tally, lambda: Taken(b"1", open_), lambda: len(open_)))  # type: ignore[arg-type]  # as far as it is asked
        assert await shop.visit() == 1
        assert full.refused == 1

    in_a_loop(walk)
