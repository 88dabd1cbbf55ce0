"""People of a demonstration, one of each role, with tokens that only this machine's programs can use."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ml.errors import AccessError, UsageError
from ml.governance.signing.private_file import read_private, rewrite

from .address import is_loopback
from .bearer import bearer_token
from .identity import Identity
from .roles import Role

TOKENS_FILE = "demo_tokens.json"
TOKEN_BYTES = 32
OWNER_ONLY = 0o600
DEMO = "demo"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
UNKNOWN = "the token is of nobody in this demonstration; the tokens are printed when the server starts"
OFFICE = "demo-office"
# Who signs reviews has the name that stands in the demonstration's trust file (ml/governance/signing/demo.py).
PEOPLE = {
    "demo-caseworker": ("Demo Caseworker", Role.CASEWORKER),
    "demo-caseworker-2": ("Demo Caseworker Two", Role.CASEWORKER),
    "demo-reviewer": ("Demo Ethics Reviewer", Role.ETHICS_REVIEWER),
    "demo-owner": ("Demo Service Owner", Role.ETHICS_REVIEWER),
    "demo-manager": ("Demo Service Manager", Role.SERVICE_MANAGER),
    "demo-officer": ("Demo Data Protection Officer", Role.DATA_PROTECTION_OFFICER),
    "demo-scientist": ("Demo Data Scientist", Role.DATA_SCIENTIST),
    "demo-operator": ("Demo Operator", Role.OPERATOR),
    "demo-integration": ("Demo Integration", Role.INTEGRATION),
}
LATER = ("demo-owner",)  # who came when reviews got pages; files from before hold the others
IN_OFFICE = {Role.CASEWORKER, Role.SERVICE_MANAGER}
OLD_PEOPLE = {"demo-caseworker", "demo-reviewer", "demo-scientist"}  # of version 0.1


@dataclass(frozen=True)
class DemoUser:
    """An identity and the token that shows it; the token stays out of repr and so out of logs."""

    identity: Identity
    token: str = field(repr=False)


class DemoUsers:
    """The header Authorization → who of the demonstration asks; in place of a Provider."""

    def __init__(self, users: Sequence[DemoUser]) -> None:
        """Know these people and nobody else."""
        self.users = tuple(users)
        # Looked up by digest: how long that takes tells nothing about a token.
        self._known = {_digest(user.token): user.identity for user in users}

    def identify(self, authorization: str | None) -> Identity:
        """Return who a header's token belongs to. Raises AccessError when there is none, or nobody holds it."""
        found = self._known.get(_digest(bearer_token(authorization)))
        if found is None:
            raise AccessError(UNKNOWN)
        return found

    def person(self, subject: str) -> Identity | None:
        """Return one of the people who can sign in with a browser; None: there is no such person."""
        return next((each for each in self.people if each.subject == subject), None)

    @property
    def people(self) -> tuple[Identity, ...]:
        """Return the people who can sign in with a browser, machines left out."""
        return tuple(each.identity for each in self.users if Role.INTEGRATION not in each.identity.roles)

    def remembered(self, authorization: str | None) -> Identity | None:
        """Return the same; nobody else has to be asked. Raises AccessError as `identify` does."""
        return self.identify(authorization)


def demo_users(home: Path, environment: str, host: str) -> DemoUsers:
    """Return the people of a demonstration; their tokens are made once, in `<home>/demo_tokens.json`, mode 0600.

    environment  APUALY_ENV; demo people exist in "demo" alone
    host         where the server listens; on this machine only
    Raises UsageError when either is otherwise, or the file is open to others or does not read as it was written.
    A file of version 0.1, with three people, is made anew; to a later one, whoever came since is added.
    """
    if environment != DEMO:
        raise UsageError("demo people are for demonstrations; set APUALY_OIDC_ISSUER, or APUALY_ENV=demo on 127.0.0.1")
    if not is_loopback(host):
        raise UsageError(f"demo people are for this machine only and {host} can be reached from others; use 127.0.0.1")
    path = home / TOKENS_FILE
    with _alone(home):
        if not path.exists():
            _write_tokens(path)
        held = _read(path)
        if held.keys() == OLD_PEOPLE:
            _write_tokens(path)
            held = _read(path)
        elif held.keys() == PEOPLE.keys() - set(LATER):
            _write(path, held | {name: _new(name) for name in LATER})
            held = _read(path)
    try:
        return DemoUsers([_user(name, held[name]) for name in PEOPLE])
    except (KeyError, TypeError, ValueError):
        raise _unreadable(path) from None


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one server at a time look after the tokens of a home, so that two agree on them."""
    home.mkdir(parents=True, exist_ok=True)
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _read(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(read_private(path, "the demo tokens"))
    except ValueError:
        raise _unreadable(path) from None
    if not isinstance(held, dict):
        raise _unreadable(path)
    return held


def _unreadable(path: Path) -> UsageError:
    return UsageError(f"{path} does not hold the demo tokens; remove it, and new ones are made")


def _write_tokens(path: Path) -> None:
    _write(path, {name: _new(name) for name in PEOPLE})


def _write(path: Path, tokens: Mapping[str, Any]) -> None:
    rewrite(path, (json.dumps(tokens, indent=1) + "\n").encode(), OWNER_ONLY)


def _new(name: str) -> dict[str, str]:
    _, role = PEOPLE[name]
    return {"token": secrets.token_urlsafe(TOKEN_BYTES), "role": str(role)}


def _user(name: str, held: Any) -> DemoUser:
    token, (called, role) = held["token"], PEOPLE[name]
    if not isinstance(token, str) or len(token) < TOKEN_BYTES or held["role"] != role:
        raise ValueError(name)
    office = OFFICE if role in IN_OFFICE else None
    return DemoUser(Identity(name, called, frozenset({role}), office, NEVER), token)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
