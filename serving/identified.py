"""Who asks: by the header Authorization, or on the pages by the cookie of a session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from ml.errors import AccessError

from .identity.cookie import Cookie, cookie_name
from .identity.demo import DemoUsers
from .identity.identity import Identity
from .identity.provider import Provider
from .identity.same_origin import check_same_origin
from .identity.sessions import Session, Sessions
from .identity.sign_in import SignIn

OVER = "your session is over; sign in again"


@dataclass(frozen=True)
class Identified:
    """Finds out who asks.

    people      who knows bearer tokens
    sessions    of those who signed in on the pages at `public_url`; None: nobody does here
    """

    people: Provider | DemoUsers
    sessions: Sessions | None = None
    public_url: str = ""

    def __call__(self, request: Request) -> Identity:
        """Return who asks; may ask the provider or the database.

        Raises AccessError where nobody shows who they are, ForbiddenError where a page of another site sent a write.
        """
        if self._by_session(request):
            return self.session(request).identity
        return self.people.identify(request.headers.get("authorization"))

    def remembered(self, request: Request) -> Identity | None:
        """Return who asks, where it is known without asking anybody."""
        return None if self._by_session(request) else self.people.remembered(request.headers.get("authorization"))

    def session(self, request: Request) -> Session:
        """Return the session of a request. Raises AccessError where there is none, ForbiddenError as above."""
        found = None if self.sessions is None else self.sessions.find(request.cookies.get(self.cookie))
        if found is None:
            raise AccessError(OVER)
        check_same_origin(request.method, request.headers, found, self.public_url)
        return found

    @property
    def cookie(self) -> str:
        """Return how the cookie of a session is called."""
        return cookie_name("session", self.public_url.startswith("https:"))

    def _by_session(self, request: Request) -> bool:
        return self.sessions is not None and "authorization" not in request.headers and self.cookie in request.cookies


@dataclass(frozen=True)
class Pages:
    """Where people sign in: the flow with the provider, the sessions it leads to, and who asks by them."""

    sign_in: SignIn
    sessions: Sessions
    identified: Identified
    over_tls: bool

    def cookie(self, value: str, seconds: int) -> Cookie:
        """Return the cookie of a session."""
        return Cookie(self.identified.cookie, value, seconds, self.over_tls)
