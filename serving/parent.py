"""Gunicorn as the parent of the workers, told what to do by us and by nothing else."""

from __future__ import annotations

import errno
import logging
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from ml.errors import UnavailableError, UsageError

from .accepting import Tally
from .logs import facts
from .worker import GRACEFUL_SECONDS, Worker

IDLE_SECONDS = 5
LOST_SECONDS = 60  # a worker that says nothing for so long is replaced
UNREAD_SECONDS = 30  # an answer that nobody takes is given up
BACKLOG = 2048
_log = logging.getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address. Raises UsageError, in a line, when that cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as problem:
        raise UsageError(f"cannot listen on {host} port {port}: {problem.strerror}") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)
        listening.bind(address)
        listening.listen(BACKLOG)  # two may bind, but only one listens
    except OSError as problem:
        listening.close()
        hint = "; another program has it, name another with --port" if problem.errno == errno.EADDRINUSE else ""
        raise UsageError(f"cannot listen on {host} port {port}: {problem.strerror}{hint}") from None
    return listening


def address_of(listening: socket.socket) -> str:
    """Return the http address of a socket that listens."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Parent(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Starts workers, replaces those that die, and stops them.

    SIGTERM, SIGINT: requests in flight are answered, then all stop; SIGHUP: fresh workers take over from the old ones.
    """

    def __init__(
        self,
        listening: socket.socket,
        workers: int,
        counted: Path,
        make: Callable[[], FastAPI],
        ready: Callable[[], None],
    ) -> None:
        """Prepare; whose the socket was, it is gunicorn's from now on.

        counted  folder in which the workers count together
        make     makes the application, in each worker
        ready    called once, when the first worker answers
        """
        self._bind, self._workers, self._counted = f"fd://{listening.detach()}", workers, counted
        self._make, self._ready = make, ready
        self.tally = Tally()
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn what to do."""
        said: Mapping[str, Any] = {
            "bind": self._bind,
            "workers": self._workers,
            "worker_class": Worker,
            "graceful_timeout": GRACEFUL_SECONDS + 5,
            "timeout": LOST_SECONDS,
            "keepalive": IDLE_SECONDS,
            "backlog": BACKLOG,
            "proc_name": "apualy",
            "logger_class": _Log,
            "loglevel": "warning",
            "control_socket_disable": True,
            "raw_env": [f"PROMETHEUS_MULTIPROC_DIR={self._counted}"],
            "worker_tmp_dir": str(self._counted),
            "child_exit": self._gone,
        }
        for name, value in said.items():
            self.cfg.set(name, value)

    def load(self) -> FastAPI:
        """Return the application of a worker."""
        return self._make()

    def run(self) -> None:
        """Serve until told to stop. Raises UnavailableError when the workers cannot start."""
        parent = os.getpid()
        try:
            super().run()
        except SystemExit as end:
            if os.getpid() != parent:
                raise  # a worker leaves by the same door
            if end.code in {0, None}:
                return
            raise UnavailableError("the workers could not go on; the log above says why") from None

    def answers(self, worker: Worker) -> None:
        """Be told, in a worker, that it answers."""
        _log.info("worker_answers", extra=facts(worker=worker.pid))
        if worker.age == 1:
            self._ready()

    def _gone(self, _: Any, worker: Worker) -> None:
        """Let what a worker had open at the end no longer count; what it answered goes on to."""
        self.tally.gone(worker.age)
        for file in self._counted.glob(f"gauge_live*_{worker.pid}.db"):
            file.unlink()


class _Log(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn's lines go where ours go."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.loglevel = logging.WARNING
        self.error_log.propagate = True
