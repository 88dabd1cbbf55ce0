"""JSON in which everything is said once: what other readers may understand differently is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def read_object(text: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises ValueError when it is none, says a name twice, or holds NaN or infinity."""
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is said twice")
    return found


def _no_number(_: str) -> Any:
    raise ValueError("a number that is none")
