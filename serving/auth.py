"""Who is asking: bearer tokens, and the demo users that hold them."""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ml.errors import AccessError, UsageError

TOKENS_FILE = "demo_tokens.json"
TOKEN_BYTES = 32
OWNER_ONLY = 0o600
NO_TOKEN = "sign in: send the header Authorization: Bearer with your token"  # noqa: S105 - a message, no token
WRONG_TOKEN = "the token is not known here"  # noqa: S105 - a message, no token


class Role(StrEnum):
    """What somebody does here."""

    CASEWORKER = "caseworker"
    ETHICS_REVIEWER = "ethics_reviewer"
    DATA_SCIENTIST = "data_scientist"


DEMO_ROLES = {
    "demo-caseworker": Role.CASEWORKER,
    "demo-reviewer": Role.ETHICS_REVIEWER,
    "demo-scientist": Role.DATA_SCIENTIST,
}


@dataclass(frozen=True)
class Identity:
    """A member of staff who has shown who they are."""

    name: str
    role: Role


@dataclass(frozen=True)
class User:
    """An identity and the token that shows it; the token stays out of repr and so out of logs."""

    identity: Identity
    token: str = field(repr=False)


def identify(authorization: str | None, users: Sequence[User]) -> Identity:
    """Return who the header's token belongs to.

    Raises AccessError when there is none, it is malformed, or nobody holds it. Every token is compared in
    constant time, and all of them are, so that time tells nothing.
    """
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise AccessError(NO_TOKEN)
    held = [user.identity for user in users if hmac.compare_digest(user.token.encode(), token.encode())]
    if not held:
        raise AccessError(WRONG_TOKEN)
    return held[0]


def demo_users(home: Path) -> tuple[User, ...]:
    """Return the demo users; their random tokens are made once and kept in `<home>/demo_tokens.json`, mode 0600.

    Raises UsageError when that file is open to others or does not read as it was written.
    """
    path = home / TOKENS_FILE
    if not path.exists():
        _write_new_tokens(path)
    if path.stat().st_mode & ~OWNER_ONLY & 0o777:
        raise UsageError(f"others can read the tokens in {path}; remove it, and new ones are made")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        users = tuple(_user(name, held[name]) for name in DEMO_ROLES)
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path} does not hold the demo tokens; remove it, and new ones are made") from None
    return users


def _user(name: str, held: Any) -> User:
    token = held["token"]
    if not isinstance(token, str) or len(token) < TOKEN_BYTES or held["role"] != DEMO_ROLES[name]:
        raise ValueError(name)
    return User(Identity(name, DEMO_ROLES[name]), token)


def _write_new_tokens(path: Path) -> None:
    """Write the file whole or not at all; when two servers start at once, the first one's tokens stand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tokens = {
        name: {"token": secrets.token_urlsafe(TOKEN_BYTES), "role": str(role)} for name, role in DEMO_ROLES.items()
    }
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(tokens, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
