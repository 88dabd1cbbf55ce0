"""Where nothing may wait: the thread that listens to all connections.

A hint takes less time there than it takes to hand it to another thread and back. Whatever would wait, for another
writer, for the disk, for a gate that is due, for a model that is being loaded, says so first (`before_waiting`), and
the request goes to a thread that may.
"""

from __future__ import annotations

import threading

MOMENT_SECONDS = 0.001  # so long nobody waits in earnest: a hint of another worker is written in a tenth of it


class WouldWaitError(Exception):
    """What is asked cannot be answered at once. It is nobody's error, and nothing was done."""


class _Here(threading.local):
    at_once = False


_here = _Here()


class AtOnce:
    """Lets nothing wait in this thread, for longer than a moment; WouldWaitError is raised where something would."""

    def __enter__(self) -> None:
        """Begin."""
        _here.at_once = True

    def __exit__(self, *_: object) -> None:
        """End, whatever happened."""
        _here.at_once = False


def waits() -> bool:
    """Return whether this thread may wait."""
    return not _here.at_once


def before_waiting() -> None:
    """Go on where this thread may wait. Raises WouldWaitError where it may not."""
    if _here.at_once:
        raise WouldWaitError
