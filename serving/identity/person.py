"""Claims → who that is here, and what they do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ml.errors import IDENTITY_CODE, AccessError, ForbiddenError

from .claims import UNREADABLE, Claims
from .identity import Identity
from .roles import Role, roles_of

LONGEST_SUBJECT = 255
LONGEST_WORDS = 100
CLIENT = "client:"  # before the name of a machine client, so that no person's id reads as one
SUBJECT = re.compile(r"[\x21-\x7e]+")  # what fits a line of the log
NO_ROLE = (
    "you are signed in, and the identity provider gives you no role in this service; "
    "whoever grants access to it can give you one"
)
MIXED = "a machine client holds the role integration alone; whoever grants access can take the others from it"
IDENTITY_CODE_AS_SUBJECT = (
    "the identity provider names you by your identity code, which is never kept here; "
    "the operator can name another claim with APUALY_OIDC_SUBJECT_CLAIM"
)


@dataclass(frozen=True)
class Reading:
    """Where the provider's claims say what we ask: names, or dotted paths.

    meaning  value of the roles claim → role
    """

    roles: str
    meaning: Mapping[str, Role]
    subject: str
    office: str | None


def identity_of(claims: Claims, reading: Reading, expires: datetime) -> Identity:
    """Return who the claims are about.

    Raises AccessError when they do not say who, ForbiddenError when they name no role, or roles
    that do not go together.
    """
    roles = roles_of(claims.at(reading.roles), reading.meaning)
    if not roles:
        raise ForbiddenError(NO_ROLE)
    if Role.INTEGRATION in roles:
        if len(roles) > 1:
            raise ForbiddenError(MIXED)
        subject = CLIENT + _subject(claims.text("azp") or claims.text("client_id"))
    else:
        subject = _subject(claims.text(reading.subject))
        if subject.startswith(CLIENT):
            raise AccessError(UNREADABLE)
    name = claims.text("name") or claims.text("preferred_username") or subject
    office = claims.text(reading.office) if reading.office else None
    return Identity(subject, _words(name) or subject, roles, None if office is None else _words(office), expires)


def _subject(found: str | None) -> str:
    if found is None or len(found) > LONGEST_SUBJECT - len(CLIENT) or not SUBJECT.fullmatch(found):
        raise AccessError(UNREADABLE)
    if IDENTITY_CODE.search(found):
        raise ForbiddenError(IDENTITY_CODE_AS_SUBJECT)
    return found


def _words(found: str) -> str:
    """Return a name as one line that fits a screen."""
    return "".join(letter for letter in found if letter.isprintable())[:LONGEST_WORDS].strip()
