"""Where nothing may wait: the thread that listens to all connections.

A hint takes less time there than it takes to hand it to another thread and back. Whatever would wait, for another
writer, for the disk, for a model that is being loaded, says so first (`before_waiting`), and the request goes to a
thread that may.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class WouldWaitError(Exception):
    """What is asked cannot be answered at once. It is nobody's error, and nothing was done."""


class _Here(threading.local):
    at_once = False


_here = _Here()


@contextmanager
def at_once() -> Iterator[None]:
    """Let nothing wait in this thread; raises WouldWaitError where something would."""
    _here.at_once = True
    try:
        yield
    finally:
        _here.at_once = False


def waits() -> bool:
    """Return whether this thread may wait."""
    return not _here.at_once


def before_waiting() -> None:
    """Go on where this thread may wait. Raises WouldWaitError where it may not."""
    if _here.at_once:
        raise WouldWaitError
