"""Tokens that were verified: known again by their digest until they expire or the provider's keys change."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from .identity import Identity

MOST_TOKENS = 10_000


@dataclass(frozen=True)
class Seen:
    """Whom a token belongs to, until when, and the version of the keys that showed it."""

    identity: Identity
    until: datetime
    keys: str


class Memory:
    """The newest tokens, by SHA-256; the tokens themselves are not kept."""

    def __init__(self, most: int = MOST_TOKENS) -> None:
        """Begin with nothing; when `most` are known, who was not seen for longest is forgotten."""
        self._most = most
        self._seen: OrderedDict[bytes, Seen] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, token: str, now: datetime) -> Seen | None:
        """Return whom a token belongs to; None when it is not known, or has expired."""
        digest = _digest(token)
        with self._lock:
            seen = self._seen.get(digest)
            if seen is None:
                return None
            if now >= seen.until:
                del self._seen[digest]
                return None
            self._seen.move_to_end(digest)
            return seen

    def keep(self, token: str, seen: Seen) -> None:
        """Remember whom a token belongs to."""
        digest = _digest(token)
        with self._lock:
            self._seen[digest] = seen
            self._seen.move_to_end(digest)
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)

    def __len__(self) -> int:
        """Return how many tokens are known."""
        return len(self._seen)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
