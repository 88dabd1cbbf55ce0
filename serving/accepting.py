"""Connections go to the worker that has fewest.

All workers listen on one socket. Whoever woke first would take all that wait: of eight connections that a proxy keeps
open one worker had up to eight, and the other's core had nothing to do.
"""

from __future__ import annotations

import asyncio
import errno
import mmap
import socket
from collections.abc import Callable

PATIENCE_SECONDS = 0.005  # so long a connection is left to a worker that has fewer
NO_FILE_SECONDS = 1.0  # until the next try, where no further file can be opened
NO_FILE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
PLACES, NOBODY = 256, -1


class Tally:
    """How many connections each worker has, in memory that all share: made in the parent, before it forks."""

    def __init__(self) -> None:
        """Know of no worker yet."""
        self._counts = memoryview(mmap.mmap(-1, 4 * PLACES)).cast("i")
        for place in range(PLACES):
            self._counts[place] = NOBODY

    def say(self, worker: int, connections: int) -> None:
        """Tell how many connections the worker with a number has."""
        self._counts[worker % PLACES] = connections

    def gone(self, worker: int) -> None:
        """Forget a worker."""
        self._counts[worker % PLACES] = NOBODY

    def fewest_of_others(self, worker: int) -> int | None:
        """Return how many connections the worker that has fewest has, this one apart; None: there is no other."""
        own = worker % PLACES
        return min((each for place, each in enumerate(self._counts) if place != own and each != NOBODY), default=None)


class Accepting:
    """Takes connections for one worker, one at a time."""

    def __init__(
        self, listening: socket.socket, worker: int, tally: Tally, make: Callable[[], asyncio.Protocol],
        connections: Callable[[], int],
    ) -> None:  # fmt: skip
        """Begin.

        make         makes the protocol of a connection
        connections  returns how many there are
        """
        self._listening, self._worker, self._tally = listening, worker, tally
        self._make, self._connections = make, connections
        self._loop, self._beginning = asyncio.get_running_loop(), set[asyncio.Task[None]]()
        self._closed = False
        listening.setblocking(False)
        self.tell()
        self._listen()

    def tell(self) -> int:
        """Tell the others how many connections there are here, and return it."""
        count = self._connections() + len(self._beginning)
        if not self._closed:
            self._tally.say(self._worker, count)
        return count

    async def close(self) -> None:
        """Take no more connections; those taken have begun when this returns."""
        self._closed = True
        self._loop.remove_reader(self._listening)
        self._tally.gone(self._worker)
        await asyncio.gather(*self._beginning)

    def _listen(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._listening, self._waiting)

    def _waiting(self) -> None:
        """Take the connection that waits, or leave it for a moment to a worker that has fewer."""
        fewest = self._tally.fewest_of_others(self._worker)
        if fewest is not None and self.tell() > fewest:
            self._pause(PATIENCE_SECONDS)
        else:
            self._take()

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        if not self._closed:
            self._listen()
            self._take()  # it was left long enough

    def _take(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker took it, or whoever connected is gone
        except OSError as problem:
            if problem.errno not in NO_FILE:
                raise
            self._pause(NO_FILE_SECONDS)
            return
        task = self._loop.create_task(self._begin(connection))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)
        self.tell()

    async def _begin(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._make, connection)
        except OSError:
            connection.close()  # whoever connected is gone
