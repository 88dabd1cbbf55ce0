"""What a server says when it starts: addresses, demo users, and a question ready to be asked."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence

from ml.contracts import ColumnType
from ml.governance.registry import Approved
from ml.models.encode import Input
from ml.models.trained import TrainedModel

from .auth import User
from .permissions import can_ask_advice


def greeting(address: str, approved: Approved, model: TrainedModel, users: Sequence[User]) -> list[str]:
    """Return the lines that a newcomer needs; the tokens in them are the demo users' own."""
    caseworker = next(user for user in users if can_ask_advice(user.identity))
    example = {each.column.name: _usual(each) for each in model.encoder.inputs}
    question = json.dumps({"inputs": example}, ensure_ascii=False).replace("'", "'\\''")
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


def address_of(listener: socket.socket) -> str:
    """Return the address that a listening socket answers at."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _usual(each: Input) -> float | bool | str | None:
    """Return a value that nobody would wonder at: the first category, or the average of the training part."""
    if each.is_category:
        return each.categories[0] if each.categories else None
    if each.column.type is ColumnType.BOOLEAN:
        return each.center >= 0.5
    return round(each.center) if each.scale > 1 else round(each.center, 2)
