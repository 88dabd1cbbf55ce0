"""What is known of the provider: asked anew now and then, by one thread at a time, and kept while it is down."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from ml.errors import UnavailableError
from serving.logs import facts

from .published import Published, ask

FRESH_SECONDS = 600.0  # then the provider is asked anew, beside what is served
KEPT_SECONDS = 24 * 3600.0  # so long a provider that is down leaves its keys in force
BETWEEN_SECONDS = 10.0  # the provider is asked at most so often, whatever is sent to us
NOTHING_KNOWN = (
    "the identity provider cannot be asked, so nobody can be identified; "
    "its operator and the operator of this service can mend it, and the log of this service says why"
)

_log = logging.getLogger(__name__)


class Issuer:
    """The provider, as it last described itself. Nothing is asked before somebody needs it."""

    def __init__(self, issuer: str, steady: Callable[[], float] = time.monotonic) -> None:
        """Remember whom to ask.

        issuer  its address, exactly as its tokens name it
        steady  seconds that nobody can set back
        """
        self.name = issuer
        self._steady = steady
        self._asking = threading.Lock()
        self._asked_at = float("-inf")
        self._held: tuple[Published, float] | None = None  # and when it was said

    def known(self) -> Published:
        """Return what is known, at once when anything is. Raises UnavailableError when nothing is, or too long ago."""
        return self.at_hand() or self._waited_for()

    def at_hand(self) -> Published | None:
        """Return what is known, without ever waiting; None when nothing is, or too long ago."""
        held = self._usable()
        if held is None:
            return None
        if self._steady() - held[1] >= FRESH_SECONDS:
            self._ask_beside()
        return held[0]

    def asked_again(self) -> Published:
        """Return what is known, after asking anew where that is allowed now and nobody else is at it."""
        if self._due() and self._asking.acquire(blocking=False):
            try:
                if self._due():
                    self._ask()
            finally:
                self._asking.release()
        return self.known()

    def _usable(self) -> tuple[Published, float] | None:
        held = self._held
        return held if held is not None and self._steady() - held[1] < KEPT_SECONDS else None

    def _due(self) -> bool:
        return self._steady() - self._asked_at >= BETWEEN_SECONDS

    def _waited_for(self) -> Published:
        """Ask, or wait for who is asking: without an answer nobody can go on."""
        with self._asking:
            if self._usable() is None and self._due():
                self._ask()
            held = self._usable()
        if held is None:
            raise UnavailableError(NOTHING_KNOWN)
        return held[0]

    def _ask_beside(self) -> None:
        """Ask in a thread of its own, so that nobody waits."""
        if not self._due() or not self._asking.acquire(blocking=False):
            return
        try:
            threading.Thread(target=self._ask_and_release, daemon=True).start()
        except BaseException:
            self._asking.release()
            raise

    def _ask_and_release(self) -> None:
        try:
            self._ask()
        finally:
            self._asking.release()

    def _ask(self) -> None:
        """Ask, and keep what is said; a provider that does not answer is a line in the log."""
        self._asked_at = self._steady()
        try:
            published = ask(self.name)
        except UnavailableError as problem:
            held = self._usable()
            left = None if held is None else round(KEPT_SECONDS - (self._steady() - held[1]))
            _log.warning("identity_provider_unavailable", extra=facts(known_keys_last_seconds=left, why=str(problem)))
            return
        self._held = (published, self._steady())
        _log.info("identity_provider_asked", extra=facts(keys=len(published.keys)))
