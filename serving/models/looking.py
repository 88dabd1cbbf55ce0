"""Looks for newer approvals beside what is being answered, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from serving.logs import facts, place

from .held import Models

EVERY_SECONDS = 1.0  # the files that approvals hang on are looked at
ALL_SECONDS = 20.0  # all is asked again, whatever the files look like
_log = logging.getLogger(__name__)


class Looking:
    """Lets models be exchanged when a newer approval lands; whatever it waits for, nobody who asks waits with it."""

    def __init__(self, models: Models, steady: Callable[[], float] = time.monotonic) -> None:
        """Begin; the first look comes soon, so that what it needs of memory is there from the beginning."""
        self._models, self._steady = models, steady
        self._looked_at = float("-inf")

    def start(self) -> None:
        """Look until the process ends."""
        threading.Thread(target=self._run, name="looking", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._models.wanted.wait(EVERY_SECONDS)
            try:
                self.look()
            except Exception as error:  # told, and tried again: the thread must outlive whatever MLflow or a disk does
                _log.error("look_failed", extra=facts(error=type(error).__qualname__, at=place(error.__traceback__)))

    def look(self) -> None:
        """Look at the files; ask the registry when one changed, or when it is time."""
        self._models.wanted.clear()
        if self._models.changed() or self._steady() - self._looked_at >= ALL_SECONDS:
            self._looked_at = self._steady()
            self._models.look()
