"""How often somebody may ask: so many at once, refilled evenly (the generic cell rate algorithm)."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from ml.errors import TooManyError

REMEMBERED = 10_000  # callers; whoever asked longest ago is forgotten, and has asked nothing for long


@dataclass(frozen=True)
class Rate:
    """`burst` requests at once, and `per_second` more as time passes."""

    per_second: float
    burst: int


class Limiter:
    """Counts per caller, in this worker."""

    def __init__(self, rate: Rate, steady: Callable[[], float] = time.monotonic) -> None:
        """Begin with nobody having asked."""
        self._rate, self._steady = rate, steady
        self._due: OrderedDict[str, float] = OrderedDict()  # when each caller's requests so far are paid for
        self._lock = Lock()

    def check(self, caller: str) -> None:
        """Count one request; raises TooManyError, with the seconds to wait, when it is one too many."""
        each, now = 1 / self._rate.per_second, self._steady()
        with self._lock:
            due = max(self._due.get(caller, now), now) + each
            wait = due - now - each * self._rate.burst
            if wait <= 0:
                self._due[caller] = due
                self._due.move_to_end(caller)
                if len(self._due) > REMEMBERED:
                    self._due.popitem(last=False)
                return
        raise TooManyError("too many requests; wait as long as Retry-After says", math.ceil(wait))
