"""What a verified token claims: for whom, from when until when, and values by their name or path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ml.errors import AccessError

SKEW = timedelta(seconds=60)  # clocks of two machines differ
LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
EXPIRED = "the token has expired; sign in again"
NOT_YET = "the token is not valid yet; the clocks of the provider and this service may differ, their operators can tell"
OTHER_ISSUER = "the token was issued by another provider than the one that is trusted here"
OTHER_AUDIENCE = "the token is meant for another service; ask the provider for one for this service"
UNREADABLE = "the token does not say who and until when as OpenID Connect has it"


@dataclass(frozen=True)
class Claims:
    """The claims of a token that was verified; its repr holds none of them."""

    values: Mapping[str, Any] = field(repr=False)

    def text(self, path: str) -> str | None:
        """Return the text at a name or dotted path; None when there is none."""
        found = self.at(path)
        return found if isinstance(found, str) and found else None

    def at(self, path: str) -> Any:
        """Return what stands at a name, or else at a dotted path (`realm_access.roles`); None when nothing does."""
        if path in self.values:
            return self.values[path]
        found: Any = self.values
        for step in path.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return found

    def moment(self, name: str) -> datetime | None:
        """Return a time in seconds since 1970; None when it is not said. Raises AccessError when it is no time."""
        found = self.values.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < LATEST:
            raise AccessError(UNREADABLE)
        return datetime.fromtimestamp(found, UTC)


def check(claims: Claims, issuer: str, audience: str, now: datetime) -> datetime:
    """Return when the token expires. Raises AccessError unless it is of the issuer, for the audience and valid now."""
    if claims.values.get("iss") != issuer:
        raise AccessError(OTHER_ISSUER)
    meant_for = claims.values.get("aud")
    if audience not in (meant_for if isinstance(meant_for, list) else [meant_for]):
        raise AccessError(OTHER_AUDIENCE)
    expires = claims.moment("exp")
    if expires is None:
        raise AccessError(UNREADABLE)
    if now >= expires + SKEW:
        raise AccessError(EXPIRED)
    if any(since is not None and now < since - SKEW for since in (claims.moment("nbf"), claims.moment("iat"))):
        raise AccessError(NOT_YET)
    return expires
