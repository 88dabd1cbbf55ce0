"""The header Authorization → who asks, as one OpenID Connect provider says."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from ml.errors import AccessError

from .bearer import bearer_token
from .claims import SKEW, check
from .identity import Identity
from .issuer import Issuer
from .memory import Memory, Seen
from .person import identity_of
from .settings import ProviderSettings
from .token import LONGEST_TOKEN, TOO_LONG, read_token
from .verify import verified


class Provider:
    """One issuer. May be asked by many threads at once; asks the network when somebody has to be identified."""

    def __init__(
        self,
        settings: ProviderSettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask nothing yet.

        now     the time of day, which tokens are held against
        steady  seconds that nobody can set back; how old the provider's keys are
        """
        self._settings, self._now = settings, now
        self.issuer = Issuer(settings.issuer, steady)
        self._memory = Memory()

    def identify(self, authorization: str | None) -> Identity:
        """Return who a header's token belongs to: in microseconds when it was seen before, else it may take seconds.

        Raises AccessError when there is none or it does not hold, ForbiddenError when it names no role here,
        UnavailableError when the provider cannot be asked and nothing is known of it.
        """
        return self.remembered(authorization) or self._verified(bearer_token(authorization))

    def remembered(self, authorization: str | None) -> Identity | None:
        """Return who a header's token was found to belong to, in microseconds; None when only `identify` can tell.

        Raises AccessError when there is no token, or one too long to be looked at.
        """
        token = bearer_token(authorization)
        if len(token) > LONGEST_TOKEN:
            raise AccessError(TOO_LONG)
        seen, known = self._memory.find(token, self._now()), self.issuer.at_hand()
        if seen is None or known is None or seen.keys != known.version:
            return None
        return seen.identity

    def _verified(self, token: str) -> Identity:
        claims, keys = verified(read_token(token), self.issuer)
        expires = check(claims, self._settings.issuer, self._settings.audience, self._now())
        identity = identity_of(claims, self._settings.reading, expires)
        self._memory.keep(token, Seen(identity, expires + SKEW, keys))
        return identity
