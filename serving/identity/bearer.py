"""The header Authorization → the token in it."""

from __future__ import annotations

from ml.errors import AccessError

MISSING = "sign in: send the header Authorization: Bearer with your token"


def bearer_token(authorization: str | None) -> str:
    """Return the token of a header. Raises AccessError when there is no header, or one of another kind."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise AccessError(MISSING)
    return token
