"""Ids of what the service keeps: nobody guesses one, and they sort by time, so that their index grows at its end."""

from __future__ import annotations

import secrets
from datetime import datetime


def new_id(at: datetime) -> str:
    """Return 32 hexadecimal digits: milliseconds of a time, then 80 bits of chance."""
    return f"{int(at.timestamp() * 1000):012x}{secrets.token_hex(10)}"
