"""The log of the process: one JSON object a line on stderr, and nothing personal in any of them (design 2.16).

Not the log of who did what, which is in the database (`store/log.py`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import select
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import MemoryHandler
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from pydantic_core import PydanticSerializationError, to_json

from ml.errors import without_identity_codes

REQUEST: ContextVar[str | None] = ContextVar("request", default=None)  # id of the request that is being answered
FRAMES = 5
LONGEST = 300  # characters of what a library says
GATHERED_SECONDS = 0.1  # so long a line of a request waits for others
MOST_GATHERED = 1000  # of them
SHOWN = 8  # characters of a pseudonym, or of another id of 32 hexadecimal digits
_WORTH_A_LOOK = re.compile(r"[0-9a-f]{6}")  # every identity code and every id holds such; few lines do
_ID = re.compile(rf"(?<![0-9a-f])([0-9a-f]{{{SHOWN}}})[0-9a-f]{{{32 - SHOWN}}}(?![0-9a-f])")


def facts(**told: Any) -> dict[str, Any]:
    """Return `extra` of a line of our own, whose message is the name of the event: ids, counts, names of things."""
    return {"facts": told}


def tell_of_many(log: logging.Logger, level: int, event: str, told: dict[str, Any]) -> None:
    """Tell what comes with every request: it may wait for others (`Gathered`), and nobody looks up where it is from."""
    if log.isEnabledFor(level):
        extra = {"facts": told, "gathered": True}
        log.handle(log.makeRecord(log.name, level, "", 0, event, (), None, extra=extra))


def place(trace: TracebackType | None) -> str:
    """Return where an exception comes from, innermost first. Its words are left out: they may hold what was posted."""
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return "<".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def without_personal(line: str) -> str:
    """Return a line with identity codes struck out and pseudonyms shortened: the last thing that happens to it."""
    if _WORTH_A_LOOK.search(line) is None:
        return line
    return _ID.sub(r"\1…", without_identity_codes(line))


class JsonLines(logging.Formatter):
    """A record as one line of JSON: ts, level, event, request, and the facts of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Of a library's record it holds the first line of what it says; of an exception no words."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {"ts": at, "level": record.levelname.lower()}
        try:
            return without_personal(_encoded(line | _told(record)))
        except Exception as odd:  # of a library's arguments; `logging` would print them as they are
            return _encoded(line | {"event": "line_failed", "logger": record.name, "error": type(odd).__qualname__})


def _told(record: logging.LogRecord) -> dict[str, Any]:
    ours: dict[str, Any] | None = getattr(record, "facts", None)
    request: str | None = record.request if hasattr(record, "request") else REQUEST.get()
    if ours is None:
        says = record.getMessage().strip().partition("\n")[0][:LONGEST]
        told = {"event": "library", "logger": record.name, "says": says}
    else:
        told = {"event": record.msg, **ours}
    if request is not None:
        told.setdefault("request", request)
    if record.exc_info and record.exc_info[0] is not None:
        told |= {"error": record.exc_info[0].__qualname__, "at": place(record.exc_info[2])}
    return told


def _encoded(line: dict[str, Any]) -> str:
    try:
        return to_json(line, fallback=str).decode()
    except PydanticSerializationError:  # no UTF-8: a library names a file, or says what somebody sent
        return json.dumps(line, default=str)


class Gathered(MemoryHandler):
    """Keeps lines that may wait for a tenth of a second, or until many have come, or another: then all are written.

    A line by itself takes four times as long as one of a few dozen, and is on the way of an answer.
    """

    def __init__(self, target: logging.StreamHandler[Any]) -> None:
        """Keep them for another handler."""
        super().__init__(MOST_GATHERED, flushLevel=logging.WARNING, target=target)
        self._stream = target

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, with the id of the request that it belongs to."""
        record.request = REQUEST.get()
        super().emit(record)

    def flush(self) -> None:
        """Write what is kept."""
        self.acquire()
        try:
            kept, self.buffer = self.buffer, []
            for lines in together([f"{self._stream.format(each)}\n" for each in kept]):
                try:
                    self._stream.stream.write(lines)
                    self._stream.flush()
                except Exception:  # whatever a stream says, as every handler of `logging` does; the next are tried
                    self.handleError(kept[-1])
        finally:
            self.release()

    def shouldFlush(self, record: logging.LogRecord) -> bool:  # noqa: N802  # its name in `logging`
        """Return whether all must be written now."""
        return not hasattr(record, "gathered") or super().shouldFlush(record)


def together(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines, as many at a time as no other worker's can come between (POSIX: what a pipe takes as one)."""
    joined = ""
    for line in lines:
        if joined and len(f"{joined}{line}".encode()) > select.PIPE_BUF:
            yield joined
            joined = ""
        joined += line
    if joined:
        yield joined


async def gather_lines() -> None:
    """Let the lines of this process, all of whose handlers are ours, be written together, until it is cancelled.

    Not by a thread: whoever answers would wait for that one at each line. What is left at the end of the process is
    written by `logging`.
    """
    root = logging.getLogger()
    root.handlers[:] = gathered = [Gathered(cast("logging.StreamHandler[Any]", each)) for each in root.handlers]
    while True:
        await asyncio.sleep(GATHERED_SECONDS)
        for each in gathered:
            each.flush()


def log_to_stderr() -> None:
    """Let every logger of this process, and of those that it forks, write such lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("serving").setLevel(logging.INFO)
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    told = facts(error=failed.exc_type.__qualname__, at=place(failed.exc_traceback))
    logging.getLogger(__name__).error("thread_failed", extra=told)
