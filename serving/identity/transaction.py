"""A sign-in under way: what the browser carries, sealed, from the first step to the last."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from ml.errors import AccessError, UsageError
from ml.governance.signing.private_file import read_private, write_new

from .own_path import own_path

LASTS_SECONDS = 600
KEY_FILE = "sign_in.key"
BEGIN_AGAIN = "this sign-in was begun elsewhere, took more than ten minutes or is over; begin again"


@dataclass(frozen=True)
class Transaction:
    """The secrets of one sign-in, and where it leads; its repr holds none of them."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    return_to: str


def new_transaction(return_to: str) -> Transaction:
    """Return a sign-in that ends at a path of this service. Raises InputError when that is no own path."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Transaction(state, nonce, verifier, own_path(return_to))


class Seal:
    """Encrypts and signs what the browser carries, so that nobody reads or changes it."""

    def __init__(self, key: bytes, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take the key of `sign_in_key`, which all workers share."""
        self._fernet, self._now = Fernet(key), now

    def close(self, transaction: Transaction) -> str:
        """Return what goes into a cookie."""
        written = json.dumps(asdict(transaction)).encode()
        return self._fernet.encrypt_at_time(written, int(self._now().timestamp())).decode("ascii")

    def open(self, sealed: str | None) -> Transaction:
        """Return what was sealed within the last ten minutes. Raises AccessError when it was not."""
        try:
            at = int(self._now().timestamp())
            read = json.loads(self._fernet.decrypt_at_time((sealed or "").encode(), LASTS_SECONDS, at))
        except (InvalidToken, UnicodeEncodeError):
            raise AccessError(BEGIN_AGAIN) from None
        return Transaction(**read)


def sign_in_key(home: Path) -> bytes:
    """Return the key in `<home>/sign_in.key`, made at the first start, mode 0600. Raises UsageError.

    Whoever deletes it makes the sign-ins under way begin again, gives clients' pages other addresses, and nothing else.
    """
    path = home / KEY_FILE
    if not path.exists():
        try:
            write_new(path, Fernet.generate_key() + b"\n")
        except UsageError:
            if not path.exists():  # else another worker was quicker, and its key stands
                raise
    key = read_private(path, "the key of sign-ins").strip()
    try:
        Fernet(key)
    except ValueError:
        raise UsageError(f"{path} holds no key of sign-ins; delete it, and a new one is made") from None
    return key
