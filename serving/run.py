"""An application on an address, until it is told to stop."""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI

from ml.errors import UsageError

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
BACKLOG = 2048


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until interrupted; logs go to standard error, one line an event, without addresses or bodies.

    Raises UsageError when the address cannot be listened on.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=LOG_FORMAT)
    listener = listen(host, port)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none", lifespan="off"
    )
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises UsageError when the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; choose another --port"
        ) from error
