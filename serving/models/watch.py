"""Whether the approved model may still be used: asked before each advice, mostly answered from memory."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ml.errors import ApualyError, GateError
from ml.governance.registry import Approved, Registry
from serving.logs import facts
from serving.waiting import before_waiting

_log = logging.getLogger(__name__)
SECONDS = 20.0  # after which all is asked again, whatever the files look like
Stamp = tuple[int, int, int] | None


class Watch:
    """The gate, asked anew when a file that it hangs on changed, when the approval ends, and every few seconds."""

    def __init__(
        self,
        registry: Registry,
        approved: Approved,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to watch a version that was found approved.

        wall    the time of day, which somebody may set back
        steady  seconds that nobody can set back
        """
        self._registry, self._approved = registry, approved
        self._watched = tuple(map(str, registry.watched(approved)))  # a Path is turned to it at each look
        self._wall, self._steady = wall, steady
        self._began, self._began_at = wall(), steady()
        self._stamps: tuple[Stamp, ...] = ()
        self._asked_at = float("-inf")

    def __call__(self) -> None:
        """Raise GateError when the version may not be used now."""
        now, stamps = self.now(), tuple(map(stamp, self._watched))
        recent = self._steady() - self._asked_at < SECONDS
        if recent and stamps == self._stamps and now < self._approved.expires:
            return
        before_waiting()  # for whoever signs, for the disk, and for the check itself: every signature of the log
        self._asked_at = float("-inf")  # a refusal is asked again each time
        try:
            self._registry.require_still_approved(self._approved, now)
        except GateError:
            raise
        except ApualyError as problem:  # of the trust file, the policy, the disk: nothing that who asks did wrong
            _log.error("gate_unreadable", extra=facts(model=self._approved.name, error=type(problem).__name__))
            raise GateError(f"nobody can say now whether {self._approved.name} may be used; its operator can") from None
        self._stamps, self._asked_at = stamps, self._steady()

    def now(self) -> datetime:
        """Return the time, which never runs behind the seconds that have passed since the start."""
        passed = self._began + timedelta(seconds=self._steady() - self._began_at)
        return max(self._wall(), passed)


def stamp(path: Path | str) -> Stamp:
    """Return what tells one state of a file from another; None where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise GateError(f"{path} cannot be looked at ({problem}); no advice until it can") from problem
    return found.st_mtime_ns, found.st_size, found.st_ino
