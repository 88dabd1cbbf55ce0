"""A token and the provider's keys → the claims that the provider signed."""

from __future__ import annotations

from jwt import InvalidTokenError, PyJWK
from jwt.api_jws import PyJWS

from ml.errors import AccessError

from .claims import UNREADABLE, Claims
from .issuer import Issuer
from .key import ALGORITHMS
from .strict_json import read_object
from .token import Token

UNKNOWN_KEY = "the token is signed with a key that the identity provider does not publish; sign in again"
FORGED = "the token is not what the identity provider signed; sign in again"

_jws = PyJWS(ALGORITHMS)


def verified(token: Token, issuer: Issuer) -> tuple[Claims, str]:
    """Return what the provider signed, and the version of the keys that show it.

    Raises AccessError when it did not sign it, UnavailableError when nobody can tell.
    A key that nobody knows may be new: the provider is asked again. So it is when a token names no key, and the
    only one that it could mean did not sign it.
    """
    known = issuer.known()
    key = known.key(token.kid, token.algorithm)
    payload = _signed(key, token)
    if key is None or (token.kid is None and payload is None):
        known = issuer.asked_again()
        key = known.key(token.kid, token.algorithm)
        payload = _signed(key, token)
    if payload is None:
        raise AccessError(UNKNOWN_KEY if key is None else FORGED)
    try:
        return Claims(read_object(payload)), known.version
    except ValueError:
        raise AccessError(UNREADABLE) from None


def _signed(key: PyJWK | None, token: Token) -> bytes | None:
    """Return what the owner of a key signed; None when there is no key, or its owner did not."""
    if key is None:
        return None
    try:
        signed: bytes = _jws.decode_complete(token.written, key, [key.algorithm_name])["payload"]
    except InvalidTokenError:
        return None
    return signed
