"""An approved model on an address, until it is told to stop."""

from __future__ import annotations

import logging
import socket
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from ml.errors import UsageError
from ml.governance.registry import Registry
from ml.models import artefact

from .app import create_app
from .auth import demo_users
from .greeting import address_of, greeting
from .settings import Settings
from .watch import Watch

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
BACKLOG = 2048


def advise(settings: Settings, registry: Registry, name: str) -> None:
    """Serve advice of the approved version of a model until interrupted.

    Raises GateError when no version may be used now, or when its artefact is not what was approved; UsageError when
    nobody can be identified at this address.
    """
    approved = registry.load_approved(name, datetime.now(UTC))
    with tempfile.TemporaryDirectory() as scratch:
        model = artefact.load(registry.fetch(approved, Path(scratch)), approved.digest)
    settings.require_identity_provider()
    users = demo_users(settings.home)
    app = create_app(settings, approved, model, users, Watch(registry, approved))
    with listen(settings.host, settings.port) as listener:
        print("\n".join(greeting(address_of(listener), approved, model, users)), flush=True)
        serve(app, listener)


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Serve until interrupted; logs go to standard error, one line an event, without addresses or bodies."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=LOG_FORMAT)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none", lifespan="off"
    )
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises UsageError when the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; choose another --port"
        ) from error
    # asyncio does not do this for a socket that it was handed; without it an answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
