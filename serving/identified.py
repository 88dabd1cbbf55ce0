"""Who asks: by the header Authorization, or on the pages by the cookie of a session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from ml.errors import AccessError

from .identity.address import named_on_this_machine
from .identity.cookie import Cookie, cookie_name
from .identity.demo import DemoUsers
from .identity.identity import Identity
from .identity.provider import Provider
from .identity.same_origin import CSRF_HEADER, READS, check_origin, check_token
from .identity.sessions import Session, Sessions
from .identity.sign_in import SignIn

OVER = "your session is over; sign in again"


@dataclass(frozen=True)
class Identified:
    """Finds out who asks.

    people      who knows bearer tokens
    sessions    of those who signed in on the pages; None: nobody does here
    public_url  where browsers find the pages; None: on this machine, under whichever name of it they used
    """

    people: Provider | DemoUsers
    sessions: Sessions | None = None
    public_url: str | None = None

    def __call__(self, request: Request) -> Identity:
        """Return who asks; may ask the provider or the database.

        Raises AccessError where nobody shows who they are, ForbiddenError where a page of another site sent a write,
        or without `public_url` where the browser was led here under a name that is not this machine's.
        """
        if self._by_session(request):
            return self._writing_session(request).identity
        return self.people.identify(request.headers.get("authorization"))

    def remembered(self, request: Request) -> Identity | None:
        """Return who asks, where it is known without asking anybody."""
        return None if self._by_session(request) else self.people.remembered(request.headers.get("authorization"))

    def session(self, request: Request, *, used: bool = True) -> Session | None:
        """Return the session of a request; None where there is none, or it is over. Raises ForbiddenError as above.

        The token of a write is still to be checked.
        """
        # Asked first: a page of another site learns nothing, whoever is signed in.
        check_origin(request.method, request.headers, self._address(request))
        return None if self.sessions is None else self.sessions.find(request.cookies.get(self.cookie), used=used)

    @property
    def cookie(self) -> str:
        """Return how the cookie of a session is called."""
        return cookie_name("session", (self.public_url or "").startswith("https:"))

    def _address(self, request: Request) -> str:
        return self.public_url or named_on_this_machine(request.headers.get("host"))

    def _by_session(self, request: Request) -> bool:
        return self.sessions is not None and "authorization" not in request.headers and self.cookie in request.cookies

    def _writing_session(self, request: Request) -> Session:
        """Return the session of a request of the API, which shows the token in a header."""
        found = self.session(request)
        if found is None:
            raise AccessError(OVER)
        if request.method not in READS:
            check_token(request.headers.get(CSRF_HEADER, ""), found.csrf_token)
        return found


@dataclass(frozen=True)
class Entrance:
    """Where people of a browser come in, and what they are known by afterwards.

    sign_in   the provider's flow; None: there is no provider
    demo      the people of a demonstration, to choose from; None: this is none
    over_tls  browsers reach the pages by https
    """

    sessions: Sessions
    identified: Identified
    over_tls: bool
    sign_in: SignIn | None = None
    demo: DemoUsers | None = None

    def session(self, request: Request, *, used: bool = True) -> Session | None:
        """Return the session of a request; None where there is none, or it is over.

        used  by a person: what a page asks by itself does not keep a session alive
        Raises ForbiddenError where a page of another site sent a write, or where a demonstration was reached under a
        name that is not this machine's. The token of a write is still to be checked: `check_token`.
        """
        return self.identified.session(request, used=used)

    def cookie(self, value: str, seconds: int) -> Cookie:
        """Return the cookie of a session."""
        return Cookie(self.identified.cookie, value, seconds, self.over_tls)
