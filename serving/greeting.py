"""What a server says when it starts: addresses, demo users, and a question ready to be asked."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence

import numpy as np

from ml.contracts import ColumnType, Floats
from ml.governance.registry import Approved
from ml.models.encode import Input
from ml.models.trained import TrainedModel

from .advice import Value
from .auth import User
from .permissions import can_ask_advice


def greeting(address: str, approved: Approved, model: TrainedModel, users: Sequence[User]) -> list[str]:
    """Return the lines that a newcomer needs; the tokens in them are the demo users' own."""
    caseworker = next(user for user in users if can_ask_advice(user.identity))
    example = usual_case(model)
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


def usual_case(model: TrainedModel) -> dict[str, Value]:
    """Return a case at registration that nobody would wonder at: the commonest categories, averages of the others."""
    shares, encoder = model.familiarity.mean, model.encoder
    found = {
        each.column.name: _value(each, shares[start : start + each.width])
        for start, each in zip(encoder.starts, encoder.inputs, strict=True)
    }
    if model.outcome.entry is not None:
        found[model.outcome.entry] = 0.0
    return found


def _value(each: Input, shares: Floats) -> Value:
    """Return the commonest category, None where that is missing, or the average.

    shares  of the input's design columns in the training part: missing first, then the categories
    """
    if each.is_category:
        place = int(np.argmax(shares))
        return each.categories[place - 1] if place else None
    if each.column.type is ColumnType.BOOLEAN:
        return each.center >= 0.5
    return round(each.center) if each.scale > 1 else round(each.center, 2)
