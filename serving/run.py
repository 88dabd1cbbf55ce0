"""An approved model on an address, until it is told to stop."""

from __future__ import annotations

import json
import logging
import socket
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from ml.contracts import ColumnType
from ml.errors import UsageError
from ml.governance.registry import Approved, Registry
from ml.models import artefact
from ml.models.encode import Input
from ml.models.trained import TrainedModel

from .app import create_app
from .auth import User, demo_users
from .permissions import can_ask_advice
from .settings import Settings

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
BACKLOG = 2048


def advise(settings: Settings, registry: Registry, name: str) -> None:
    """Serve advice of the approved version of a model until interrupted.

    Raises GateError when no version may be used now, or when its artefact is not what was approved; UsageError when
    nobody can be identified at this address.
    """
    approved = registry.approved(name, datetime.now(UTC))
    with tempfile.TemporaryDirectory() as scratch:
        model = artefact.load(registry.fetch(approved, Path(scratch)), approved.digest)
    settings.require_identity_provider()
    users = demo_users(settings.home)
    app = create_app(
        settings, approved, model, users, lambda: registry.require_still_approved(approved, datetime.now(UTC))
    )
    print("\n".join(greeting(settings, approved, model, users)), flush=True)
    serve(app, settings.host, settings.port)


def greeting(settings: Settings, approved: Approved, model: TrainedModel, users: Sequence[User]) -> list[str]:
    """Return what a newcomer needs: addresses, demo users, and a question ready to be asked."""
    address = f"http://{settings.host}:{settings.port}"
    caseworker = next(user for user in users if can_ask_advice(user.identity))
    example = {each.column.name: _usual(each) for each in model.encoder.inputs}
    question = json.dumps({"inputs": example}, ensure_ascii=False)
    return [
        f"{approved.name} version {approved.version}, approved by {approved.approved_by} "
        f"until {approved.expires:%Y-%m-%d}",
        f"  {address}/v1/advice   POST, a hint about one client",
        f"  {address}/v1/model    what the model is; /v1/model/card its card; /openapi.json the API",
        "demo users:",
        *(f"  {user.identity.name:<16} {user.identity.role:<16} {user.token}" for user in users),
        "ask for a hint:",
        f"  curl {address}/v1/advice -H 'Authorization: Bearer {caseworker.token}' -H 'Accept-Language: en' \\",
        f"    -H 'Content-Type: application/json' -d '{question}'",
    ]


def _usual(each: Input) -> float | bool | str:
    """Return a value that nobody would wonder at: the first category, or the average of the training part."""
    if each.is_category:
        return each.categories[0]
    if each.column.type is ColumnType.BOOLEAN:
        return each.center >= 0.5
    return round(each.center, 0 if each.scale > 1 else 2)


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
