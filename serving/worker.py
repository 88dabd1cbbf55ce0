"""One worker: uvicorn under gunicorn, without what it would say or trust by itself, and with an end to its stopping."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import resource
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar

import uvicorn
from gunicorn.arbiter import Arbiter
from uvicorn_worker import UvicornWorker

from ml.errors import UsageError

from .accepting import Accepting
from .http.protocol import Protocol
from .logs import facts, gather_lines, place

GRACEFUL_SECONDS = 15  # for requests in flight; gunicorn ends a worker that takes longer (run.GRACEFUL_SECONDS)
MOST_CONNECTIONS = 16_384  # of one worker; each takes about 10 KB
OTHER_FILES = 256  # of those that a worker may open: the database, models, the log
M_ARENA_MAX, ARENAS = -8, 2
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_log = logging.getLogger(__name__)


class Worker(UvicornWorker):  # type: ignore[misc]  # ships no types
    """Answers HTTP; no access log of uvicorn's, which holds addresses."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "http": Protocol,
        "loop": "uvloop",
        "ws": "none",
        "lifespan": "off",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": GRACEFUL_SECONDS,
    }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Be made in the parent; uvicorn's lines go where ours go."""
        super().__init__(*arguments, **named)
        logging.getLogger("uvicorn.error").propagate = True

    def init_process(self) -> None:
        """Begin, in the process of the worker."""
        # Each thread would fill an arena of glibc's own with what one check of the gate needs now and then.
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt is not None:
            mallopt(M_ARENA_MAX, ARENAS)
        gc.disable()  # until the application is made
        super().init_process()

    def load_wsgi(self) -> None:
        """Make the application; where that fails, say so in the log and nowhere else."""
        try:
            super().load_wsgi()
        except Exception as error:
            why = {"why": str(error)} if isinstance(error, UsageError) else {}  # of the environment, not of anybody
            told = facts(error=type(error).__qualname__, at=place(error.__traceback__), **why)
            _log.critical("worker_failed", extra=told)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
        gc.freeze()  # it stays, with the models: to look through it for garbage would keep a request waiting for 0.1 s
        gc.enable()

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        Protocol.most = max(1, min(MOST_CONNECTIONS, files - OTHER_FILES))
        lines = asyncio.create_task(gather_lines())
        await _Server(self.config, self).serve(sockets=self.sockets)
        lines.cancel()


class _Server(uvicorn.Server):
    """Stops when told, and leaves by the ordinary way: uvicorn's own ends its process by the signal that it got."""

    def __init__(self, config: uvicorn.Config, worker: Worker) -> None:
        super().__init__(config)
        self._worker = worker

    async def startup(self, sockets: Any = None) -> None:
        await super().startup([])
        tally, connections = self._worker.app.tally, self.server_state.connections
        self._accepting = [
            Accepting(each.sock, self._worker.age, tally, self._protocol, lambda: len(connections)) for each in sockets
        ]
        self._worker.app.answers(self._worker)

    async def shutdown(self, sockets: Any = None) -> None:
        for each in self._accepting:
            await each.close()
        await super().shutdown(sockets)

    def _protocol(self) -> Protocol:
        return Protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def on_tick(self, counter: int) -> bool:
        for each in self._accepting:
            each.tell()
        if counter % 10 == 0:  # once a second
            self._worker.wsgi.state.counts.connections.set(len(self.server_state.connections))
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for each in STOPPING:
            loop.add_signal_handler(each, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True
