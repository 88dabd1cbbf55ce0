"""A signed token (JWS, RFC 7515), and what it says of itself, which nobody has verified yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jwt.utils import base64url_decode

from ml.errors import AccessError

from .key import ALGORITHMS, LONGEST_KID
from .strict_json import read_object

LONGEST_TOKEN = 8 * 1024  # characters
COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")  # PyJWT would take padding, too
TYPES = ("JWT", "jwt", "at+jwt", "application/at+jwt")  # other kinds of token, as of a sign-out, are no proof here
TOO_LONG = f"the token is longer than {LONGEST_TOKEN // 1024} KiB"
NO_TOKEN = "the token is none that an identity provider signs"  # noqa: S105 - a message, no token
OTHER_ALGORITHM = f"the token is not signed in a way that is accepted here ({', '.join(ALGORITHMS)})"


@dataclass(frozen=True)
class Token:
    """A token as it was sent, and algorithm and key as it names them. Its repr holds none of it."""

    algorithm: str
    kid: str | None = field(repr=False)
    written: str = field(repr=False)


def read_token(written: str) -> Token:
    """Return a token and what it names. Raises AccessError when it is none, or signed in a way that is never accepted.

    Keys that a token brings along, or says where to find (`jwk`, `jku`, `x5c`, `x5u`), are never looked at.
    """
    if len(written) > LONGEST_TOKEN:
        raise AccessError(TOO_LONG)
    compact = COMPACT.fullmatch(written)
    if compact is None:
        raise AccessError(NO_TOKEN)
    try:
        header = read_object(base64url_decode(compact[1]))
    except ValueError:
        raise AccessError(NO_TOKEN) from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise AccessError(OTHER_ALGORITHM)
    understood = header.get("typ", "JWT") in TYPES and "crit" not in header and "b64" not in header
    if not understood or not (kid is None or (isinstance(kid, str) and 0 < len(kid) <= LONGEST_KID)):
        raise AccessError(NO_TOKEN)
    return Token(str(algorithm), kid, written)
